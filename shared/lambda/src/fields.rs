//! A value read into a shape; and if it has another, everything that is wrong with it, each with its place, in the words of the API.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::words::meant;

/// The most faults that are told of.
const MOST: usize = 16;
const INSTANT: &str = "an instant with offset, such as 2026-11-25T21:31:00+08:00";
const WHOLE: &str = "a whole number";
const MINOR: &str = "a whole number in minor units (199 is 1.99)";

/// What is wrong at a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// Where, as a JSON pointer into the request's body.
    pub pointer: String,
    /// What is wrong, in words.
    pub detail: String,
    /// The names or values that there are, if another was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<String>,
}

/// Reads a value.
///
/// # Errors
/// Everything that is wrong with it; at least one.
pub(crate) fn read<T: DeserializeOwned>(json: &Value) -> Result<T, Vec<Fault>> {
    T::deserialize(Reading(json)).map_err(|wrong| all::<T>(json.clone(), wrong))
}

/// Mends what is wrong, one after the other, as far as something acceptable can be guessed.
fn all<T: DeserializeOwned>(mut json: Value, mut wrong: Wrong) -> Vec<Fault> {
    let mut faults = Vec::new();
    loop {
        faults.push(wrong.fault());
        let next = if faults.len() < MOST { next::<T>(&mut json, &wrong) } else { None };
        let Some(next) = next else { return faults };
        wrong = next;
    }
}

/// What else is wrong when one thing is mended; nothing if it cannot be.
fn next<T: DeserializeOwned>(json: &mut Value, wrong: &Wrong) -> Option<Wrong> {
    let place = wrong.place();
    let (parent, name) = place.rsplit_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    let candidates = match &wrong.what {
        What::Unknown { .. } => vec![None],
        What::Choice { .. } => return None,
        What::Variant { known } => guesses(known),
        What::Wanted(_) | What::Missing(_) | What::Other(_) => guesses(&[]),
    };
    for candidate in candidates {
        let mut mended = json.clone();
        match (mended.pointer_mut(parent)?, candidate) {
            (Value::Object(fields), Some(value)) => drop(fields.insert(name.clone(), value)),
            (Value::Object(fields), None) => {
                fields.remove(&name);
            }
            (Value::Array(items), Some(value)) => *items.get_mut(name.parse::<usize>().ok()?)? = value,
            (Value::Array(items), None) => {
                // The one before it is mended.
                let place = name.parse::<usize>().ok()?;
                let before = items.get(place.checked_sub(1)?)?.clone();
                *items.get_mut(place)? = before;
            }
            _ => return None,
        }
        let Err(next) = T::deserialize(Reading(&mended)) else { return None };
        let there = next.place();
        let elsewhere = there.strip_prefix(&place).is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/'));
        if elsewhere {
            *json = mended;
            return Some(next);
        }
    }
    None
}

/// Values of which one is acceptable at most places; at last, none at all.
fn guesses(known: &[&'static str]) -> Vec<Option<Value>> {
    let instant = "2026-11-25T21:31:00+08:00";
    let known = known.iter().map(|known| Value::from(*known));
    let guesses = known.chain([1.into(), "x".into(), instant.into(), true.into(), Value::Array(Vec::new())]);
    guesses.map(Some).chain([None]).collect()
}

pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What is wrong first.
#[derive(Debug)]
struct Wrong {
    /// Names and places, the innermost first.
    path: Vec<String>,
    what: What,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    /// Something else is wanted; what, in the words of the type.
    Wanted(Box<str>),
    /// There is no such name.
    Unknown { known: &'static [&'static str] },
    /// One of several is wanted, and there is none of this name.
    Choice { known: &'static [&'static str] },
    /// There is no such value.
    Variant { known: &'static [&'static str] },
    /// There should be something of this name.
    Missing(&'static str),
    /// As its type says.
    Other(Box<str>),
}

impl Wrong {
    fn of(what: What) -> Self {
        Self { path: Vec::new(), what }
    }

