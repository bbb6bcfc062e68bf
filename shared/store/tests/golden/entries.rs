//! Entries of every kind, with and without what may be absent.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::types::{
    Boost, ContentHash, Detail, Doer, Entry, GrantRefusal, Granted, Initiator, Inputs, Measures, MemberState, Minor,
    MovedOrder, Movement, ORDER_PAID, OperationId, Part, Points, PointsPaid, Posted, Returned, ReturnedLine,
    RewardKind, Scalar, ScoreChange, Scores, Settlement, StreakStep, TierChange, Transition,
};

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

pub(crate) fn leap() -> Timestamp {
    at("2028-02-29T15:59:59.999Z")
}

pub(crate) fn lot() -> Timestamp {
    at("2029-03-31T16:00:00Z")
}

pub(crate) fn active(points: i64) -> Movement {
    Movement::Active { expires_at: lot(), points: Points(points) }
}

fn held(points: i64) -> Movement {
    Movement::Held { hold: 40, expires_at: lot(), points: Points(points) }
}

pub(crate) fn s(text: &str) -> String {
    text.to_owned()
}

pub(crate) const TRANSITIONS: [Transition; 9] = [
    Transition::Upgraded,
    Transition::Renewed,
    Transition::GraceStarted,
    Transition::Downgraded,
    Transition::Revoked,
    Transition::Reinstated,
    Transition::FloorSet,
    Transition::FloorEnded,
    Transition::Carried,
];

fn change(change: Transition, full: bool) -> TierChange {
    TierChange {
        change,
        from: s("silver"),
        tier: s("gold"),
        at: leap(),
        until: full.then(lot),
        status: Points(12_500),
        needed: Points(10_000),
        segment: full.then(|| s("champions")),
        regained: full,
        granted: if full { vec![s("birthday-gift"), s("包邮")] } else { Vec::new() },
        withdrawn: if full { vec![s("lounge")] } else { Vec::new() },
    }
}

fn score(full: bool) -> ScoreChange {
    let scores = Scores { r: 5, f: 4, m: 3, l: 2, s: 1 };
    ScoreChange {
        scores,
        before: full.then_some(Scores { r: 1, ..scores }),
        measures: Measures {
            days_since_order: 3,
            orders: 52,
            spent_minor: Minor(123_456_789),
            active_quarters: 4,
            lifetime_value_minor: Minor(9_007_199_254_740_993),
            influence: 12,
            days_since_activity: 1,
            tenure_days: 365,
        },
        segment: s("champions"),
        left: full.then(|| s("new")),
        tagged: if full { vec![s("big-basket")] } else { Vec::new() },
        untagged: if full { vec![s("at-risk")] } else { Vec::new() },
    }
}

fn inputs() -> Inputs {
    Inputs {
        attributes: [
            (s("channel"), Scalar::Text(s("小程序"))),
            (s("gift"), Scalar::Boolean(true)),
            (s("items"), Scalar::Integer(-7)),
        ]
        .into(),
        tier: Some(s("gold")),
        net: Some(Minor(100_000_000_001)),
        netted: Minor(500),
        bases: [(s("base"), Minor(99_999))].into(),
        boosts: vec![Boost {
            rule: s("comeback"),
            multiplier: s("3/2").try_into().expect("a ratio"),
            cap: Points(2_000),
            from: at("2028-02-01T00:00:00Z"),
            until: lot(),
        }],
        headroom: [(s("max_balance"), 0), (s("max_earn_per_day"), 250)].into(),
        streaks: [
            (s("checkin"), StreakStep { days: 7, bonuses: 1, repeated: false }),
            (s("steps"), StreakStep { days: 3, bonuses: 0, repeated: true }),
        ]
        .into(),
        ..Inputs::default()
    }
}

/// What is read of lines.
fn inputs_of_lines() -> Inputs {
    Inputs {
        net: Some(Minor(20_000)),
        returned: Returned {
            lines: vec![ReturnedLine { line: 0, quantity: 2, amount: Minor(5_001) }],
            shipping: Minor(250),
        },
        bases: [(s("tea"), Minor(7_500))].into(),
        undecided: [(s("tea"), vec![1, 199])].into(),
        pieces: [(s("bonus"), 0), (s("tea"), 3)].into(),
        lines_net: [(s("tea"), Minor(8_000))].into(),
        parts: vec![
            Part { rules: vec![s("cup"), s("tea")], net: Minor(7_500), ..Part::default() },
            Part { rules: vec![s("tea")], shipping: true, net: Minor(800), tax: Minor(128), gross: Minor(1_000) },
        ],
        ..Inputs::default()
    }
}

