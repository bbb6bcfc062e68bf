//! An identifier leaves a member, and what ends with it (rules: members 8, 12).

use jiff::Timestamp;

use crate::kernel::refusal::refusals;
use crate::members::consent::{Consent, Record, Said};
use crate::members::identifier::Kind;
use crate::members::state::{Held, Member};
use crate::programme::channel::Channel;
use crate::programme::members::Members;

refusals! {
    /// An identifier cannot be taken from a member.
    Unlinking {
        /// The member has none of this number, or the caller does not see it.
        NotFound NoSuchIdentifier ("not_found") = "there is no such identifier",
        /// Nobody would find the member any more.
        Conflict LastIdentifier ("last_identifier") = "it is the last by which the member can be found; if that is meant, say confirm=true",
    }
}

/// Which identifier is taken from a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlink {
    /// Its number.
    pub n: u32,
    /// Though it is the last by which the member can be found?
    pub confirm: bool,
    /// The sources whose identifiers the caller sees; none if it sees all.
    pub of: Option<Vec<String>>,
}

/// Takes an identifier from a member. None if that was done before.
///
/// # Errors
/// There is none, or it is the last by which the member can be found.
pub fn unlink(member: &mut Member, asked: &Unlink, rules: &Members) -> Result<Option<Held>, Unlinking> {
    let Some(held) = member.identifiers.iter().find(|held| held.n == asked.n) else {
        let was = (1..=member.numbered).contains(&asked.n) && asked.of.is_none();
        return if was { Ok(None) } else { Err(Unlinking::NoSuchIdentifier) };
    };
    if asked.of.as_ref().is_some_and(|sources| !sources.contains(&held.source)) {
        return Err(Unlinking::NoSuchIdentifier);
    }
    let finds = |held: &&Held| !held.contact && rules.r#match.iter().any(|by| Kind::from(*by) == held.identifier.kind);
    let others = member.identifiers.iter().filter(|other| other.n != asked.n).any(|other| finds(&other));
    if finds(&held) && !others && !asked.confirm {
        return Err(Unlinking::LastIdentifier);
    }
    let index = held.index;
    Ok(member.unlink(index))
}

/// With an identifier that is another's now, the consent to write there ends. Returns what is recorded.
pub(crate) fn unreachable(member: &mut Member, kind: &Kind, now: Timestamp) -> Vec<Record> {
    let channels: &[Channel] = match kind {
        Kind::Phone => &[Channel::Sms, Channel::Phone],
        Kind::Email => &[Channel::Email],
        Kind::Wecom => &[Channel::Wecom],
        _ => &[],
    };
    let mut ended = Vec::new();
    for ((purpose, channel), consent) in member.consents.clone() {
        if channel.is_some_and(|channel| channels.contains(&channel)) && consent.said != Said::Withdrawn {
            let withdrawn = Consent { said: Said::Withdrawn, at: consent.at.max(now), version: None };
            let record = Record { subject: (purpose, channel), consent: withdrawn, superseded: false };
            record.apply(&mut member.consents);
            ended.push(record);
        }
    }
    ended
}
