//! Which route a request takes.

use std::collections::BTreeMap;

use axum::http::Method;
use percent_encoding::percent_decode_str;

use sam::template::Route;

/// The routes, the most specific first.
pub(crate) struct Routes {
    routes: Vec<(Vec<Segment>, Route)>,
    /// What answers when none of them fits.
    default: Option<Route>,
}

/// Literals sort before parameters, and so win.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Parameter(String),
}

impl Routes {
    /// Those of a stack; `default` answers what none of them takes.
    pub(crate) fn new(routes: Vec<Route>, default: Option<Route>) -> Self {
        let segment = |text: &str| match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) => Segment::Parameter(name.to_owned()),
            None => Segment::Literal(text.to_owned()),
        };
        let mut routes: Vec<_> =
            routes.into_iter().map(|route| (route.path.split('/').map(segment).collect(), route)).collect();
        routes.sort_by(|(one, left), (other, right): &(Vec<Segment>, Route)| {
            // A method named beats ANY.
            one.cmp(other).then_with(|| (left.method == "ANY").cmp(&(right.method == "ANY")))
        });
        Self { routes, default }
    }

    /// The route of a request, and the values of its path parameters, decoded.
    pub(super) fn find(&self, method: &Method, path: &str) -> Option<(&Route, BTreeMap<&str, String>)> {
        let path: Vec<&str> = path.split('/').collect();
        let found = self.routes.iter().find_map(|(segments, route)| {
            let method_fits = route.method == "ANY" || route.method == method.as_str();
            (method_fits && segments.len() == path.len()).then_some(())?;
            let mut parameters = BTreeMap::new();
            for (segment, text) in segments.iter().zip(&path) {
                let text = percent_decode_str(text).decode_utf8_lossy();
                match segment {
                    Segment::Literal(literal) => (*literal == text).then_some(())?,
                    Segment::Parameter(_) if text.is_empty() => return None,
                    Segment::Parameter(name) => {
                        parameters.insert(name.as_str(), text.into_owned());
                    }
                }
            }
            Some((route, parameters))
        });
        found.or_else(|| Some((self.default.as_ref()?, BTreeMap::new())))
    }
}

#[cfg(test)]
mod tests;
