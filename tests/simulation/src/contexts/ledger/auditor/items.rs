//! What is stored, read by the auditor itself: an account and a page from DynamoDB's JSON. An entry is first brought into the
//! words that are hashed, every one of them, and read from there.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::attribute::{Flat, Read, bytes, hexadecimal, instant, lacking, list, number, plain, text};
use super::books::Books;
use super::brought;
use super::canonical::{Hash, of_parts, of_step};
use super::entry::Entry;
use super::remembered::Remembered;

/// An account as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) version: u64,
    pub(super) sequence: u64,
    pub(super) head: Hash,
    pub(super) books: Books,
    /// Status points by month, counted since year 0.
    pub(super) months: BTreeMap<i64, i64>,
    /// The tiers, and from when on.
    pub(super) spans: Vec<(String, Timestamp)>,
    pub(super) remembered: Remembered,
    /// Where the member stands; nothing of who is active.
    pub(super) stands: Value,
    /// The newest entry that is in a page.
    pub(super) sealed: u64,
    /// When the index of what is due shows it.
    pub(super) due: Option<Timestamp>,
    /// The newest entries, oldest first.
    pub(super) recent: Vec<Entry>,
}

/// A page of entries that never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) head: Hash,
    /// When the entry before its first was recorded.
    pub(super) previous_at: Option<Timestamp>,
    /// Oldest first, never empty.
    pub(super) entries: Vec<Entry>,
}

/// The words for what is stored in one letter or two.
const WORDS: [(&str, &str); 32] = [
    ("a", "activity"),
    ("r", "order"),
    ("x", "trace"),
    ("q", "status"),
    ("n", "net"),
    ("g", "tier"),
    ("fn", "returned"),
    ("fm", "returned_shipping"),
    ("fr", "netted"),
    ("fa", "attributes"),
    ("fb", "bases"),
    ("fo", "boosts"),
    ("fh", "headroom"),
    ("fs", "streaks"),
    ("fu", "undecided"),
    ("fp", "pieces"),
    ("fl", "lines_net"),
    ("fq", "parts"),
    ("fx", "suspended"),
    ("wh", "withheld"),
    ("sm", "shipping_minor"),
    ("ln", "lines"),
    ("am", "amount_minor"),
    ("as", "asked_minor"),
    ("rw", "reward"),
    ("rk", "reward_kind"),
    ("qt", "quantity"),
    ("vm", "value_minor"),
    ("rd", "redemption"),
    ("pt", "asked_points"),
    ("ib", "initiated_by"),
    ("st", "state"),
];

/// What an earning says under `inputs`.
const INPUTS: [&str; 15] = [
    "net",
    "tier",
    "returned",
    "returned_shipping",
    "netted",
    "attributes",
    "bases",
    "boosts",
    "headroom",
    "streaks",
    "undecided",
    "pieces",
    "lines_net",
    "parts",
    "suspended",
];

/// Reads an account.
pub(super) fn account(item: &Value) -> Read<Account> {
    let (sequence, version) = (number(&item["q"], "q")?, number(&item["v"], "v")?);
    let sealed = if item["s"].is_null() { 0 } else { number(&item["s"], "s")? };
    let pending = |flat: &mut Flat<'_>| Ok(((flat.millis()?, flat.millis()?), flat.number()?));
    let mut books = Books {
        active: Flat::of(&item["l"], "l")?.all(|flat| Ok((flat.millis()?, flat.number()?)))?.into_iter().collect(),
        pending: Flat::of(&item["p"], "p")?.all(pending)?.into_iter().collect(),
        debt: if item["d"].is_null() { 0 } else { number(&item["d"], "d")? },
        ..Books::default()
    };
    for (hold, fields) in item["o"]["M"].as_object().into_iter().flatten() {
        let hold: u64 = hold.parse().map_err(|_not_a_number| lacking("o"))?;
        books.holds.insert(hold, instant(&fields["M"]["u"], "u")?.as_millisecond());
        let lots = Flat::of(&fields["M"]["l"], "l")?.all(|flat| Ok((flat.millis()?, flat.number()?)))?;
        books.held.extend(lots.into_iter().map(|(at, points)| ((hold, at), points)));
    }
    let balance = books.total();
    Ok(Account {
        version,
        sequence,
        head: bytes(&item["h"], "h")?,
        books,
        months: months(item)?,
        spans: spans(item)?,
        remembered: Remembered::read(item)?,
        stands: brought::stands(item)?,
        sealed,
        due: if item["da"].is_null() { None } else { Some(instant(&item["da"], "da")?) },
        recent: entries(item, sealed + 1, balance)?,
    })
}