/// The kind's name in files; a new kind does not compile until it has one, and then needs a file.
pub(crate) fn kind(detail: &Detail) -> &'static str {
    match detail {
        Detail::Earn { .. } => "earn",
        Detail::Refund { .. } => "refund",
        Detail::Redeem { .. } => "redeem",
        Detail::Reverse { .. } => "reverse",
        Detail::Hold { .. } => "hold",
        Detail::Capture { .. } => "capture",
        Detail::Release { .. } => "release",
        Detail::Adjust { .. } => "adjust",
        Detail::AdjustmentRequest { .. } => "adjustment_request",
        Detail::Settle => "settle",
        Detail::Evaluate { .. } => "evaluate",
        Detail::Benefit { .. } => "benefit",
        Detail::BenefitReversal { .. } => "benefit_reversal",
        Detail::VoucherUse { .. } => "voucher_use",
        Detail::GrantRefused { .. } => "grant_refused",
        Detail::ActivityReversal { .. } => "activity_reversal",
        Detail::Standing { .. } => "standing",
        Detail::Closed { .. } => "closed",
        Detail::Opening { .. } => "opening",
        Detail::OpeningWithdrawn { .. } => "opening_withdrawn",
        Detail::TransferOut { .. } => "transfer_out",
        Detail::TransferIn { .. } => "transfer_in",
        Detail::Floor { .. } => "floor",
    }
}

pub(crate) const KINDS: usize = 23;

pub(crate) fn entry(detail: Detail, settled: Vec<Settlement>, movements: Vec<Movement>) -> Entry {
    let (operation, content) = match detail {
        Detail::Settle | Detail::Evaluate { .. } => Entry::unasked(42),
        _ => (OperationId([0xa7; 16]), ContentHash([0x1c; 8])),
    };
    let recorded_at = at("2028-03-01T00:00:01.5Z");
    Entry {
        sequence: 42,
        operation,
        content,
        occurred_at: leap(),
        recorded_at,
        programme: 12,
        settled,
        movements,
        balance: Points(1_234_567),
        then: Vec::new(),
        by: None,
        detail,
    }
}

fn settlements() -> Vec<(&'static str, Settlement)> {
    let parts = vec![(lot(), Points(300)), (at("2030-01-01T00:00:00Z"), Points(200))];
    let mut all = vec![
        (
            "activated",
            Settlement::Activated { activates_at: leap(), expires_at: lot(), points: Points(80), repaid: Points(0) },
        ),
        (
            "activated-repaid",
            Settlement::Activated { activates_at: leap(), expires_at: lot(), points: Points(80), repaid: Points(30) },
        ),
        ("expired", Settlement::Expired { expires_at: leap(), points: Points(999_999) }),
        ("released", Settlement::Released { hold: 40, until: leap(), parts: parts.clone(), repaid: Points(0) }),
        ("released-repaid", Settlement::Released { hold: 40, until: leap(), parts, repaid: Points(350) }),
    ];
    let names = [
        ["upgraded", "upgraded-full"],
        ["renewed", "renewed-full"],
        ["grace_started", "grace_started-full"],
        ["downgraded", "downgraded-full"],
        ["revoked", "revoked-full"],
        ["reinstated", "reinstated-full"],
        ["floor_set", "floor_set-full"],
        ["floor_ended", "floor_ended-full"],
    ];
    for (transition, [bare, full]) in TRANSITIONS.into_iter().zip(names) {
        all.push((bare, Settlement::Tier(change(transition, false))));
        all.push((full, Settlement::Tier(change(transition, true))));
    }
    all
}

