//! What goes from one account to another when two members become one, and where a member stands: as entries say it, and as items do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::attribute::{Flat, Read, hexadecimal, instant, lacking, list, number, plain, text};
use super::said::{counters, standing};
use super::standings;

/// Everything that an account has, or some of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Carried {
    #[serde(default)]
    pub(super) active: Vec<(Timestamp, i64)>,
    #[serde(default)]
    pub(super) pending: Vec<(Timestamp, Timestamp, i64)>,
    #[serde(default)]
    pub(super) debt: i64,
    /// Status points by month, `2026-01`.
    #[serde(default)]
    pub(super) months: Vec<(String, i64)>,
    /// What, over which period, from which date, and how often.
    #[serde(default)]
    pub(super) counters: Vec<(String, String, String, i64)>,
    /// The tier, if there is one.
    #[serde(default)]
    pub(super) standing: Vec<HeldTier>,
    #[serde(default)]
    pub(super) floor: Vec<Lowest>,
    /// When it was brought over from elsewhere, by source and part.
    #[serde(default)]
    pub(super) cutovers: BTreeMap<String, Timestamp>,
}

/// A tier that a member had elsewhere: its first and its last date.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct OpenedTier {
    pub(super) tier: String,
    pub(super) since: String,
    pub(super) until: String,
}

/// What the survivor had.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Own {
    pub(super) standing: Option<HeldTier>,
    pub(super) floor: Option<Lowest>,
    #[serde(default)]
    pub(super) debt: i64,
    #[serde(default)]
    pub(super) cutovers: BTreeMap<String, Timestamp>,
}

/// A tier that is held.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct HeldTier {
    pub(super) tier: String,
    pub(super) reached: Timestamp,
    pub(super) reached_by: String,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    pub(super) points: i64,
    #[serde(default)]
    pub(super) grace_points: i64,
    #[serde(default)]
    pub(super) in_grace: bool,
}

/// A tier below which a member does not fall.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Lowest {
    pub(super) tier: String,
    pub(super) until: Timestamp,
}

/// What an order or behaviour of a suspended member had earned, posted afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Posted {
    pub(super) entry: u64,
    #[serde(default)]
    pub(super) trace: BTreeMap<String, i64>,
    #[serde(default)]
    pub(super) status: i64,
    pub(super) activates_at: Option<Timestamp>,
    pub(super) expires_at: Timestamp,
}

/// The words of an entry of these kinds, of its item; none if it is of another.
pub(super) fn words(item: &Value, kind: &str) -> Read<Option<Map<String, Value>>> {
    let mut said = match kind {
        "opening" => return opening(item),
        "opening_withdrawn" => {
            let (source, part) = (text(&item["so"], "so")?, text(&item["pt"], "pt")?);
            json!({"source": source, "part": part, "opening": number::<u64>(&item["op"], "op")?})
        }
        "standing" => json!({"state": text(&item["st"], "st")?}),
        "transfer_out" => json!({"to": text(&item["to"], "to")?}),
        "transfer_in" => json!({"from": text(&item["from"], "from")?, "state": text(&item["st"], "st")?}),
        _ => return Ok(None),
    };
    if kind == "standing" {
        if !item["reason"].is_null() {
            said["reason"] = plain(&item["reason"])?;
        }
        let posted: Vec<Value> = list(&item["po"], "po")?.iter().map(posted).collect::<Read<_>>()?;
        if !posted.is_empty() {
            said["posted"] = json!(posted);
        }
    } else if kind != "opening_withdrawn" {
        said["merge"] = json!(text(&item["mg"], "mg")?);
        said["carried"] = carried(&item["ca"]["M"])?;
        if !item["st"].is_null() {
            said["state"] = json!(text(&item["st"], "st")?);
        }
        let met = lots(&item["me"])?;
        if !met.is_empty() {
            said["met"] = json!(met);
        }
        if !item["ow"].is_null() {
            said["own"] = own(&item["ow"]["M"])?;
        }
    }
    Ok(said.as_object().cloned())
}

