//! JSON from outside, read strictly: what somebody else has checked on its way must be what is done here, so no name stands
//! twice in an object, however deep.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Number, Value};

use crate::Problem;
use crate::fields::escaped;

/// The value that a text says.
///
/// # Errors
/// 400: it is none, or names something twice; then with a pointer to it.
pub(crate) fn read(text: &[u8]) -> Result<Value, Problem> {
    let invalid = |detail: String| Problem::bad_request("invalid_json", detail);
    if text.trim_ascii().is_empty() {
        return Err(invalid("the body is empty".to_owned()));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let mut track = serde_path_to_error::Track::new();
    let read = Unique::deserialize(serde_path_to_error::Deserializer::new(&mut deserializer, &mut track));
    match read.and_then(|Unique(value)| deserializer.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(error) => Err(match error.classify() {
            Category::Data => Problem {
                pointer: Some(pointer(&track.path())),
                ..invalid("the same name stands twice in one object".to_owned())
            },
            Category::Eof => invalid("the body ends before its JSON does".to_owned()),
            Category::Syntax | Category::Io => {
                invalid(format!("the body is not JSON from line {}, column {} on", error.line(), error.column()))
            }
        }),
    }
}

/// Where something is, as a JSON pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    path.iter().filter_map(segment).collect()
}

fn segment(segment: &serde_path_to_error::Segment) -> Option<String> {
    use serde_path_to_error::Segment;
    match segment {
        Segment::Map { key } => Some(format!("/{}", escaped(key))),
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

/// A value in whose objects no name stands twice.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading).map(Self)
    }
}

/// In place of the value of a name that was there before.
struct Twice;

impl<'de> Deserialize<'de> for Twice {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(D::Error::custom("the name was there before"))
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if all.contains_key(&name) {
                fields.next_value::<Twice>()?;
            }
            let Unique(value) = fields.next_value()?;
            all.insert(name, value);
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: (&str, Option<&str>)) {
        let problem = read(text.as_bytes()).expect_err(text);
        assert_eq!((problem.status, problem.code.as_str()), (400, "invalid_json"), "{text}");
        assert_eq!((problem.detail.as_str(), problem.pointer.as_deref()), expected, "{text}");
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_at_its_place() {
        let twice = "the same name stands twice in one object";
        check(r#"{"a":1,"a":1}"#, (twice, Some("/a")));
        check(r#"{"b":[{"a":1},{"a":{"c/d":1,"c/d":2}}]}"#, (twice, Some("/b/1/a/c~1d")));
        check(r#"{"a":1,"\u0061":2}"#, (twice, Some("/a")));
        assert!(read(br#"[{"a":1},{"a":2,"b":{"a":3}}]"#).is_ok(), "in different objects it is no repeat");
    }

    #[test]
    fn what_is_no_json_is_said_in_words() {
        check("", ("the body is empty", None));
        check(" \n", ("the body is empty", None));
        check(r#"{"a":"#, ("the body ends before its JSON does", None));
        check("{\n\"a\" 1}", ("the body is not JSON from line 2, column 5 on", None));
        check("{} {}", ("the body is not JSON from line 1, column 4 on", None));
    }

    #[test]
    fn values_are_read_as_they_are() {
        let text = r#"{"a":[null,true,-1,18446744073709551615,0.5,"王芳",{}],"b":{"":""}}"#;
        assert_eq!(read(text.as_bytes()).unwrap().to_string(), text);
    }
}