fn earnings() -> Vec<(&'static str, Entry)> {
    let pending =
        Movement::Pending { activates_at: lot(), expires_at: at("2030-03-31T16:00:00Z"), points: Points(120) };
    let earn = |activity: &str, order: Option<&str>, inputs, trace, status| Detail::Earn {
        activity: s(activity),
        order: order.map(s),
        inputs,
        trace,
        status: Points(status),
        points_paid: None,
        moved: None,
    };
    let one: BTreeMap<String, Points> = [(s("base"), Points(120))].into();
    let lifted = one.clone();
    let two = [(s("base"), Points(100)), (s("双十一"), Points(-20))].into();
    vec![
        ("earn-bare", entry(earn("com.shop.checkin", None, Inputs::default(), [].into(), 0), vec![], vec![])),
        (
            "earn-order",
            entry(earn(ORDER_PAID, Some("订单-2028-0229"), Inputs::default(), one, 100), vec![], vec![pending]),
        ),
        (
            "earn-full",
            entry(
                earn(ORDER_PAID, Some("订单-2028-0229"), inputs(), two, 100),
                vec![],
                vec![Movement::Debt { points: Points(30) }, active(50)],
            ),
        ),
        (
            "earn-lifted",
            Entry {
                then: vec![change(Transition::Revoked, false), change(Transition::Upgraded, true)],
                ..entry(earn(ORDER_PAID, Some("订单-2028-0229"), Inputs::default(), lifted, 100), vec![], vec![pending])
            },
        ),
    ]
}

fn refunds() -> Vec<(&'static str, Entry)> {
    let refund = |full: bool| Detail::Refund {
        order: s("订单-2028-0229"),
        amount_minor: Minor(19_900),
        asked_minor: full.then_some(Minor(20_000)),
        expired: Points(if full { 5 } else { 0 }),
        expired_lot: full.then(lot),
        shortfall: Points(if full { 7 } else { 0 }),
        status: Points(if full { 199 } else { 0 }),
        returned: Returned::default(),
        withheld: None,
        moved: None,
    };
    vec![
        ("refund", entry(refund(false), vec![], vec![active(-199)])),
        ("refund-full", entry(refund(true), vec![], vec![active(-100), Movement::Debt { points: Points(-87) }])),
    ]
}

fn spendings() -> Vec<(&'static str, Entry)> {
    let redeem = |reward_kind, voucher_expires_at, grace| Detail::Redeem {
        reward: s("coffee"),
        reward_kind,
        quantity: 2,
        voucher_expires_at,
        grace,
        cause: None,
    };
    let reverse =
        |initiated_by, lost| Detail::Reverse { redemption: 40, points: Points(500), initiated_by, lost: Points(lost) };
    let capture =
        |grace| Detail::Capture { hold: 40, order: s("订单-7"), value_minor: Minor(5_00), until: lot(), grace };
    let hold = Detail::Hold { order: s("订单-7"), value_minor: Minor(5_00), until: lot() };
    vec![
        ("redeem-voucher", entry(redeem(RewardKind::Voucher, Some(lot()), vec![lot()]), vec![], vec![active(-500)])),
        ("redeem-material", entry(redeem(RewardKind::Material, None, vec![]), vec![], vec![active(-500)])),
        ("redeem-donation", entry(redeem(RewardKind::Donation, None, vec![]), vec![], vec![active(-500)])),
        ("reverse-member", entry(reverse(Initiator::Member, 20), vec![], vec![active(480)])),
        ("reverse-merchant", entry(reverse(Initiator::Merchant, 0), vec![], vec![active(500)])),
        (
            "hold",
            entry(
                hold,
                vec![],
                vec![active(-500), Movement::Held { hold: 42, expires_at: lot(), points: Points(500) }],
            ),
        ),
        ("capture", entry(capture(vec![]), vec![], vec![held(-500)])),
        ("capture-grace", entry(capture(vec![lot()]), vec![], vec![held(-500)])),
        ("release", entry(Detail::Release { hold: 40 }, vec![], vec![held(-500), active(500)])),
    ]
}