    fn wanted(expected: &dyn Expected) -> Self {
        Self::of(What::Wanted(expected.to_string().into()))
    }

    fn under(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }

    fn pointer(&self) -> String {
        self.path.iter().rev().map(|name| format!("/{}", escaped(name))).collect()
    }

    /// What is to be mended.
    fn place(&self) -> String {
        let missing = if let What::Missing(name) = self.what { format!("/{}", escaped(name)) } else { String::new() };
        self.pointer() + &missing
    }

    fn fault(&self) -> Fault {
        let name = self.path.first().map(String::as_str).unwrap_or_default();
        let (detail, known) = match &self.what {
            What::Wanted(what) => (format!("must be {}", in_words(what, name)), &[][..]),
            What::Unknown { known } | What::Choice { known } => {
                (format!("there is no field `{name}`{}", meant(name, known)), *known)
            }
            What::Variant { known } => (format!("must be one of {}", listed(known)), *known),
            What::Missing(name) => (format!("`{name}` is missing"), &[][..]),
            What::Other(words) => (words.to_string(), &[][..]),
        };
        Fault { pointer: self.pointer(), detail, known: known.iter().map(ToString::to_string).collect() }
    }
}

/// What a type expects.
fn in_words<'a>(expected: &'a str, name: &str) -> &'a str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" if name.ends_with("_minor") => MINOR,
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => WHOLE,
        "a string" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a timestamp string" => INSTANT,
        "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

fn listed(known: &[&str]) -> String {
    known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fault().detail)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(words: T) -> Self {
        Self::of(What::Other(words.to_string().into()))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::wanted(expected)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::wanted(expected)
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Self::of(What::Unknown { known }).under(name)
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::of(What::Variant { known })
    }

    fn missing_field(name: &'static str) -> Self {
        Self::of(What::Missing(name))
    }
}

/// A value that is being read.
#[derive(Clone, Copy)]
struct Reading<'a>(&'a Value);

impl<'de> Deserializer<'de> for Reading<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::String(text) => visitor.visit_str(text),
            Value::Array(items) => visitor.visit_seq(Items(items.iter().enumerate())),
            Value::Object(fields) => visitor.visit_map(Fields { fields: fields.iter(), value: None }),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), ..) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::NAN)),
            },
        }
    }

    /// What is written as text and is none: an instant.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let wanted = Wrong::wanted(&visitor as &dyn Expected);
        self.deserialize_any(visitor).map_err(|wrong| if matches!(wrong.what, What::Other(_)) { wanted } else { wrong })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    /// An object, and only an object: by itself, serde takes an array of the fields' values too.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if self.0.is_object() { self.deserialize_any(visitor) } else { Err(Wrong::wanted(&"an object")) }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(name.as_str().into_deserializer()),
            Value::Object(fields) => match fields.iter().next().filter(|_| fields.len() == 1) {
                Some((name, value)) => visitor.visit_enum(Named(name, value)),
                None => Err(Wrong::of(What::Other(format!("must have one of {}", listed(known)).into()))),
            },
            _ => Err(Wrong::of(What::Variant { known })),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        identifier ignored_any
    }
}

/// The items of a list.
struct Items<'a>(std::iter::Enumerate<std::slice::Iter<'a, Value>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some((place, item)) = self.0.next() else { return Ok(None) };
        seed.deserialize(Reading(item)).map(Some).map_err(|wrong| wrong.under(&place.to_string()))
    }
}

/// The fields of an object.
struct Fields<'a> {
    fields: serde_json::map::Iter<'a>,
    value: Option<(&'a str, &'a Value)>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((name, value)) = self.fields.next() else { return Ok(None) };
        self.value = Some((name, value));
        let name: StrDeserializer<'_, Wrong> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        let (name, value) = self.value.take().unwrap_or(("", &Value::Null));
        seed.deserialize(Reading(value)).map_err(|wrong| wrong.under(name))
    }
}

/// One of several, by its name.
struct Named<'a>(&'a str, &'a Value);

