//! Accounts, from one that is new to one in which nothing is empty; leaves and checkpoints.

use store::Record;

use crate::entries::at;
use crate::types::{
    Account, Boost, Checkpoint, Counter, Floor, Hash, Hold, Leaf, Lost, Membership, Minor, Month, Period, Points,
    Reached, Recorded, Room, Run, Score, Scores, Standing, TierSpan, Tiers, Turns,
};

fn standing(tier: &str, reached_by: Reached, in_grace: bool) -> Standing {
    Standing {
        tier: tier.to_owned(),
        reached: at("2027-02-28T16:00:00.5Z"),
        reached_by,
        start: at("2027-02-28T16:00:00.501Z"),
        end: at("2028-02-29T16:00:00Z"),
        points: Points(12_500),
        grace_points: Points(i64::from(in_grace) * 40),
        in_grace,
    }
}

/// Before the first entry, but written: a place in the index and nothing else.
fn bare() -> Record {
    let account = Account::new("m-1".parse().expect("a member"));
    Record { version: 1, account, recent: Vec::new(), sealed: None, due: None }
}

fn usual() -> Record {
    let mut record = bare();
    let account = &mut record.account;
    (account.sequence, account.head) = (52, Hash::of("the newest entry"));
    account.pockets.active =
        [(at("2028-03-31T16:00:00Z"), Points(299)), (at("2028-04-30T16:00:00Z"), Points(1_001))].into();
    account.pockets.pending = [((at("2028-02-29T16:00:00Z"), at("2029-02-28T16:00:00Z")), Points(199))].into();
    account.qualifying = [(Month(202_712), Points(199)), (Month(202_802), Points(2_990))].into();
    account.tiers.standings = vec![standing("silver", Reached::Points, false)];
    account.tiers.spans = vec![TierSpan { tier: "silver".to_owned(), since: at("2027-02-28T16:00:00.5Z") }];
    account.written_at = Some(at("2028-02-29T01:02:03.004Z"));
    (record.version, record.sealed) = (60, Some(Recorded { sequence: 52, at: at("2028-02-29T01:02:03.004Z") }));
    record.due = Some(at("2028-03-01T16:00:00Z"));
    record
}

fn full() -> Record {
    let mut record = usual();
    let account = &mut record.account;
    account.pockets.held =
        [((50, at("2028-03-31T16:00:00Z")), Points(300)), ((51, at("2028-03-31T16:00:00Z")), Points(1))].into();
    account.pockets.debt = Points(17);
    account.membership = Membership::Suspended { since: 51 };
    let hold = |order: &str, value| Hold {
        order: order.to_owned(),
        value: Minor(value),
        until: at("2028-02-29T01:32:03.004Z"),
    };
    account.holds = [(50, hold("订单-7", 300)), (51, hold("o-8", 1))].into();
    let date = |text: &str| text.parse().expect("a date");
    let counter = |what: &str, period, start: &str| Counter { what: what.to_owned(), period, start: date(start) };
    account.counters = [
        (counter("review-approved", Period::CalendarMonth, "2028-02-01"), 2),
        (counter("review-approved", Period::CalendarMonth, "2028-01-01"), 1),
        (counter("reward:drink", Period::CalendarDay, "2028-02-29"), 1),
        (counter("benefit:lounge", Period::CalendarYear, "2028-01-01"), 3),
        (counter("welcome", Period::Ever, "1970-01-01"), 1),
    ]
    .into();
    account.streaks =
        [("checkin".to_owned(), vec![Run { first: 21_200, last: 21_206 }, Run { first: 21_210, last: 21_210 }])].into();
    account.boosts = vec![Boost {
        rule: "comeback".to_owned(),
        multiplier: "3/2".to_owned().try_into().expect("a ratio"),
        cap: Points(2_000),
        from: at("2028-02-01T00:00:00Z"),
        until: at("2028-03-02T00:00:00Z"),
    }];
    account.grace = [at("2028-03-31T16:00:00Z")].into();
    account.openings = [("old-crm/lots".to_owned(), 1), ("old-crm/tiers".to_owned(), 2)].into();
    account.tiers = Tiers {
        spans: vec![
            TierSpan { tier: "member".to_owned(), since: at("2026-01-01T00:00:00Z") },
            TierSpan { tier: "gold".to_owned(), since: at("2027-02-28T16:00:00.5Z") },
        ],
        standings: vec![
            standing("silver", Reached::Kept, true),
            standing("gold", Reached::Segment, false),
            standing("platinum", Reached::Points, false),
        ],
        lost: Some(Lost {
            standing: standing("gold", Reached::Points, true),
            at: at("2026-12-31T16:00:00Z"),
            points: Points(5),
        }),
        floor: Some(Floor { tier: "gold".to_owned(), until: at("2028-12-31T16:00:00Z") }),
        revoked: [("platinum".to_owned(), at("2028-06-30T16:00:00Z"))].into(),
    };
    account.score = Some(Score {
        scores: Scores { r: 5, f: 4, m: 3, l: 2, s: 1 },
        segment: "champions".to_owned(),
        tags: ["big-basket".to_owned(), "晒单".to_owned()].into(),
        turns: Turns {
            anyway: Some(at("2028-05-31T16:00:00Z")),
            without_order: Some(at("2028-03-04T16:00:00Z")),
            without_activity: None,
        },
        room: Room {
            orders: Some(3),
            spent_minor: Some(120_000),
            influence: None,
            order_turns: true,
            activity_turns: false,
        },
    });
    record
}

/// Of who was brought over from another programme.
fn moved_in() -> Record {
    let mut record = usual();
    record.account.openings = [("old-crm/lots".to_owned(), 1)].into();
    record.account.lifetime = Points(12_000);
    record.account.cutovers = [("old-crm/lots".to_owned(), at("2027-12-31T16:00:00Z"))].into();
    record
}

fn sealed(mut record: Record) -> Record {
    record.account.seal = record.account.seal_of_state();
    record
}

/// By name.
pub(crate) fn all() -> [(&'static str, Record); 4] {
    [("bare", bare()), ("usual", sealed(usual())), ("full", sealed(full())), ("moved-in", sealed(moved_in()))]
}

/// A checkpoint of three accounts, and their leaves.
pub(crate) fn checkpoint() -> (Checkpoint, Vec<Leaf>) {
    let leaf = |member: &str, (first, sequence), balance| Leaf {
        member: member.parse().expect("a member"),
        first,
        before: Hash::of("the entry before"),
        sequence,
        head: Hash::of(member),
        balance: Points(balance),
        seal: sealed(usual()).account.seal,
    };
    let leaves = vec![leaf("m-1", (1, 3), 299), leaf("m-2", (52, 52), -80), leaf("m-3", (7, 9), 9_007_199_254_740_993)];
    let day = "2028-02-29".parse().expect("a date");
    (Checkpoint::of(day, Hash::of("the day before"), leaves.iter()), leaves)
}
