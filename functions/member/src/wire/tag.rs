//! Tags by hand, and the dictionary.

use std::collections::BTreeMap;

use domain::programme::tag::{Tag, Tagger};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::reason::StatedReason;

/// A tag is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TagRequest {
    /// Its last local day; if absent, as many days after today as the dictionary says.
    #[serde(default)]
    pub(crate) until: Option<Date>,
    /// Why.
    #[serde(default)]
    pub(crate) reason: Option<StatedReason>,
}

/// The tags that a member has by hand.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct TagsReply {
    /// Each with its last local day.
    pub(crate) tags: BTreeMap<String, Date>,
    /// How often the member was written.
    pub(crate) version: u64,
}

/// The tags that there are.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct DictionaryReply {
    /// The number of the programme version that has them.
    programmeversion: u32,
    /// In the order of the programme.
    tags: Vec<ShownTag>,
}

/// A tag of the dictionary.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ShownTag {
    /// Its name.
    tag: String,
    /// `computed` from scores, or given `manual`ly.
    kind: &'static str,
    /// Who answers for it.
    owner: String,
    /// What it means.
    definition: String,
    /// Of a computed one: whom it marks.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    /// Of a computed one: the ladder that it is a rung of.
    #[serde(skip_serializing_if = "Option::is_none")]
    ladder: Option<String>,
    /// Of one by hand: the roles that give it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    who: Vec<&'static str>,
    /// Of one by hand: for how many days, unless that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_days: Option<i32>,
}

impl DictionaryReply {
    pub(crate) fn new(programmeversion: u32, dictionary: &[Tag]) -> Self {
        let shown = dictionary.iter().map(|tag| ShownTag {
            tag: tag.id.clone(),
            kind: if tag.manual { "manual" } else { "computed" },
            owner: tag.owner.clone(),
            definition: tag.definition.clone(),
            when: tag.when.clone(),
            ladder: tag.ladder.clone(),
            who: tag.who.iter().map(|who| name(*who)).collect(),
            valid_days: tag.valid_days,
        });
        Self { programmeversion, tags: shown.collect() }
    }
}

const fn name(who: Tagger) -> &'static str {
    match who {
        Tagger::Agent => "agent",
        Tagger::Lead => "lead",
        Tagger::Admin => "admin",
    }
}
