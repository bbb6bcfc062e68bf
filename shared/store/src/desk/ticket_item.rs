//! A ticket as an item of `tickets`.
//!
//! | attribute | |
//! |---|---|
//! | `ticket` | its id |
//! | `v` `w` `op` `news` `ds` `da` | as of every aggregate |
//! | `m` `at` | whose, and when it was opened: the index `member` |
//! | `pv` `q` `o` `p` | programme version, queue, owner, policy |
//! | `ab` `co` | what it is about, see [`About`]; correlation |
//! | `s` `po` | states: `[name, since]`; in which of them a clock stands still |
//! | `k` | clocks: `k` kind, `i` instance, `s` start, `f` counts from, `t` target, `v` version, `c` calendar, `x` fixed, `e` end, `r` verdict, `d` missed, `w` warned |
//! | `nr` `an` `re` `un` | further answers, is it answered, how many answers, unanswered since |
//! | `rs` `ro` `le` `of` | resolutions, reopenings, level, offered at |
//! | `g` `l` `n` | grants, links, rows of the log |
//! | `lq` `lw` `ld` | queue, owner or `-QUEUE`, and by what it is sorted: the indexes `queue` and `owner`; of what is over none |
//! | `ls` `lt` `lc` `lr` | for lists: state, topic, since when, when it was resolved last |

use aws_sdk_dynamodb::types::AttributeValue;
use domain::desk::{About, Clock, History, Kind, State, Ticket, Verdict};
use domain::kernel::change::Key;
use domain::planted;
use domain::programme::setting::Setting;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aggregate::{Ring, Stored};
use crate::attribute::{
    Item, as_instant, as_list, as_map, as_number, as_text, from_json, instant, number, put, text, to_json,
};
use crate::error::{Damage, damaged};
use crate::table::{TICKET_LOG, TICKETS, Table};

/// By what something is sorted that waits for nobody: the end of the year 9999.
pub(super) const LAST: i64 = 253_402_200_000;

impl Stored for Ticket {
    const TABLE: Table = TICKETS;
    const BESIDE: &'static [Table] = &[TICKET_LOG];
    const LARGEST: usize = 32 * 1024;
    const KEEPS: Ring = Ring::USUAL;

    /// Nobody has opened it: its version says so.
    fn new(key: &Key) -> Self {
        let nothing = String::new;
        Self {
            id: key.hash.clone(),
            version: 0,
            queue: nothing(),
            owner: None,
            policy: nothing(),
            about: About::default(),
            member: None,
            correlation: nothing(),
            opened_at: Timestamp::UNIX_EPOCH,
            history: History::new(Timestamp::UNIX_EPOCH, &[]),
            clocks: Vec::new(),
            next_responses: 0,
            answered: false,
            replies: 0,
            unanswered: None,
            resolutions: 0,
            reopenings: 0,
            level: 0,
            offered_at: None,
            grants: Vec::new(),
            links: Vec::new(),
            rows: 0,
        }
    }

    fn encode(&self, item: &mut Item) {
        encode(self, item);
    }

    fn decode(key: &Key, item: &Item) -> Result<Self, Damage> {
        decode(key, item)
    }

    fn due(&self, setting: Setting<'_>) -> Option<Timestamp> {
        let programme = setting.programmes.at(setting.now);
        self.due(setting.programmes, &programme.document().desk, programme.zone())
    }
}