fn by_hand() -> Vec<(&'static str, Entry)> {
    let adjust = |request| Detail::Adjust { reason: s("客诉补偿"), request };
    let floor = |change| Detail::Floor { tier: s("gold"), until: lot(), reason: s("客诉补偿"), change };
    let benefit = |cause| Detail::Benefit { benefit: s("lounge"), tier: s("gold"), cause };
    let request = Detail::AdjustmentRequest { points: Points(-50_000), reason: s("客诉补偿") };
    let tiers = TRANSITIONS.map(|transition| change(transition, true)).to_vec();
    let by_hand = [
        ("adjust", entry(adjust(None), vec![], vec![active(9_007_199_254)])),
        ("adjust-approved", entry(adjust(Some(40)), vec![], vec![active(-3)])),
        ("adjustment_request", entry(request, vec![], vec![])),
        ("benefit", entry(benefit(None), vec![], vec![])),
        ("evaluate-tiers", entry(Detail::Evaluate { tiers, score: None }, vec![], vec![])),
        ("evaluate-score", entry(Detail::Evaluate { tiers: vec![], score: Some(score(false)) }, vec![], vec![])),
        ("evaluate-score-full", entry(Detail::Evaluate { tiers: vec![], score: Some(score(true)) }, vec![], vec![])),
        ("floor", entry(floor(None), vec![], vec![])),
        ("floor-lifts", entry(floor(Some(change(Transition::FloorSet, true))), vec![], vec![])),
    ];
    let by = Some(Doer::new("agent:agent-7"));
    let asked = |entry: &Entry| !matches!(entry.detail, Detail::Evaluate { .. });
    let done = by_hand.map(|(name, entry)| (name, Entry { by: by.clone().filter(|_| asked(&entry)), ..entry }));
    done.into()
}

/// Entries of uses, and of what other contexts ask, by the names of their files.
pub(crate) fn of_uses() -> Vec<(String, Entry)> {
    let reversal = Detail::BenefitReversal { used: 40, benefit: s("lounge") };
    let given = Detail::Redeem {
        reward: s("coffee"),
        reward_kind: RewardKind::Voucher,
        quantity: 1,
        voucher_expires_at: Some(lot()),
        grace: vec![],
        cause: Some(s("challenge|春茶|2028-W09|m-2028_Wang|reward")),
    };
    let used = Detail::Benefit { benefit: s("lounge"), tier: s("gold"), cause: Some(s("request-7")) };
    let refused = |what, code| Detail::GrantRefused { what, code, cause: s("grant-7") };
    let reward = refused(Granted::Reward(s("coffee")), GrantRefusal::OutOfStock);
    let benefit = refused(Granted::Benefit(s("lounge")), GrantRefusal::TierTooLow);
    let taken_back = |full: bool| Detail::ActivityReversal {
        earning: 40,
        activity: s("ugc.approved"),
        expired: Points(if full { 5 } else { 0 }),
        expired_lot: full.then(lot),
        shortfall: Points(if full { 7 } else { 0 }),
        status: Points(if full { 50 } else { 0 }),
        reason: full.then(|| s("抄袭")),
        withheld: None,
    };
    let debt = Movement::Debt { points: Points(-8) };
    vec![
        (s("redeem-granted"), entry(given, vec![], vec![])),
        (s("benefit-granted"), entry(used, vec![], vec![])),
        (s("grant_refused"), entry(reward, vec![], vec![])),
        (s("grant_refused-benefit"), entry(benefit, vec![], vec![])),
        (s("activity_reversal"), entry(taken_back(false), vec![], vec![active(-20)])),
        (s("activity_reversal-full"), entry(taken_back(true), vec![], vec![active(-12), debt])),
        (s("benefit_reversal"), entry(reversal, vec![], vec![])),
        (s("voucher_use"), entry(Detail::VoucherUse { redemption: 40, reward: s("coffee") }, vec![], vec![])),
    ]
}

