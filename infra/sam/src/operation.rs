//! The routes of functions, whatever these hold between invocations: what documents and tests are made from.

use std::collections::{BTreeMap, BTreeSet};

use lambda::{Access, Code, Codes, Function, Key, Method, OTHER_REQUEST, Route, Shape, status_of};

/// A route, whatever its function holds between invocations.
pub struct Operation {
    /// The function that answers it.
    pub function: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path, with `{parameters}`.
    pub path: &'static str,
    /// Its name for clients.
    pub id: &'static str,
    /// Who may use it.
    pub access: Access,
    /// How a repeat is known.
    pub key: Key,
    pub(crate) says: &'static str,
    pub(crate) shape: &'static Shape,
    refuses: &'static [Codes],
}

/// The routes of a function.
pub fn operations<C>(function: &'static Function<C>) -> impl Iterator<Item = Operation> {
    function.routes.iter().map(|Route { method, path, id, says, access, key, shape, refuses, .. }| Operation {
        function: function.name,
        method: *method,
        path,
        id,
        access: *access,
        key: *key,
        says,
        shape,
        refuses,
    })
}

impl Operation {
    /// The header that names a request.
    pub(crate) const KEY: &'static str = "Idempotency-Key";

    /// The parameters of the path.
    pub(crate) fn path_parameters(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// It is asked with a body.
    pub(crate) fn has_body(&self) -> bool {
        self.shape.request.is_some()
    }

    /// It has an example: a page is shown by itself.
    #[must_use]
    pub fn has_example(&self) -> bool {
        !self.shape.page
    }

    /// Every status that it may be answered with.
    pub(crate) fn statuses(&self) -> BTreeSet<u16> {
        self.shape.replies.iter().map(|reply| reply.status).chain(self.problems().into_keys()).collect()
    }

    /// What else may be answered: by whom and how it is asked, and by what its decisions refuse.
    pub(crate) fn problems(&self) -> BTreeMap<u16, String> {
        let mut problems: BTreeMap<u16, Vec<String>> = BTreeMap::new();
        let mut may = |status: u16, what: &str| problems.entry(status).or_default().push(what.to_owned());
        let writes = self.key != Key::Read;
        let body = self.has_body();
        if self.access != Access::Open {
            may(401, "No valid token");
            may(403, "The token may not do that");
            may(429, "`too_many_requests`: try again later");
            may(503, "Try again with the same key; nothing is done twice");
        }
        if self.path.contains('{') {
            may(404, "There is no such thing");
        }
        if body {
            may(400, "Not a request");
            may(413, "Too large");
            may(422, "A field is wrong: `pointer` says which");
        } else {
            may(400, "A parameter is wrong, or there is none of this name");
        }
        if writes {
            may(409, "`busy`: others are changing the same; try again");
        }
        let keyed = (self.key == Key::Header).then_some(OTHER_REQUEST);
        let mut codes: BTreeMap<&str, Code> = BTreeMap::new();
        for code in self.refuses.iter().chain(&keyed).flat_map(Codes::all) {
            codes.insert(code.code, code);
        }
        let said = |code: &str| code == "invalid_field" || (code == "not_found" && self.path.contains('{'));
        codes.retain(|code, _| !said(code)); // said above
        for Code { code, class, words } in codes.into_values() {
            may(status_of(class), &format!("`{code}`: {words}"));
        }
        problems.into_iter().map(|(status, what)| (status, what.join("; "))).collect()
    }
}