fn encode(ticket: &Ticket, item: &mut Item) {
    let mut set = |name: &str, value: AttributeValue| put(item, name, value);
    set("pv", number(ticket.version));
    set("q", text(&ticket.queue));
    set("p", text(&ticket.policy));
    set("ab", json(&ticket.about));
    set("co", text(&ticket.correlation));
    set("at", instant(ticket.opened_at));
    let state = |(state, since): &(State, Timestamp)| AttributeValue::L(vec![text(state.name()), instant(*since)]);
    set("s", AttributeValue::L(ticket.history.states.iter().map(state).collect()));
    set("po", json(&ticket.history.pause_on));
    set("k", AttributeValue::L(ticket.clocks.iter().map(encode_clock).collect()));
    set("g", json(&ticket.grants));
    set("l", json(&ticket.links));
    set("n", number(ticket.rows));
    let counts = [
        ("nr", ticket.next_responses),
        ("re", ticket.replies),
        ("rs", ticket.resolutions),
        ("ro", ticket.reopenings),
        ("le", ticket.level),
    ];
    for (name, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        set(name, number(count));
    }
    if ticket.answered {
        set("an", AttributeValue::Bool(true));
    }
    for (name, at) in [("un", ticket.unanswered), ("of", ticket.offered_at)] {
        if let Some(at) = at {
            set(name, instant(at));
        }
    }
    if let Some(owner) = &ticket.owner {
        set("o", text(owner));
    }
    if let Some(member) = &ticket.member {
        set("m", text(member.as_str()));
    }
}

/// What lists show and are sorted by.
pub(super) fn encode_listed(ticket: &Ticket, setting: Setting<'_>, item: &mut Item) {
    if planted!("bug-ticket-unlisted") {
        return;
    }
    let (state, since) = ticket.history.newest();
    item.insert("ls".to_owned(), text(state.name()));
    item.insert("lt".to_owned(), text(&ticket.about.topic));
    item.insert("lc".to_owned(), instant(since));
    let resolved = ticket.history.states.iter().rev().find(|(state, _)| *state == State::Resolved);
    item.extend(resolved.map(|(_, at)| ("lr".to_owned(), instant(*at))));
    if !state.is_at_work() && state != State::Resolved {
        return;
    }
    let programme = setting.programmes.at(setting.now);
    let sorted = ticket.sorts_by(setting.programmes, &programme.document().desk, programme.zone());
    let sorted = sorted.filter(|_| state.is_at_work());
    let unowned = || format!("-{}", ticket.queue);
    item.insert("lq".to_owned(), text(&ticket.queue));
    item.insert("lw".to_owned(), text(ticket.owner.clone().unwrap_or_else(unowned)));
    item.insert("ld".to_owned(), sorted.map_or_else(|| number(LAST), instant));
}

fn decode(key: &Key, item: &Item) -> Result<Ticket, Damage> {
    let words = |name: &'static str| as_text(item.get(name), name).map(str::to_owned);
    let count = |name: &'static str| item.get(name).map_or(Ok(0), |value| as_number(Some(value), name));
    let moment = |name: &'static str| item.get(name).map(|value| as_instant(Some(value), name)).transpose();
    let member = item.get("m").map(|value| as_text(Some(value), "m")?.parse().map_err(|_not_an_id| damaged("m")));
    let states = as_list(item.get("s"), "s")?.iter().map(|state| {
        let [name, since] = as_list(Some(state), "s")? else { return Err(damaged("s")) };
        let name = as_text(Some(name), "s")?;
        let state = serde_json::from_value(name.into()).map_err(|_no_state| damaged("s"))?;
        Ok((state, as_instant(Some(since), "s")?))
    });
    let states: Vec<(State, Timestamp)> = states.collect::<Result<_, Damage>>()?;
    if states.is_empty() {
        return Err(damaged("s"));
    }
    Ok(Ticket {
        id: key.hash.clone(),
        version: as_number(item.get("pv"), "pv")?,
        queue: words("q")?,
        owner: item.contains_key("o").then(|| words("o")).transpose()?,
        policy: words("p")?,
        about: of_json(item, "ab")?.ok_or_else(|| damaged("ab"))?,
        member: member.transpose()?,
        correlation: words("co")?,
        opened_at: as_instant(item.get("at"), "at")?,
        history: History { states, pause_on: of_json(item, "po")?.unwrap_or_default() },
        clocks: as_list(item.get("k"), "k")?.iter().map(decode_clock).collect::<Result<_, _>>()?,
        next_responses: count("nr")?,
        answered: item.contains_key("an"),
        replies: count("re")?,
        unanswered: moment("un")?,
        resolutions: count("rs")?,
        reopenings: count("ro")?,
        level: count("le")?,
        offered_at: moment("of")?,
        grants: of_json(item, "g")?.unwrap_or_default(),
        links: of_json(item, "l")?.unwrap_or_default(),
        rows: as_number(item.get("n"), "n")?,
    })
}