/// What was brought over from elsewhere.
fn opening(item: &Value) -> Read<Option<Map<String, Value>>> {
    let word = |name: &'static str| text(&item[name], name);
    let mut said = json!({
        "source": word("so")?, "name": word("nm")?, "part": word("pt")?, "rows": number::<u64>(&item["n"], "n")?,
        "file": hexadecimal::<32>(&item["fl"], "fl")?,
    });
    if !item["tier"].is_null() {
        said["tier"] = json!({"tier": word("tier")?, "since": word("since")?, "until": word("until")?});
    }
    let status = Flat::of(&item["mo"], "mo")?.all(month)?;
    if !status.is_empty() {
        said["status"] = json!(status);
    }
    let mut replaced = Flat::of(&item["rp"], "rp")?;
    if !replaced.is_done() {
        (said["replaces"], said["took_back"]) = (json!(replaced.number::<u64>()?), json!(replaced.number::<u64>()?));
    }
    if !item["ao"].is_null() {
        said["as_of"] = json!(instant(&item["ao"], "ao")?.to_string());
    }
    Ok(said.as_object().cloned())
}

/// Status points of a month.
fn month(flat: &mut Flat<'_>) -> Read<Value> {
    let month: i64 = flat.number()?;
    Ok(json!([format!("{:04}-{:02}", month / 100, month % 100), flat.number::<i64>()?]))
}

/// Where a member of an account stands: nothing of who is active.
pub(super) fn stands(item: &Value) -> Read<Value> {
    let mut flat = Flat::of(&item["u"], "u")?;
    if flat.is_done() {
        return Ok(Value::Null);
    }
    let state = flat.text()?;
    let mut stands = json!({ "state": state });
    match state.as_str() {
        "merged" => stands["into"] = json!(flat.text()?),
        "suspended" | "closed" => stands["since"] = json!(flat.number::<u64>()?),
        _ => {}
    }
    Ok(stands)
}

fn posted(item: &Value) -> Read<Value> {
    let fields = &item["M"];
    let mut said = json!({"entry": number::<u64>(&fields["e"], "po")?, "expires_at": plain(&fields["l"])?});
    if !fields["x"].is_null() {
        said["trace"] = plain(&fields["x"])?;
    }
    if !fields["q"].is_null() {
        said["status"] = plain(&fields["q"])?;
    }
    if !fields["p"].is_null() {
        said["activates_at"] = plain(&fields["p"])?;
    }
    Ok(said)
}

fn lots(item: &Value) -> Read<Vec<Value>> {
    Flat::of(item, "l")?.all(|flat| Ok(json!([flat.instant()?.to_string(), flat.number::<i64>()?])))
}

fn carried(fields: &Value) -> Read<Value> {
    let waits = |flat: &mut Flat<'_>| {
        Ok(json!([flat.instant()?.to_string(), flat.instant()?.to_string(), flat.number::<i64>()?]))
    };
    let mut said = json!({
        "active": lots(&fields["l"])?,
        "pending": Flat::of(&fields["p"], "p")?.all(waits)?,
        "months": Flat::of(&fields["m"], "m")?.all(month)?,
        "counters": counters(fields)?,
        "standing": held(&fields["y"])?.into_iter().collect::<Vec<_>>(),
        "floor": floor(&fields["z"])?.into_iter().collect::<Vec<_>>(),
        "cutovers": cutovers(&fields["k"])?,
    });
    if let Some(said) = said.as_object_mut() {
        said.retain(|_, part| part != &json!([]) && part != &json!({}));
    }
    if !fields["d"].is_null() {
        said["debt"] = plain(&fields["d"])?;
    }
    Ok(said)
}

fn own(fields: &Value) -> Read<Value> {
    let mut said = json!({});
    if let Some(held) = held(&fields["y"])? {
        said["standing"] = held;
    }
    if let Some(floor) = floor(&fields["z"])? {
        said["floor"] = floor;
    }
    if !fields["d"].is_null() {
        said["debt"] = plain(&fields["d"])?;
    }
    let cutovers = cutovers(&fields["k"])?;
    if !cutovers.is_empty() {
        said["cutovers"] = json!(cutovers);
    }
    Ok(said)
}

/// When it was brought over from elsewhere, by source and part.
pub(super) fn cutovers(item: &Value) -> Read<BTreeMap<String, Timestamp>> {
    let all = item["M"].as_object().into_iter().flatten();
    all.map(|(brought, as_of)| Ok((brought.clone(), instant(as_of, "k")?))).collect()
}

fn held(item: &Value) -> Read<Option<Value>> {
    if item.is_null() { Ok(None) } else { standing(&standings::standing(item)?).map(Some) }
}

fn floor(item: &Value) -> Read<Option<Value>> {
    if item.is_null() {
        return Ok(None);
    }
    let mut flat = Flat::of(item, "z")?;
    let said = json!({"tier": flat.text()?, "until": flat.instant()?.to_string()});
    if flat.is_done() { Ok(Some(said)) } else { Err(lacking("z")) }
}
