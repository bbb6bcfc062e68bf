//! Entries of what came from elsewhere.

use crate::entries::{active, at, entry, leap, lot, s};
use crate::types::{
    Carried, Counter, Detail, Elsewhere, Entry, EntryId, Floor, Hash, Inputs, MemberState, Minor, Month, Movement,
    ORDER_PAID, OpenedPart, OpenedTier, Own, Past, Period, Points, Reached, Replaced, Standing,
};

fn brought_over(part: OpenedPart, rows: u32, tier: Option<OpenedTier>, status: &[(i32, i64)]) -> Detail {
    Detail::Opening {
        source: s("old-crm"),
        name: s("旧积分系统"),
        part,
        rows,
        file: Hash::of("the file"),
        tier,
        status: status.iter().map(|(month, points)| (Month(*month), Points(*points))).collect(),
        replaces: (rows == 2).then_some(Replaced { entry: 40, movements: 0 }),
        elsewhere: Elsewhere {
            as_of: (rows == 4).then(|| at("2028-01-01T00:00:00+08:00")),
            lifetime: (rows == 5).then_some(Points(12_000)),
            joined_on: (rows == 5).then(|| "2019-02-28".parse().expect("a date")),
        },
    }
}

/// An order that was paid there.
fn past(earned: i64, expires_at: Option<jiff::Timestamp>) -> Entry {
    let past = Past { net: Minor(9_999), earned: Points(earned), expires_at };
    let detail = Detail::Earn {
        activity: s(ORDER_PAID),
        order: Some(s("旧订单-1")),
        inputs: Inputs { net: Some(Minor(9_999)), past: Some(Box::new(past)), ..Inputs::default() },
        trace: [].into(),
        status: Points(0),
        points_paid: None,
        moved: None,
    };
    entry(detail, vec![], vec![])
}

fn pending(points: i64) -> Movement {
    Movement::Pending { activates_at: at("2028-03-14T16:00:00Z"), expires_at: lot(), points: Points(points) }
}

fn debt(points: i64) -> Movement {
    Movement::Debt { points: Points(points) }
}

/// Entries of what came from elsewhere, by the names of their files.
pub(crate) fn of_elsewhere() -> Vec<(String, Entry)> {
    let date = |text: &str| text.parse().expect("a date");
    let tier = OpenedTier { tier: s("gold"), since: date("2027-01-01"), until: date("2028-02-29") };
    let standing = |tier: &str| Standing {
        tier: s(tier),
        reached: leap(),
        reached_by: Reached::Kept,
        start: leap(),
        end: lot(),
        points: Points(5_300),
        grace_points: Points(0),
        in_grace: false,
    };
    let counter = Counter { what: s("reward:drink"), period: Period::CalendarDay, start: date("2028-02-29") };
    let full = || Carried {
        active: [(lot(), Points(200))].into(),
        pending: [((at("2028-03-14T16:00:00Z"), lot()), Points(20))].into(),
        debt: Points(0),
        months: [(Month(202_802), Points(300))].into(),
        counters: [(counter.clone(), 1)].into(),
        standing: Some(standing("gold")),
        floor: Some(Floor { tier: s("silver"), until: lot() }),
        cutovers: [].into(),
        lifetime: Points(0),
    };
    let there = |member: &str, sequence| EntryId { member: member.parse().expect("a member"), sequence };
    let own = Own { standing: Some(standing("silver")), floor: None, debt: Points(80), cutovers: [].into() };
    let moved_in = |at| [(s("old-crm/lots"), at)].into();
    let moved = Carried { cutovers: moved_in(leap()), lifetime: Points(12_000), ..Carried::default() };
    let had = Own { standing: None, floor: None, debt: Points(0), cutovers: moved_in(lot()) };
    let out = |carried, state| Detail::TransferOut { to: there("m-1", 7), merge: s("merge-1"), carried, state };
    let into = |carried, met, own| Detail::TransferIn {
        from: there("m-2", 9),
        merge: s("merge-1"),
        carried,
        met,
        own,
        state: MemberState::Suspended,
    };
    let owing = Carried { debt: Points(17), ..Carried::default() };
    let withdrawn = Detail::OpeningWithdrawn { source: s("old-crm"), part: OpenedPart::Lots, opening: 40 };
    let entries = [
        ("earn-past", past(100, Some(lot()))),
        ("earn-past-bare", past(0, None)),
        ("opening-lots", entry(brought_over(OpenedPart::Lots, 2, None, &[]), vec![], vec![active(200), pending(20)])),
        ("opening-cutover", entry(brought_over(OpenedPart::Lots, 4, None, &[]), vec![], vec![active(200)])),
        ("opening-lifetime", entry(brought_over(OpenedPart::Status, 5, None, &[]), vec![], vec![])),
        ("opening-debt", entry(brought_over(OpenedPart::Debt, 1, None, &[]), vec![], vec![debt(-80)])),
        ("opening-tiers", entry(brought_over(OpenedPart::Tiers, 1, Some(tier), &[]), vec![], vec![])),
        (
            "opening-status",
            entry(brought_over(OpenedPart::Status, 3, None, &[(202_711, 500), (202_802, 7)]), vec![], vec![]),
        ),
        ("opening_withdrawn", entry(withdrawn, vec![], vec![active(-200), pending(-20)])),
        ("transfer_out", entry(out(Box::new(full()), None), vec![], vec![active(-200), pending(-20)])),
        ("transfer_out-back", entry(out(Box::new(owing.clone()), Some(MemberState::Active)), vec![], vec![debt(17)])),
        (
            "transfer_in",
            entry(
                into(Box::new(full()), vec![(lot(), Points(80))], Some(Box::new(own))),
                vec![],
                vec![active(200), pending(20), active(-80), debt(80)],
            ),
        ),
        ("transfer_in-cutover", entry(into(Box::new(moved), vec![], Some(Box::new(had))), vec![], vec![])),
        ("transfer_in-back", entry(into(Box::new(owing), vec![], None), vec![], vec![debt(-17)])),
    ];
    entries.map(|(name, entry)| (s(name), entry)).into()
}
