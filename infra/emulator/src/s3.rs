//! What stands for S3: the objects of the template's buckets, as files of the data directory or in memory. Put and had by whoever has a key,
//! or an address that was signed and is still good.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sam::machine::Clock;

/// The objects of some buckets.
pub struct Buckets {
    names: Vec<String>,
    kept: Kept,
}

enum Kept {
    Memory(Mutex<HashMap<String, Bytes>>),
    Files(PathBuf),
}

impl Buckets {
    /// The buckets of these names; without a directory what they hold ends with the process.
    #[must_use]
    pub fn new(names: Vec<String>, directory: Option<PathBuf>) -> Self {
        Self { names, kept: directory.map_or_else(|| Kept::Memory(Mutex::default()), Kept::Files) }
    }

    /// Does what a call asks: the status, and what is answered.
    ///
    /// # Errors
    /// The disk says no.
    pub fn carry_out(&self, method: &str, path: &str, body: Bytes) -> std::io::Result<(u16, Bytes)> {
        let path = percent_decode_str(path.trim_start_matches('/')).decode_utf8_lossy().into_owned();
        let Some((bucket, key)) = path.split_once('/') else { return Ok((404, missing("NoSuchBucket"))) };
        if !self.names.iter().any(|name| name == bucket) {
            return Ok((404, missing("NoSuchBucket")));
        }
        let name = format!("object-{}", utf8_percent_encode(&format!("{bucket}/{key}"), NON_ALPHANUMERIC));
        match method {
            "PUT" => self.put(&name, body).map(|()| (200, Bytes::new())),
            "GET" | "HEAD" => Ok(self.get(&name)?.map_or_else(|| (404, missing("NoSuchKey")), |found| (200, found))),
            "DELETE" => self.delete(&name).map(|()| (204, Bytes::new())),
            _ => Ok((405, missing("MethodNotAllowed"))),
        }
    }

    fn put(&self, name: &str, body: Bytes) -> std::io::Result<()> {
        match &self.kept {
            Kept::Memory(objects) => {
                objects.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), body);
                Ok(())
            }
            Kept::Files(directory) => {
                let half = directory.join(format!("{name}.new"));
                std::fs::write(&half, body)?;
                std::fs::rename(half, directory.join(name))
            }
        }
    }

    fn get(&self, name: &str) -> std::io::Result<Option<Bytes>> {
        match &self.kept {
            Kept::Memory(objects) => Ok(objects.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()),
            Kept::Files(directory) => match std::fs::read(directory.join(name)) {
                Ok(found) => Ok(Some(found.into())),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    fn delete(&self, name: &str) -> std::io::Result<()> {
        match &self.kept {
            Kept::Memory(objects) => drop(objects.lock().unwrap_or_else(PoisonError::into_inner).remove(name)),
            Kept::Files(directory) => match std::fs::remove_file(directory.join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            },
        }
        Ok(())
    }
}

fn missing(code: &str) -> Bytes {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>")
        .into()
}

/// Is a call signed, in its head or in its address, and the address still good?
fn is_signed(headers: &HeaderMap, query: &str, now: Timestamp) -> bool {
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
    };
    let good = || {
        value("X-Amz-Signature").filter(|signature| !signature.is_empty())?;
        let signed = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", value("X-Amz-Date")?).ok()?;
        let signed = signed.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        let seconds: i64 = value("X-Amz-Expires")?.parse().ok()?;
        Some(now.as_second() <= signed.as_second().saturating_add(seconds))
    };
    headers.contains_key("authorization") || good().unwrap_or(false)
}

/// The buckets' endpoint.
pub(crate) fn router(buckets: Arc<Buckets>) -> axum::Router {
    axum::Router::new().fallback(answer).with_state(buckets).layer(DefaultBodyLimit::disable())
}

async fn answer(
    State(buckets): State<Arc<Buckets>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // Addresses are signed by the clock of the machine, whatever the platform's shows.
    if !is_signed(&headers, uri.query().unwrap_or_default(), Clock::System.now()) {
        return (StatusCode::FORBIDDEN, missing("AccessDenied")).into_response();
    }
    match buckets.carry_out(method.as_str(), uri.path(), body) {
        Ok((status, answer)) => (StatusCode::from_u16(status).unwrap_or_default(), answer).into_response(),
        Err(error) => {
            tracing::error!(%error, "an object is not kept");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(buckets: &Buckets, method: &str, path: &str, body: &'static str, expected: (u16, &str)) {
        let (status, answer) = buckets.carry_out(method, path, Bytes::from_static(body.as_bytes())).unwrap();
        let answer = String::from_utf8(answer.to_vec()).unwrap();
        let code = answer.split("<Code>").nth(1).and_then(|rest| rest.split('<').next());
        assert_eq!((status, code.unwrap_or(&answer)), expected, "{method} {path}");
    }

    #[test]
    fn objects_are_kept_in_files_or_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        for directory in [None, Some(folder.path().to_owned())] {
            let buckets = Buckets::new(vec!["private".to_owned()], directory);
            check(&buckets, "GET", "/private/a/b", "", (404, "NoSuchKey"));
            check(&buckets, "PUT", "/private/a/b", "one", (200, ""));
            check(&buckets, "PUT", "/private/a%2Fb", "two", (200, ""));
            check(&buckets, "GET", "/private/a/b", "", (200, "two"));
            check(&buckets, "PUT", "/other/a", "one", (404, "NoSuchBucket"));
            check(&buckets, "PUT", "/private/../escaped", "x", (200, ""));
            check(&buckets, "DELETE", "/private/a/b", "", (204, ""));
            check(&buckets, "DELETE", "/private/a/b", "", (204, ""));
            check(&buckets, "GET", "/private/a/b", "", (404, "NoSuchKey"));
        }
        assert!(!folder.path().parent().unwrap().join("escaped").exists());
    }

    #[test]
    fn an_address_is_good_for_a_while() {
        let now: Timestamp = "2026-03-01T00:10:00Z".parse().unwrap();
        let query = |seconds: u32| format!("X-Amz-Date=20260301T000000Z&X-Amz-Expires={seconds}&X-Amz-Signature=ab");
        assert!(is_signed(&HeaderMap::new(), &query(600), now));
        assert!(!is_signed(&HeaderMap::new(), &query(599), now));
        assert!(!is_signed(&HeaderMap::new(), "X-Amz-Date=20260301T000000Z&X-Amz-Expires=900", now));
        let signed = HeaderMap::from_iter([(axum::http::header::AUTHORIZATION, "AWS4-HMAC-SHA256".parse().unwrap())]);
        assert!(is_signed(&signed, "", now));
    }
}
