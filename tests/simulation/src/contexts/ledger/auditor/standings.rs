//! The tiers that an account holds and has lost, as stored: what its next changes rest on.

use std::collections::BTreeMap;

use serde_json::Value;

use super::attribute::{Flat, Read, list};

/// A tier that is held, or was. Instants are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) tier: String,
    pub(super) reached: i64,
    pub(super) start: i64,
    pub(super) end: i64,
    /// Status points of facts in the period, and since its end.
    pub(super) points: (i64, i64),
    /// 1 in grace, 2 by segment, 4 not to be revoked.
    pub(super) flags: i64,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Standings {
    /// The tier reached, last, and those it covers.
    pub(super) held: Vec<Standing>,
    /// The tier lost last, when, and the status points of facts since.
    pub(super) lost: Option<(Standing, i64, i64)>,
    /// The tier below which the member does not fall, and until when.
    pub(super) floor: Option<(String, i64)>,
    /// Tiers that were revoked, and until when they would have been held.
    pub(super) revoked: BTreeMap<String, i64>,
}

impl Standings {
    /// Reads them from an account.
    pub(super) fn read(item: &Value) -> Read<Self> {
        let held = list(&item["y"], "y")?.iter().map(standing).collect::<Read<_>>()?;
        let lost = match list(&item["z"], "z")? {
            [] => None,
            [lost, since @ ..] => {
                let mut flat = Flat { items: since.iter(), what: "z" };
                Some((standing(lost)?, flat.millis()?, flat.number()?))
            }
        };
        let pairs = |name| Flat::of(&item[name], "tier")?.all(|flat| Ok((flat.text()?, flat.millis()?)));
        let (floor, revoked) = (pairs("n")?.pop(), pairs("x")?.into_iter().collect());
        Ok(Self { held, lost, floor, revoked })
    }
}

/// Tier, reached, end, points; and where they are not as usual, start, points of the grace, flags.
pub(super) fn standing(value: &Value) -> Read<Standing> {
    let mut flat = Flat::of(value, "y")?;
    let (tier, reached, end, points) = (flat.text()?, flat.millis()?, flat.millis()?, flat.number()?);
    let start = if flat.is_done() { reached + 1 } else { flat.millis()? };
    let (in_grace, flags) = if flat.is_done() { (0, 0) } else { (flat.number()?, flat.number()?) };
    Ok(Standing { tier, reached, start, end, points: (points, in_grace), flags })
}
