//! The seal of an account, made by the auditor itself from what is stored: all that later decisions go by, as one text.

use serde_json::{Map, Value, json};

use super::attribute::{Read, bytes, instant, lacking, list, number, text};
use super::canonical::{canonical, hex, of_parts};
use super::items::Account;
use super::remembered::Boost;
use super::said::{at, counters, standing};

/// Is the account sealed as it is? An account without entries has nothing to seal.
pub(super) fn check(item: &Value, account: &Account) -> Read<()> {
    let stored = hex(&bytes::<20>(&item["a"], "a")?[..16]);
    let state = canonical(&state(item, account)?);
    let member = text(&item["member"], "member")?;
    let parts: [&[u8]; 5] =
        [b"perennial/state/1", member.as_bytes(), &account.sequence.to_be_bytes(), &account.head, state.as_bytes()];
    let given = if account.sequence == 0 { "0".repeat(32) } else { of_parts(&parts, 16) };
    if given == stored { Ok(()) } else { Err(format!("the seal is {stored}, that of {state} is {given}")) }
}

fn state(item: &Value, account: &Account) -> Read<Value> {
    let (books, kept) = (&account.books, &account.remembered);
    let active = books.active.iter().map(|(lot, points)| Ok(json!([at(*lot)?, points])));
    let pending = books.pending.iter().map(|((from, lot), points)| Ok(json!([at(*from)?, at(*lot)?, points])));
    let held = books.held.iter().map(|((hold, lot), points)| Ok(json!([hold, at(*lot)?, points])));
    let spans = account.spans.iter().map(|(tier, since)| json!({"tier": tier, "since": since.to_string()}));
    let months = account
        .months
        .iter()
        .map(|(month, points)| (format!("{:04}-{:02}", month / 12, month % 12 + 1), json!(points)));
    let streaks = kept.streaks.iter().map(|(rule, runs)| (rule.clone(), json!(runs)));
    let revoked = kept.standings.revoked.iter().map(|(tier, until)| Ok((tier.clone(), json!(at(*until)?))));
    let grace = list(&item["g"], "g")?.iter().map(|lot| Ok(json!(instant(lot, "g")?.to_string())));
    let mut state = json!({
        "lots": active.collect::<Read<Value>>()?,
        "pending": pending.collect::<Read<Value>>()?,
        "held": held.collect::<Read<Value>>()?,
        "holds": holds(item)?,
        "spans": spans.collect::<Value>(),
        "standings": kept.standings.held.iter().map(standing).collect::<Read<Value>>()?,
        "revoked": revoked.collect::<Read<Map<_, _>>>()?,
        "months": months.collect::<Map<_, _>>(),
        "counters": counters(item)?,
        "streaks": streaks.collect::<Map<_, _>>(),
        "boosts": kept.boosts.iter().map(boost).collect::<Read<Value>>()?,
        "grace": grace.collect::<Read<Value>>()?,
        "openings": kept.openings,
        "cutovers": kept.cutovers.iter().map(|(brought, as_of)| (brought.clone(), json!(as_of.to_string()))).collect::<Map<_, _>>(),
    });
    if !account.stands.is_null() {
        state["membership"] = account.stands.clone();
    }
    if books.debt != 0 {
        state["debt"] = json!(books.debt);
    }
    if let Some((lost, when, points)) = &kept.standings.lost {
        let mut lost = standing(lost)?;
        lost["lost_at"] = json!(at(*when)?);
        lost["points_since"] = json!(points);
        state["lost"] = lost;
    }
    if let Some((tier, until)) = &kept.standings.floor {
        state["floor"] = json!({"tier": tier, "until": at(*until)?});
    }
    if let Some((scores, segment, tags)) = &kept.score {
        let scores = json!({"r": scores.r, "f": scores.f, "m": scores.m, "l": scores.l, "s": scores.s});
        state["score"] = json!({"scores": scores, "segment": segment});
        if !tags.is_empty() {
            state["score"]["tags"] = json!(tags);
        }
    }
    if let Some(fields) = state.as_object_mut() {
        fields.retain(|_, part| part != &json!([]) && part != &json!({}));
    }
    Ok(state)
}

fn holds(item: &Value) -> Read<Vec<Value>> {
    let mut holds = Vec::new();
    for (hold, fields) in item["o"]["M"].as_object().into_iter().flatten() {
        let hold: u64 = hold.parse().map_err(|_not_a_number| lacking("o"))?;
        let fields = &fields["M"];
        let (order, value) = (text(&fields["o"], "o")?, number::<i64>(&fields["w"], "o")?);
        let until = instant(&fields["u"], "o")?.to_string();
        holds.push((hold, json!({"hold": hold, "order": order, "value_minor": value, "until": until})));
    }
    holds.sort_unstable_by_key(|(hold, _)| *hold);
    Ok(holds.into_iter().map(|(_, hold)| hold).collect())
}

fn boost(boost: &Boost) -> Read<Value> {
    let Boost { rule, multiplier, cap, from, until } = boost;
    Ok(json!({"rule": rule, "multiplier": multiplier, "cap": cap, "from": at(*from)?, "until": at(*until)?}))
}
