//! What `AWS::LanguageExtensions` and `AWS::Include` make of a template before anything else reads it: loops are
//! written out, and the words of mappings and what files say stand where they are named.
//!
//! As much of both as the template uses. `infra/policies/expand.py` does the same for the policies, and
//! `infra/policies/expand.json` holds both to one result.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use serde_norway::{Mapping, Value, value::TaggedValue};

use super::node::function;

/// How the key of a loop begins; its name follows.
const LOOP: &str = "Fn::ForEach::";

/// Gives what an included file says.
type Read<'a> = &'a dyn Fn(&str) -> anyhow::Result<Value>;

/// The template without loops, mappings and includes.
pub(super) fn expanded(template: &Value, read: Read<'_>) -> anyhow::Result<Value> {
    let sections = template.as_mapping().context("expected a mapping")?;
    let none = Value::Null;
    let outside = Place { maps: sections.get("Mappings").unwrap_or(&none), words: BTreeMap::new(), read };
    let mut plain = Mapping::new();
    for (name, section) in sections {
        match (name.as_str(), section) {
            (Some("Mappings"), _) => {}
            (Some("Transform"), Value::Sequence(names)) => {
                let left = names.iter().filter(|name| name.as_str() != Some("AWS::LanguageExtensions"));
                plain.insert(name.clone(), Value::Sequence(left.cloned().collect()));
            }
            _ => {
                plain.insert(name.clone(), outside.written_out(section).with_context(|| shown(name))?);
            }
        }
    }
    Ok(Value::Mapping(plain))
}

/// A part of the template, and what may be named there.
#[derive(Clone)]
struct Place<'a> {
    maps: &'a Value,
    /// For the name of each loop around it, the word of this turn.
    words: BTreeMap<String, String>,
    read: Read<'a>,
}

impl Place<'_> {
    fn written_out(&self, value: &Value) -> anyhow::Result<Value> {
        if let Some((function, argument)) = function(value) {
            match (function.as_str(), argument) {
                ("Ref", Value::String(name)) => {
                    return Ok(self.words.get(name).map_or_else(|| value.clone(), |word| Value::String(word.clone())));
                }
                ("Sub", Value::String(text)) => return Ok(sub(filled(text, &self.words))),
                ("Sub", Value::Sequence(parts)) => return self.sub_with_variables(parts),
                ("FindInMap", Value::Sequence(keys)) => return self.word_of_map(keys),
                ("Transform", argument) => return self.included(argument),
                _ => {}
            }
        }
        match value {
            Value::Mapping(entries) => {
                let mut plain = Mapping::new();
                for (key, value) in entries {
                    for (name, made) in self.entry(key, value).with_context(|| shown(key))? {
                        ensure!(!plain.contains_key(&name), "{} is there twice", shown(&name));
                        plain.insert(name, made);
                    }
                }
                Ok(Value::Mapping(plain))
            }
            Value::Sequence(items) => {
                let items = items.iter().map(|item| self.written_out(item));
                Ok(Value::Sequence(items.collect::<anyhow::Result<_>>()?))
            }
            Value::Tagged(tagged) => {
                let value = self.written_out(&tagged.value)?;
                Ok(Value::Tagged(Box::new(TaggedValue { tag: tagged.tag.clone(), value })))
            }
            scalar => Ok(scalar.clone()),
        }
    }

    /// What stands for one entry of a mapping: itself, or what a loop makes of it.
    fn entry(&self, key: &Value, value: &Value) -> anyhow::Result<Vec<(Value, Value)>> {
        const EXPECTED: &str = "a loop takes a name, a list of words and a mapping";
        if !key.as_str().is_some_and(|key| key.starts_with(LOOP)) {
            return Ok(vec![(key.clone(), self.written_out(value)?)]);
        }
        let Some([Value::String(name), Value::Sequence(items), Value::Mapping(body)]) =
            value.as_sequence().map(Vec::as_slice)
        else {
            bail!(EXPECTED);
        };
        let mut made = Vec::new();
        for item in items {
            let mut inner = self.clone();
            inner.words.insert(name.clone(), item.as_str().context(EXPECTED)?.to_owned());
            for (key, value) in body {
                for (key, value) in inner.entry(key, value).with_context(|| shown(key))? {
                    let key = key.as_str().context("expected names as keys")?;
                    made.push((Value::String(filled(key, &inner.words)), value));
                }
            }
        }
        Ok(made)
    }

    /// `!Sub [text, variables]`: variables that are known here go into the text.
    fn sub_with_variables(&self, parts: &[Value]) -> anyhow::Result<Value> {
        let [Value::String(text), Value::Mapping(variables)] = parts else {
            bail!("!Sub takes a text and its variables");
        };
        let mut known = BTreeMap::new();
        for (name, value) in variables {
            let value = self.written_out(value)?;
            let text = match (function(&value), &value) {
                (None, Value::String(word)) => word.clone(),
                (Some((function, Value::String(name))), _) if function == "Ref" => format!("${{{name}}}"),
                _ => bail!("{} cannot be put into a text", shown(name)),
            };
            known.insert(shown(name), text);
        }
        Ok(sub(filled(&filled(text, &self.words), &known)))
    }

    fn word_of_map(&self, keys: &[Value]) -> anyhow::Result<Value> {
        let mut found = self.maps;
        ensure!(keys.len() == 3, "!FindInMap takes a mapping, a key and a word's name");
        for key in keys {
            let key = self.written_out(key)?;
            let key = key.as_str().context("!FindInMap takes names that are known before anything is deployed")?;
            found = found.get(key).with_context(|| format!("!FindInMap finds no {key}"))?;
        }
        Ok(found.clone())
    }

    fn included(&self, transform: &Value) -> anyhow::Result<Value> {
        ensure!(
            transform.get("Name").and_then(Value::as_str) == Some("AWS::Include"),
            "the local platform knows no transform but AWS::Include"
        );
        let location = transform.get("Parameters").and_then(|parameters| parameters.get("Location"));
        let location = location.and_then(Value::as_str).context("AWS::Include takes a Location")?;
        let content = (self.read)(location).with_context(|| format!("{location} cannot be included"))?;
        self.written_out(&content)
    }
}

/// A text with words in place of their names.
fn filled(text: &str, words: &BTreeMap<String, String>) -> String {
    words.iter().fold(text.to_owned(), |text, (name, word)| text.replace(&format!("${{{name}}}"), word))
}

/// A Sub, or its text when nothing is left to put in.
fn sub(text: String) -> Value {
    if !text.contains("${") {
        return Value::String(text);
    }
    Value::Mapping(Mapping::from_iter([(Value::from("Fn::Sub"), Value::String(text))]))
}

fn shown(key: &Value) -> String {
    key.as_str().unwrap_or("a key that is not text").to_owned()
}