/// Reads a page.
pub(super) fn page(item: &Value) -> Read<Page> {
    let entries = entries(item, number(&item["first"], "first")?, number(&item["b"], "b")?)?;
    if entries.is_empty() {
        return Err(lacking("e"));
    }
    let previous_at = if item["w"].is_null() { None } else { Some(instant(&item["w"], "w")?) };
    Ok(Page { head: bytes(&item["h"], "h")?, previous_at, entries })
}

/// The first month as a number of six digits, then the points of it and of each month after it.
fn months(item: &Value) -> Read<BTreeMap<i64, i64>> {
    let mut flat = Flat::of(&item["m"], "m")?;
    if flat.is_done() {
        return Ok(BTreeMap::new());
    }
    let first: i64 = flat.number()?;
    let points = flat.all(Flat::number)?;
    let months = (first / 100 * 12 + first % 100 - 1..).zip(points);
    Ok(months.filter(|(_, points)| *points != 0).collect())
}

/// The tiers held; where they are left out, it is the one reached last.
fn spans(item: &Value) -> Read<Vec<(String, Timestamp)>> {
    if !item["t"].is_null() {
        return Flat::of(&item["t"], "t")?.all(|flat| Ok((flat.text()?, flat.instant()?)));
    }
    let Some(reached) = list(&item["y"], "y")?.last() else { return Ok(Vec::new()) };
    let mut flat = Flat::of(reached, "y")?;
    Ok(vec![(flat.text()?, flat.instant()?)])
}

/// Entries, numbered from the first; their balances are counted back from the one after the last.
fn entries(item: &Value, first: u64, balance: i64) -> Read<Vec<Entry>> {
    let said = list(&item["e"], "e")?.iter().zip(first..).map(|(entry, sequence)| said(&entry["M"], sequence));
    let mut said: Vec<Said> = said.collect::<Read<_>>()?;
    let mut after = balance;
    for Said { words, added, .. } in said.iter_mut().rev() {
        words.insert("balance".to_owned(), json!(after));
        after -= *added;
    }
    said.into_iter().map(|said| Ok(Entry { who: said.who, ..Entry::read(Value::Object(said.words))? })).collect()
}

/// An entry in the words that are hashed, but for the balance, and what it added to that.
struct Said {
    words: Map<String, Value>,
    added: i64,
    who: Option<String>,
}

fn said(item: &Value, sequence: u64) -> Read<Said> {
    let kind = if item["k"].is_null() { "earn".to_owned() } else { text(&item["k"], "k")? };
    let steps = Flat::of(&item["m"], "m")?.all(Flat::step)?;
    let (settled, movements): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(|step| step.by_time);
    let moved: i64 = movements.iter().map(|step| step.added).sum();
    let by_time: i64 = settled.iter().map(|step| step.added).sum();
    let mut words = detail(item, &kind, moved)?;
    for (name, steps) in [("settled", settled), ("movements", movements)] {
        if !steps.is_empty() {
            words.insert(name.to_owned(), steps.into_iter().map(|step| step.says).collect());
        }
    }
    let then: Vec<Value> = list(&item["tn"], "tn")?.iter().map(plain).collect::<Read<_>>()?;
    if !then.is_empty() {
        words.insert("then".to_owned(), Value::Array(then));
    }
    let asked_by_nobody = matches!(kind.as_str(), "settle" | "evaluate");
    let (operation, content) = if asked_by_nobody {
        (of_step(sequence, "settle"), "0".repeat(16))
    } else {
        (hexadecimal::<16>(&item["o"], "o")?, hexadecimal::<8>(&item["h"], "h")?)
    };
    let occurred_at = instant(&item["t"], "t")?;
    let later: i64 = if item["l"].is_null() { 0 } else { number(&item["l"], "l")? };
    let recorded_at = Timestamp::from_millisecond(occurred_at.as_millisecond() + later);
    let recorded_at = recorded_at.map_err(|_out_of_range| lacking("l"))?;
    let programme: u32 = number(&item["v"], "v")?;
    let all = json!({
        "kind": kind, "sequence": sequence, "operation": operation, "content": content, "programme": programme,
        "occurred_at": occurred_at.to_string(), "recorded_at": recorded_at.to_string(),
    });
    words.extend(all.as_object().cloned().unwrap_or_default());
    let who = if item["by"].is_null() { None } else { Some(text(&item["by"], "by")?) };
    if let Some(who) = &who {
        let why = if item["why"].is_null() { String::new() } else { text(&item["why"], "why")? };
        let operation: [u8; 16] = bytes(&item["o"], "o")?;
        let by = of_parts(&[b"by", &operation, who.as_bytes(), why.as_bytes()], 16);
        words.insert("by".to_owned(), json!(by));
    }
    Ok(Said { words, added: moved + by_time, who })
}

