//! The one way in: a text or plain data becomes a document that is sound, or a list of everything that is wrong with it.
//!
//! Sections are read one by one, and lists item by item, so that one mistake hides no other.

use serde_json::{Map, Value};

use crate::programme::activity::ActivityType;
use crate::programme::adjustment::Adjustment;
use crate::programme::benefit::Benefit;
use crate::programme::care::Care;
use crate::programme::compiled::Programme;
use crate::programme::desk::calendar::Calendar;
use crate::programme::desk::emergency::{EmergencyItem, EmergencyPack};
use crate::programme::desk::policy::SlaPolicy;
use crate::programme::desk::queue::{DeskQueue, Route};
use crate::programme::desk::rules::Desk;
use crate::programme::document::Document;
use crate::programme::earning_rule::EarningRule;
use crate::programme::fault::{empty_texts, faults, items};
use crate::programme::festival::Dated;
use crate::programme::finding::Finding;
use crate::programme::general::General;
use crate::programme::journey::Journey;
use crate::programme::later;
use crate::programme::members::{MemberAttribute, Members};
use crate::programme::privacy::{ConsentText, Dormancy, Privacy, Purpose};
use crate::programme::redemption::Redemption;
use crate::programme::reward::Reward;
use crate::programme::segment::Rfmls;
use crate::programme::source::Source;
use crate::programme::tag::Tag;
use crate::programme::tier::{Tier, TierRules};
use crate::programme::voice::form::Form;
use crate::programme::voice::survey::Survey;
use crate::programme::voice::theme::{Theme, Voice};
use crate::programme::wallet::PointsWallet;
use crate::programme::written::Written;

/// Reads a programme as it is written, in TOML.
///
/// # Errors
/// Everything that is wrong with it, in the order of its lines.
pub fn read(text: &str) -> Result<Document, Vec<Finding>> {
    let (mut written, syntax) = Written::read(text);
    if !syntax.is_empty() {
        return Err(syntax);
    }
    let sections = std::mem::take(&mut written.sections);
    sound(sections).map_err(|mut findings| {
        for finding in &mut findings {
            finding.line = written.line(&finding.at);
        }
        findings.sort_by_key(|finding| finding.line);
        findings
    })
}

/// Reads a programme from plain data.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_json(value: Value) -> Result<Document, Vec<Finding>> {
    match value {
        Value::Object(sections) => sound(sections),
        _ => Err(vec![Finding::new("programme", "must be a table of sections")]),
    }
}

/// The sections that a document has and that no capability reads yet.
#[must_use]
pub fn not_in_force(document: &Document) -> Vec<&str> {
    let unread = [
        ("care", document.care == Care::default()),
        ("calendar", document.calendar.is_empty()),
        ("desk", document.desk.is_default()),
        ("desk_queue", document.desk_queue.is_empty()),
        ("dormancy", document.dormancy.is_default()),
        ("emergency_item", document.emergency_item.is_empty()),
        ("emergency_pack", document.emergency_pack.is_none()),
        ("festival", document.festival.is_empty()),
        ("form", document.form.is_empty()),
        ("journey", document.journey.is_empty()),
        ("privacy", document.privacy.is_default()),
        ("route", document.route.is_empty()),
        ("sla_policy", document.sla_policy.is_empty()),
        ("survey", document.survey.is_empty()),
        ("theme", document.theme.is_empty()),
        ("voice", document.voice == Voice::default()),
    ];
    let unread = unread.into_iter().filter(|(_, says_nothing)| !says_nothing).map(|(section, _)| section);
    let mut sections: Vec<&str> = document.later.keys().map(String::as_str).chain(unread).collect();
    sections.sort_unstable();
    sections
}

fn sound(sections: Map<String, Value>) -> Result<Document, Vec<Finding>> {
    let mut findings = Vec::new();
    for name in later::SECTIONS.iter().filter(|name| !sections.contains_key(**name) && required(name)) {
        findings.push(Finding::new(*name, "the section is missing"));
    }
    for (name, value) in &sections {
        findings.extend(section(name, value));
        findings.extend(empty_texts(name, value));
    }
    let declared = later::Declared::of(&sections);
    for (name, value) in &sections {
        findings.extend(later::check(name, value, &declared));
    }
    if findings.is_empty() {
        let document: Document = match serde_json::from_value(Value::Object(sections)) {
            Ok(document) => document,
            Err(error) => return Err(vec![Finding::new("programme", error.to_string())]),
        };
        return Programme::compile(1, document).map(|programme| programme.document().clone());
    }
    Err(findings)
}

fn required(section: &str) -> bool {
    ["programme", "wallet", "activity", "tier", "redemption", "adjustment"].contains(&section)
}

/// What is wrong with the shape of a section that is in force.
fn section(name: &str, value: &Value) -> Vec<Finding> {
    match name {
        "programme" => faults::<General>(name, value),
        "wallet" => items(name, value, wallet),
        "activity" => match value {
            Value::Object(types) => types
                .iter()
                .flat_map(|(kind, value)| faults::<ActivityType>(&format!("{name}.{kind}"), value))
                .collect(),
            _ => vec![Finding::new(name, "must be tables such as [activity.checkin]")],
        },
        "earning_rule" => items(name, value, faults::<EarningRule>),
        "tiers" => faults::<TierRules>(name, value),
        "tier" => items(name, value, faults::<Tier>),
        "benefit" => items(name, value, faults::<Benefit>),
        "rfmls" => faults::<Rfmls>(name, value),
        "tag" => items(name, value, faults::<Tag>),
        "care" => faults::<Care>(name, value),
        "journey" => items(name, value, faults::<Journey>),
        "festival" => items(name, value, faults::<Dated>),
        "form" => items(name, value, faults::<Form>),
        "survey" => items(name, value, faults::<Survey>),
        "theme" => items(name, value, faults::<Theme>),
        "voice" => faults::<Voice>(name, value),
        "calendar" => items(name, value, faults::<Calendar>),
        "desk" => faults::<Desk>(name, value),
        "sla_policy" => items(name, value, faults::<SlaPolicy>),
        "desk_queue" => items(name, value, faults::<DeskQueue>),
        "route" => items(name, value, faults::<Route>),
        "emergency_pack" => faults::<EmergencyPack>(name, value),
        "emergency_item" => items(name, value, faults::<EmergencyItem>),
        "redemption" => faults::<Redemption>(name, value),
        "reward" => items(name, value, faults::<Reward>),
        "adjustment" => faults::<Adjustment>(name, value),
        "members" => faults::<Members>(name, value),
        "attribute" => items(name, value, faults::<MemberAttribute>),
        "privacy" => faults::<Privacy>(name, value),
        "dormancy" => faults::<Dormancy>(name, value),
        "purpose" => items(name, value, faults::<Purpose>),
        "consent_text" => items(name, value, faults::<ConsentText>),
        "source" => items(name, value, faults::<Source>),
        _ => Vec::new(),
    }
}

/// A wallet: which it is says its id.
fn wallet(at: &str, value: &Value) -> Vec<Finding> {
    /// `status`.
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Status {
        #[serde(rename = "qualifying")]
        _qualifying: bool,
    }
    let Value::Object(fields) = value else { return vec![Finding::new(at, "must be a table: [[wallet]]")] };
    let mut rest = fields.clone();
    let id = rest.remove("id").unwrap_or_default();
    let rest = Value::Object(rest);
    match id.as_str() {
        Some("points") => faults::<PointsWallet>(at, &rest),
        Some("status") => faults::<Status>(at, &rest),
        _ => vec![Finding::new(format!("{at}.id"), "must be \"points\" or \"status\"")],
    }
}