impl<'de> EnumAccess<'de> for Named<'_> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Wrong> {
        let name: StrDeserializer<'_, Wrong> = self.0.into_deserializer();
        let unknown = |wrong: Wrong| match wrong.what {
            What::Variant { known } => Wrong::of(What::Choice { known }).under(self.0),
            _ => wrong,
        };
        seed.deserialize(name).map(|variant| (variant, Self(self.0, self.1))).map_err(unknown)
    }
}

impl<'de> VariantAccess<'de> for Named<'_> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        Err(Wrong::wanted(&"a text").under(self.0))
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Wrong> {
        seed.deserialize(Reading(self.1)).map_err(|wrong| wrong.under(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Wrong> {
        Reading(self.1).deserialize_any(visitor).map_err(|wrong| wrong.under(self.0))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        Reading(self.1).deserialize_struct("", fields, visitor).map_err(|wrong| wrong.under(self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "what is read is not looked at")]
    struct Order {
        id: String,
        time: Timestamp,
        lines: Vec<Line>,
        #[serde(default)]
        paid: Option<bool>,
        #[serde(default)]
        attributes: BTreeMap<String, u8>,
        by: By,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "what is read is not looked at")]
    struct Line {
        amount_minor: i64,
        #[serde(default)]
        quantity: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum By {
        Member,
        Merchant,
    }

    fn good() -> Value {
        json!({"id": "1", "time": "2026-03-01T10:00:00+08:00", "lines": [{"amount_minor": 1}], "by": "member"})
    }

    #[track_caller]
    fn check(json: Value, expected: &[(&str, &str)]) {
        let faults = read::<Order>(&json).err().unwrap_or_default();
        let said: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.detail.as_str())).collect();
        assert_eq!(said, expected, "{json}");
        let library = ["i64", "u32", "variant", "EOF", "struct", "expected", "invalid type", "sequence"];
        assert!(said.iter().all(|(_, detail)| !library.iter().any(|word| detail.contains(word))), "{said:?}");
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_its_place() {
        check(good(), &[]);
        check(json!([]), &[("", "must be an object")]);
        let mut wrong = good();
        wrong["id"] = json!(7);
        wrong["time"] = json!("yesterday");
        wrong["lines"] = json!([{"amount_minor": "1.99"}, 5, {"amount_minor": 1.5, "quantity": -1}]);
        wrong["attributes"] = json!({"a/b": 256});
        wrong["by"] = json!("nobody");
        wrong["paid"] = json!("yes");
        wrong["tiem"] = json!(1);
        let minor = "must be a whole number in minor units (199 is 1.99)";
        check(
            wrong,
            &[
                ("/attributes/a~1b", "must be a whole number"),
                ("/by", "must be one of `member`, `merchant`"),
                ("/id", "must be a text"),
                ("/lines/0/amount_minor", minor),
                ("/lines/1", "must be an object"),
                ("/lines/2/amount_minor", minor),
                ("/lines/2/quantity", "must be a whole number"),
                ("/paid", "must be true or false"),
                ("/tiem", "there is no field `tiem`; did you mean `time`?"),
                ("/time", "must be an instant with offset, such as 2026-11-25T21:31:00+08:00"),
            ],
        );
    }

    #[test]
    fn what_is_missing_is_told_where_it_should_be() {
        check(
            json!({}),
            &[("", "`id` is missing"), ("", "`time` is missing"), ("", "`lines` is missing"), ("", "`by` is missing")],
        );
        let mut wrong = good();
        wrong["lines"] = json!([{}, {"amount": 1}]);
        let missing = "`amount_minor` is missing";
        check(
            wrong,
            &[
                ("/lines/0", missing),
                ("/lines/1/amount", "there is no field `amount`; did you mean `amount_minor`?"),
                ("/lines/1", missing),
            ],
        );
    }

    #[test]
    fn no_more_is_told_than_anybody_reads() {
        let mut wrong = good();
        wrong["lines"].as_array_mut().unwrap().extend(vec![json!("x"); 199]);
        assert_eq!(read::<Order>(&wrong).unwrap_err().len(), MOST);
    }
}