/// What an entry's kind records.
fn detail(item: &Value, kind: &str, moved: i64) -> Read<Map<String, Value>> {
    if let Some(words) = brought::words(item, kind)? {
        return Ok(words);
    }
    let (mut detail, mut inputs) = (Map::new(), Map::new());
    let own = ["o", "h", "t", "l", "v", "m", "k", "by", "why", "tn"];
    let fields = item.as_object().ok_or_else(|| lacking("e"))?;
    for (name, value) in fields.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
        let word = WORDS.iter().find(|(short, _)| short == name).map_or(name.as_str(), |(_, word)| word);
        let of_inputs = kind == "earn" && INPUTS.contains(&word);
        let fields = if of_inputs { &mut inputs } else { &mut detail };
        fields.insert(word.to_owned(), plain(value)?);
    }
    if let Some(Value::String(rule)) = detail.get("trace").cloned() {
        detail.insert("trace".to_owned(), json!({ rule: moved })); // it alone gave all points
    }
    if let Some(Value::Array(paid)) = detail.remove("pp") {
        let names = ["reported_minor", "captured_minor", "net_minor", "held_for_minor"];
        let paid: Map<String, Value> = names.into_iter().map(str::to_owned).zip(paid).collect();
        detail.insert("points_paid".to_owned(), Value::Object(paid));
    }
    if let Some(Value::Array(moved)) = detail.remove("mv") {
        let names = ["other", "reason"].map(str::to_owned);
        detail.insert("moved".to_owned(), Value::Object(names.into_iter().zip(moved).collect()));
    }
    for (fields, name) in [(&mut detail, "lines"), (&mut inputs, "returned")] {
        if let Some(Value::Array(flat)) = fields.get(name).cloned() {
            let line = |line: &[Value]| json!({"line": line[0], "quantity": line[1], "amount_minor": line[2]});
            fields.insert(name.to_owned(), flat.chunks(3).map(line).collect());
        }
    }
    if kind == "earn" && !detail.contains_key("activity") {
        detail.insert("activity".to_owned(), json!("order.paid"));
    }
    if !inputs.is_empty() {
        detail.insert("inputs".to_owned(), Value::Object(inputs));
    }
    Ok(detail)
}

/// A movement, or what time had done before: what it says, and what it adds to the balance.
struct Step {
    by_time: bool,
    says: Value,
    added: i64,
}

impl Flat<'_> {
    fn step(&mut self) -> Read<Step> {
        let tag = self.text()?;
        let at = |flat: &mut Self| flat.instant().map(|at| at.to_string());
        let (says, added) = match tag.as_str() {
            "a" => (json!({"pocket": "active", "expires_at": at(self)?}), true),
            "p" => (json!({"pocket": "pending", "activates_at": at(self)?, "expires_at": at(self)?}), true),
            "h" => (json!({"pocket": "held", "hold": self.number::<u64>()?, "expires_at": at(self)?}), true),
            "d" => (json!({"pocket": "debt"}), true),
            "X" => (json!({"what": "expired", "expires_at": at(self)?}), true),
            "A" | "R" => (json!({"what": "activated", "activates_at": at(self)?, "expires_at": at(self)?}), false),
            "E" => (json!({"what": "expiring", "expires_at": at(self)?}), false),
            _ => return self.told(&tag),
        };
        let (mut says, points) = (says, self.number::<i64>()?);
        says["points"] = json!(points);
        match tag.as_str() {
            "A" => says["repaid"] = json!(0),
            "R" => says["repaid"] = json!(self.number::<i64>()?),
            "E" => says["days"] = json!(self.number::<i64>()?),
            _ => {}
        }
        let by_time = says["pocket"].is_null();
        let sign = if by_time { -1 } else { 1 };
        Ok(Step { by_time, says, added: if added { sign * points } else { 0 } })
    }

    /// The end of a hold, which gives back what it took; a change of tier; a notice.
    fn told(&mut self, tag: &str) -> Read<Step> {
        let says = match tag {
            "H" => {
                let (hold, until) = (self.number::<u64>()?, self.instant()?.to_string());
                let (repaid, count) = (self.number::<i64>()?, self.number::<usize>()?);
                let part = |_| Ok(json!([self.instant()?.to_string(), self.number::<i64>()?]));
                let parts: Vec<Value> = (0..count).map(part).collect::<Read<_>>()?;
                json!({"what": "released", "hold": hold, "until": until, "repaid": repaid, "parts": parts})
            }
            "T" => {
                let mut change = plain(self.next()?)?;
                change["what"] = json!("tier");
                change
            }
            "U" => {
                let (tier, at) = (self.text()?, self.instant()?.to_string());
                let (missing, days) = (self.number::<i64>()?, self.number::<i64>()?);
                json!({"what": "downgrade_upcoming", "tier": tier, "at": at, "missing": missing, "days": days})
            }
            _ => return Err(lacking(self.what)),
        };
        Ok(Step { by_time: true, says, added: 0 })
    }
}