fn json(value: &impl Serialize) -> AttributeValue {
    from_json(&serde_json::to_value(value).expect("a part of a ticket is plain data"))
}

fn of_json<T: DeserializeOwned>(item: &Item, name: &'static str) -> Result<Option<T>, Damage> {
    let read = |value| serde_json::from_value(to_json(value)?).map_err(|_another_shape| damaged(name));
    item.get(name).map(read).transpose()
}

/// Kinds of clocks, and what came of them, by the letters that they are written as.
const KINDS: [(&str, Kind); 3] = [("f", Kind::FirstResponse), ("n", Kind::NextResponse), ("r", Kind::Resolution)];
const VERDICTS: [(&str, Verdict); 3] = [("m", Verdict::Met), ("b", Verdict::Breached), ("d", Verdict::Dropped)];

fn letter<T: PartialEq>(of: &[(&'static str, T)], value: &T) -> AttributeValue {
    let found = of.iter().find(|(_, known)| known == value).map(|(letter, _)| *letter);
    text(found.expect("each has a letter"))
}

fn of_letter<T: Copy>(of: &[(&'static str, T)], value: &AttributeValue) -> Result<T, Damage> {
    let letter = as_text(Some(value), "k")?;
    of.iter().find(|(known, _)| *known == letter).map(|(_, value)| *value).ok_or_else(|| damaged("k"))
}

fn encode_clock(clock: &Clock) -> AttributeValue {
    let mut fields = Item::from([
        ("k".to_owned(), letter(&KINDS, &clock.kind)),
        ("i".to_owned(), number(clock.instance)),
        ("s".to_owned(), instant(clock.started_at)),
        ("t".to_owned(), number(clock.target_ms)),
        ("v".to_owned(), number(clock.version)),
        ("c".to_owned(), text(&clock.calendar)),
    ]);
    let counts_from = Some(clock.counts_from).filter(|from| *from != clock.started_at);
    for (name, at) in [("f", counts_from), ("x", clock.fixed), ("e", clock.ended_at), ("d", clock.missed)] {
        fields.extend(at.map(|at| (name.to_owned(), instant(at))));
    }
    fields.extend(clock.verdict.as_ref().map(|verdict| ("r".to_owned(), letter(&VERDICTS, verdict))));
    fields.extend(clock.warned.then(|| ("w".to_owned(), AttributeValue::Bool(true))));
    AttributeValue::M(fields)
}

fn decode_clock(value: &AttributeValue) -> Result<Clock, Damage> {
    let fields: Item =
        as_map(Some(value), "k")?.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let moment = |name: &str| fields.get(name).map(|value| as_instant(Some(value), "k")).transpose();
    let started_at = moment("s")?.ok_or_else(|| damaged("k"))?;
    Ok(Clock {
        kind: of_letter(&KINDS, fields.get("k").ok_or_else(|| damaged("k"))?)?,
        instance: as_number(fields.get("i"), "k")?,
        started_at,
        counts_from: moment("f")?.unwrap_or(started_at),
        target_ms: as_number(fields.get("t"), "k")?,
        version: as_number(fields.get("v"), "k")?,
        calendar: as_text(fields.get("c"), "k")?.to_owned(),
        fixed: moment("x")?,
        ended_at: moment("e")?,
        verdict: fields.get("r").map(|value| of_letter(&VERDICTS, value)).transpose()?,
        missed: moment("d")?,
        warned: fields.contains_key("w"),
    })
}
