//! Agents, and whose own they are, as items of `desk`.
//!
//! | attribute of `a#AGENT` | |
//! |---|---|
//! | `v` `w` `op` | as of every aggregate |
//! | `qs` `ls` `ca` `ow` | queues, languages, capacity, own member ids (absent: nothing is said of them) |
//! | `si` `n` `la` `gb` | since when the status is, open tickets, when the agent got one last, what waited is given back |
//! | `ak` `as` | the index `agents`: always `agent`, and status, `#`, agent |
//!
//! | attribute of `d#MEMBER` | |
//! |---|---|
//! | `v` `w` `op` `news` | as of every aggregate |
//! | `mg` | the agent: the index `manager`; absent once that has ended |

use aws_sdk_dynamodb::types::AttributeValue;
use domain::desk::{Dedication, Record, Said, Status};
use domain::kernel::change::Key;
use domain::programme::setting::Setting;
use jiff::Timestamp;

use crate::aggregate::{Ring, Stored};
use crate::attribute::{Item, as_instant, as_list, as_number, as_text, instant, number, put, text};
use crate::error::{Damage, damaged};
use crate::table::{DESK, Table};

/// What the keys of agents, and of those whose own they are, begin with.
pub(super) const AGENT: &str = "a#";
pub(super) const DEDICATED: &str = "d#";
/// The hash key of the index of all agents.
pub(super) const AGENTS: &str = "agent";

const STATUS: [(&str, Status); 3] =
    [("available", Status::Available), ("away", Status::Away), ("offline", Status::Offline)];

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> AttributeValue {
    AttributeValue::L(values.map(text).collect())
}

impl Stored for Record {
    const TABLE: Table = DESK;
    const BESIDE: &'static [Table] = &[];
    const LARGEST: usize = 8 * 1024;
    const KEEPS: Ring = Ring::SHORT;

    fn new(key: &Key) -> Self {
        let id = key.hash.strip_prefix(AGENT).unwrap_or(&key.hash).to_owned();
        let (said, since) = (Said::default(), Timestamp::UNIX_EPOCH);
        Self { id, said, status: Status::Offline, since, open: 0, last_assigned: None, gave_back: false }
    }

    fn encode(&self, item: &mut Item) {
        let Said { queues, locales, capacity, own } = &self.said;
        put(item, "qs", texts(queues.iter().map(String::as_str)));
        put(item, "ls", texts(locales.iter().map(String::as_str)));
        item.insert("ca".to_owned(), number(capacity));
        // None is another thing than nobody.
        item.extend(own.iter().map(|own| ("ow".to_owned(), texts(own.iter().map(|member| member.as_str())))));
        item.insert("si".to_owned(), instant(self.since));
        item.insert("n".to_owned(), number(self.open));
        item.extend(self.last_assigned.map(|at| ("la".to_owned(), instant(at))));
        item.extend(self.gave_back.then(|| ("gb".to_owned(), AttributeValue::Bool(true))));
        let status = STATUS.iter().find(|(_, status)| *status == self.status).map_or("", |(name, _)| *name);
        item.insert("ak".to_owned(), text(AGENTS));
        item.insert("as".to_owned(), text(format!("{status}#{}", self.id)));
    }

    fn decode(key: &Key, item: &Item) -> Result<Self, Damage> {
        let list = |name: &'static str| {
            let all = as_list(item.get(name), name)?.iter();
            all.map(|value| as_text(Some(value), name).map(str::to_owned)).collect::<Result<Vec<_>, _>>()
        };
        let own = item.contains_key("ow").then(|| {
            let parsed = list("ow")?.into_iter().map(|id| id.parse().map_err(|_not_an_id| damaged("ow")));
            parsed.collect::<Result<Vec<_>, Damage>>()
        });
        let status = as_text(item.get("as"), "as")?.split('#').next().unwrap_or_default();
        let status = STATUS.iter().find(|(name, _)| *name == status).map(|(_, status)| *status);
        Ok(Self {
            said: Said {
                queues: list("qs")?,
                locales: list("ls")?,
                capacity: as_number(item.get("ca"), "ca")?,
                own: own.transpose()?,
            },
            status: status.ok_or_else(|| damaged("as"))?,
            since: as_instant(item.get("si"), "si")?,
            open: as_number(item.get("n"), "n")?,
            last_assigned: item.get("la").map(|at| as_instant(Some(at), "la")).transpose()?,
            gave_back: item.contains_key("gb"),
            ..Self::new(key)
        })
    }

    fn due(&self, _: Setting<'_>) -> Option<Timestamp> {
        None
    }
}

impl Stored for Dedication {
    const TABLE: Table = DESK;
    const BESIDE: &'static [Table] = &[];
    const LARGEST: usize = 2 * 1024;
    const KEEPS: Ring = Ring::SHORT;

    fn new(key: &Key) -> Self {
        let member = key.hash.strip_prefix(DEDICATED).and_then(|member| member.parse().ok());
        Self { member: member.expect("the key of a dedication is a member's"), manager: None }
    }

    fn encode(&self, item: &mut Item) {
        item.extend(self.manager.as_ref().map(|manager| ("mg".to_owned(), text(manager))));
    }

    fn decode(key: &Key, item: &Item) -> Result<Self, Damage> {
        let manager = item.get("mg").map(|value| as_text(Some(value), "mg").map(str::to_owned)).transpose()?;
        Ok(Self { manager, ..Self::new(key) })
    }

    fn due(&self, _: Setting<'_>) -> Option<Timestamp> {
        None
    }
}