/// Entries of where a member stands, and of what is reported of one who is suspended, by the names of their files.
pub(crate) fn of_standing() -> Vec<(String, Entry)> {
    let standing = |state, reason: Option<&str>, posted| Detail::Standing { state, reason: reason.map(s), posted };
    let posted = Posted {
        entry: 40,
        trace: [(s("base"), Points(199)), (s("周末双倍"), Points(20))].into(),
        status: Points(199),
        activates_at: Some(at("2028-03-14T16:00:00Z")),
        expires_at: lot(),
    };
    let at_once =
        Posted { entry: 41, trace: BTreeMap::new(), status: Points(1), activates_at: None, expires_at: lot() };
    let pending =
        Movement::Pending { activates_at: at("2028-03-14T16:00:00Z"), expires_at: lot(), points: Points(219) };
    let withheld = |status| Detail::Refund {
        order: s("订单-2028-0229"),
        amount_minor: Minor(19_900),
        asked_minor: None,
        expired: Points(0),
        expired_lot: None,
        shortfall: Points(0),
        status: Points(status),
        returned: Returned::default(),
        withheld: Some(Points(status)),
        moved: None,
    };
    let suspended = Detail::Earn {
        activity: s(ORDER_PAID),
        order: Some(s("订单-2028-0229")),
        inputs: Inputs { net: Some(Minor(19_900)), suspended: true, ..Inputs::default() },
        trace: [(s("base"), Points(199))].into(),
        status: Points(199),
        points_paid: None,
        moved: None,
    };
    let closed = |released, expired, forgiven| Detail::Closed {
        because: s("erased"),
        released: Points(released),
        expired: Points(expired),
        forgiven: Points(forgiven),
    };
    let debt = Movement::Debt { points: Points(80) };
    let active_again = standing(MemberState::Active, Some("核实无误"), vec![posted, at_once]);
    let entries = [
        ("standing-suspended", entry(standing(MemberState::Suspended, Some("疑似盗号"), vec![]), vec![], vec![])),
        ("standing-active", entry(active_again, vec![], vec![pending])),
        ("standing-closed", entry(standing(MemberState::Closed, None, vec![]), vec![], vec![])),
        ("earn-suspended", entry(suspended, vec![], vec![])),
        ("refund-withheld", entry(withheld(199), vec![], vec![])),
        ("refund-withheld-nothing", entry(withheld(0), vec![], vec![])),
        ("closed", entry(closed(20, 370, 0), vec![], vec![active(-350), held(-20)])),
        ("closed-in-debt", entry(closed(0, 0, 80), vec![], vec![debt])),
    ];
    entries.map(|(name, entry)| (s(name), entry)).into()
}

/// Entries about lines of orders, by the names of their files.
pub(crate) fn of_lines() -> Vec<(String, Entry)> {
    let earn = Detail::Earn {
        activity: s(ORDER_PAID),
        order: Some(s("订单-2028-0229")),
        inputs: inputs_of_lines(),
        trace: [(s("tea"), Points(75))].into(),
        status: Points(0),
        points_paid: None,
        moved: None,
    };
    let mut mismatch = entry(earn.clone(), vec![], vec![active(75)]);
    if let Detail::Earn { points_paid, .. } = &mut mismatch.detail {
        let (reported, captured) = (Minor(1_000), Minor(5_000));
        *points_paid = Some(PointsPaid { reported, captured, net: Minor(1_000), held_for: Minor(1_000_000) });
    }
    let refund = Detail::Refund {
        order: s("订单-2028-0229"),
        amount_minor: Minor(19_900),
        asked_minor: None,
        expired: Points(0),
        expired_lot: None,
        shortfall: Points(0),
        status: Points(0),
        returned: Returned {
            lines: vec![
                ReturnedLine { line: 0, quantity: 1, amount: Minor(3_333) },
                ReturnedLine { line: 199, quantity: 1_000_000, amount: Minor(0) },
            ],
            shipping: Minor(800),
        },
        withheld: None,
        moved: None,
    };
    let other = |member: &str| {
        Some(Box::new(MovedOrder {
            other: format!("{member}.12").parse().expect("an entry"), reason: s("记错会员")
        }))
    };
    let (mut came, mut left) = (earn.clone(), refund.clone());
    if let (Detail::Earn { moved: from, .. }, Detail::Refund { moved: to, .. }) = (&mut came, &mut left) {
        (*from, *to) = (other("m-1"), other("m-2"));
    }
    let by_hand =
        |detail, points| Entry { by: Some(Doer::new("agent:小陈")), ..entry(detail, vec![], vec![active(points)]) };
    let why = Doer { backdate_reason: Some(s("收银机断网")), ..Doer::new("admin:ada") };
    let late = Entry { by: Some(why), ..entry(earn.clone(), vec![], vec![active(75)]) };
    vec![
        (s("earn-backdated"), late),
        (s("earn-points-paid"), mismatch),
        (s("earn-lines"), entry(earn, vec![], vec![active(75)])),
        (s("refund-lines"), entry(refund, vec![], vec![active(-199)])),
        (s("earn-moved"), by_hand(came, 75)),
        (s("refund-moved"), by_hand(left, -199)),
    ]
}

/// Every other entry by the name of its file; a page holds them.
pub(crate) fn all() -> Vec<(String, Entry)> {
    let settled = settlements()
        .into_iter()
        .map(|(name, settlement)| (format!("settle-{name}"), entry(Detail::Settle, vec![settlement], vec![])));
    let others = [earnings(), refunds(), spendings(), by_hand()].into_iter().flatten();
    settled.chain(others.map(|(name, entry)| (s(name), entry))).collect()
}
