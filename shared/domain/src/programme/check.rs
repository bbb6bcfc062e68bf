//! What must be true of a programme before it may be published.

use std::collections::BTreeSet;

use super::document::{Basis, Document, EarningRule, Reward, RewardKind, Wallet};
use super::{ORDER_PAID, Problem};
use crate::calendar::Zone;
use crate::quantity::{Minor, Points};

/// Sections that later capabilities read.
const LATER: [&str; 12] = [
    "draw",
    "charity",
    "challenge",
    "referral",
    "health",
    "dormancy",
    "care",
    "journey",
    "survey",
    "sla",
    "emergency_pack",
    "privacy",
];

struct Findings(Vec<Problem>);

impl Findings {
    fn unless(&mut self, holds: bool, at: impl Into<String>, message: impl Into<String>) {
        if !holds {
            self.0.push(Problem { at: at.into(), message: message.into() });
        }
    }

    fn unique<'a>(&mut self, section: &str, ids: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            let shaped = (1..=32).contains(&id.len())
                && id
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_');
            self.unless(shaped, format!("{section}.{id}"), "an id is 1 to 32 characters of a-z 0-9 - _");
            self.unless(seen.insert(id), format!("{section}.{id}"), "the id is used twice");
        }
    }
}

fn sane_amount(points: Points) -> bool {
    points.is_positive() && sane(points)
}

fn sane(points: Points) -> bool {
    (0..=Points::LIMIT).contains(&points.0)
}

/// Checks everything but the conditions, which are checked as they are compiled.
pub(super) fn document(document: &Document) -> Vec<Problem> {
    let mut findings = Findings(Vec::new());
    general(document, &mut findings);
    wallets(document, &mut findings);
    tiers(document, &mut findings);
    segments(document, &mut findings);
    findings.unique("earning_rule", document.earning_rule.iter().map(|rule| rule.id.as_str()));
    for rule in &document.earning_rule {
        earning_rule(document, rule, &mut findings);
    }
    redemption(document, &mut findings);
    findings.unique("reward", document.reward.iter().map(|reward| reward.id.as_str()));
    for reward in &document.reward {
        self::reward(document, reward, &mut findings);
    }
    for name in document.later.keys() {
        findings.unless(LATER.contains(&name.as_str()), name, "there is no such section");
    }
    findings.0
}

fn general(document: &Document, findings: &mut Findings) {
    let general = &document.programme;
    findings.unless(
        Zone::named(&general.timezone).is_some(),
        "programme.timezone",
        format!("`{}` is not an IANA time zone", general.timezone),
    );
    let currency = general.currency.len() == 3 && general.currency.bytes().all(|byte| byte.is_ascii_uppercase());
    findings.unless(currency, "programme.currency", "a currency is an ISO 4217 code such as CNY");
    let version = (1..=64).contains(&general.rules_version.len());
    findings.unless(version, "programme.rules_version", "a version's name is 1 to 64 characters");
    for (name, value, range) in [
        ("backdate_window_days", general.backdate_window_days, 0..=366),
        ("future_skew_seconds", general.future_skew_seconds, 0..=3600),
        ("refund_window_days", general.refund_window_days, 1..=3650),
    ] {
        findings.unless(range.contains(&value), format!("programme.{name}"), format!("must be in {range:?}"));
    }
    findings.unless(document.activity.contains_key(ORDER_PAID), "activity", format!("`{ORDER_PAID}` must be declared"));
    for (name, activity) in &document.activity {
        let attributes = activity.attributes.iter().chain(&activity.line_attributes);
        for (attribute, declared) in attributes {
            let fits = declared.default().is_none_or(|default| declared.kind().admits(default));
            findings.unless(fits, format!("activity.{name}.{attribute}"), "the default is not of the declared type");
        }
        findings.unless(
            name == ORDER_PAID || activity.line_attributes.is_empty(),
            format!("activity.{name}.line_attributes"),
            "only orders have lines",
        );
    }
}

fn wallets(document: &Document, findings: &mut Findings) {
    let points: Vec<_> = document
        .wallet
        .iter()
        .filter_map(|wallet| match wallet {
            Wallet::Points(points) => Some(points),
            Wallet::Status { .. } => None,
        })
        .collect();
    findings.unless(
        points.len() == 1 && document.wallet.len() == 2,
        "wallet",
        "there are exactly two wallets: `points` and `status`",
    );
    for wallet in points {
        findings.unless((0..=366).contains(&wallet.pending_days), "wallet.points.pending_days", "must be in 0..=366");
        findings.unless(
            (0..=90).contains(&wallet.record_activation_within_days),
            "wallet.points.record_activation_within_days",
            "must be in 0..=90",
        );
        findings.unless(
            (0..=366).contains(&wallet.restore_grace_days),
            "wallet.points.restore_grace_days",
            "must be in 0..=366",
        );
        for (name, amount) in [
            ("debt_limit", wallet.debt_limit),
            ("max_balance", wallet.max_balance),
            ("max_earn_per_day", wallet.max_earn_per_day),
        ] {
            findings.unless(sane(amount), format!("wallet.points.{name}"), "must be in 0..=10^12");
        }
        notices("wallet.points.notify_before_expiry_days", &wallet.notify_before_expiry_days, findings);
        findings.unless(
            wallet.validity.least_days() > wallet.pending_days,
            "wallet.points.pending_days",
            "points may not expire before they can be spent",
        );
        findings.unless(
            wallet.validity.least_days() >= document.programme.refund_window_days,
            "programme.refund_window_days",
            "an order may not be refundable for longer than its points are valid",
        );
    }
}

fn tiers(document: &Document, findings: &mut Findings) {
    findings.unique("tier", document.tier.iter().map(|tier| tier.id.as_str()));
    let rules = &document.tiers;
    findings.unless((0..=366).contains(&rules.grace_days), "tiers.grace_days", "must be in 0..=366");
    findings.unless((0..=90).contains(&rules.revoke_window_days), "tiers.revoke_window_days", "must be in 0..=90");
    notices("tiers.notify_before_downgrade_days", &rules.notify_before_downgrade_days, findings);
    for tier in &document.tier {
        let at = |field: &str| format!("tier.{}.{field}", tier.id);
        if let Some(alternative) = &tier.alternative {
            let lower = document.tier.iter().any(|other| other.id == alternative.min_tier && other.rank < tier.rank);
            findings.unless(lower, at("alternative.min_tier"), "must be a lower tier");
            let mut segments = document.rfmls.iter().flat_map(|rfmls| &rfmls.segments);
            let known = segments.any(|segment| segment.id == alternative.segment);
            findings.unless(known, at("alternative.segment"), "there is no such segment");
        }
        for benefit in &tier.benefits {
            let known = document.benefit.iter().any(|known| known.id == *benefit);
            findings.unless(known, at("benefits"), format!("there is no benefit `{benefit}`"));
        }
    }
    findings.unique("benefit", document.benefit.iter().map(|benefit| benefit.id.as_str()));
    for benefit in &document.benefit {
        let at = |field: &str| format!("benefit.{}.{field}", benefit.id);
        let counted = benefit.count.is_some() == benefit.period.is_some();
        findings.unless(counted, at("period"), "a count needs a period, and a period a count");
        findings.unless(benefit.count.is_none_or(|count| count > 0), at("count"), "must be above zero");
        let stocked = benefit.stock.is_none_or(|stock| stock > 0 && benefit.count.is_some());
        findings.unless(stocked, at("stock"), "must be above zero, and needs a count");
        let cost = (0..=Minor::LIMIT).contains(&benefit.unit_cost_minor.0);
        findings.unless(cost, at("unit_cost_minor"), "must be in 0..=10^12");
    }
    let mut tiers: Vec<_> = document.tier.iter().collect();
    tiers.sort_by_key(|tier| tier.rank);
    let base = tiers.first().is_some_and(|tier| tier.rank == 0 && tier.threshold == 0);
    findings.unless(base, "tier", "there is a tier of rank 0 with threshold 0");
    for pair in tiers.windows(2) {
        let rises = pair[0].rank < pair[1].rank && pair[0].threshold < pair[1].threshold;
        findings.unless(rises, format!("tier.{}.threshold", pair[1].id), "thresholds rise strictly with the rank");
    }
}

/// Days before something on which the member is told of it.
fn notices(at: &str, days: &[i32], findings: &mut Findings) {
    findings.unless(days.len() <= 4, at, "at most four");
    findings.unless(days.iter().all(|days| (1..=90).contains(days)), at, "each must be in 1..=90");
}

fn segments(document: &Document, findings: &mut Findings) {
    findings.unique("tag", document.tag.iter().map(|tag| tag.id.as_str()));
    let Some(rfmls) = &document.rfmls else {
        findings.unless(document.tag.is_empty(), "tag", "tags need scores: [rfmls]");
        return;
    };
    findings.unique("rfmls.segments", rfmls.segments.iter().map(|segment| segment.id.as_str()));
    findings.unless((28..=730).contains(&rfmls.lookback_days), "rfmls.lookback_days", "must be in 28..=730");
    let falls = rfmls.recency_days.windows(2).all(|pair| pair[0] > pair[1]) && rfmls.recency_days[3] >= 0;
    findings.unless(falls, "rfmls.recency_days", "must fall strictly, to 0 or more");
    let within = rfmls.recency_days[0] < rfmls.lookback_days;
    findings.unless(within, "rfmls.recency_days", "must be within the lookback");
    let minor = |bounds: [Minor; 4]| bounds.map(|bound| bound.0);
    for (name, bounds) in [
        ("frequency", rfmls.frequency),
        ("monetary_minor", minor(rfmls.monetary_minor)),
        ("lifecycle_minor", minor(rfmls.lifecycle_minor)),
        ("social", rfmls.social),
    ] {
        let rises = bounds.windows(2).all(|pair| pair[0] < pair[1]) && bounds[0] > 0 && bounds[3] <= Minor::LIMIT;
        findings.unless(rises, format!("rfmls.{name}"), "must rise strictly, from above 0 to at most 10^12");
    }
    findings.unless((0..=10_000).contains(&rfmls.margin_bp), "rfmls.margin_bp", "must be in 0..=10000");
    let weights = [rfmls.weights_bp.r, rfmls.weights_bp.f, rfmls.weights_bp.m, rfmls.weights_bp.l, rfmls.weights_bp.s];
    let whole = weights.iter().all(|weight| (0..=10_000).contains(weight)) && weights.iter().sum::<i64>() == 10_000;
    findings.unless(whole, "rfmls.weights_bp", "must be zero or more, and sum to 10000");
    for (activity, points) in &rfmls.influence {
        let fits = document.activity.contains_key(activity) && (1..=1_000).contains(points);
        findings.unless(
            fits,
            format!("rfmls.influence.{activity}"),
            "must be a declared activity with 1..=1000 points",
        );
    }
    let last = rfmls.segments.last().is_some_and(|segment| segment.when == "true");
    findings.unless(last, "rfmls.segments", "the last segment is for everybody else: `when = \"true\"`");
}

fn earning_rule(document: &Document, rule: &EarningRule, findings: &mut Findings) {
    let at = |field: &str| format!("earning_rule.{}.{field}", rule.id);
    let kinds = [rule.rate.is_some(), rule.points.is_some(), rule.multiplier.is_some(), rule.effect.is_some()];
    let one = kinds.into_iter().filter(|&given| given).count() == 1;
    findings.unless(one, at("rate"), "exactly one of rate, points, multiplier, effect says what is earned");
    let order = rule.on == ORDER_PAID;
    let needs_order = rule.rate.is_some() || rule.multiplier.is_some() || rule.lines.is_some();
    findings.unless(order || !needs_order, at("on"), format!("rates, multipliers and lines need `{ORDER_PAID}`"));
    if let Some(credit) = rule.also_credit {
        let by_money = rule.rate.is_some() && credit.rate.is_some() && credit.points.is_none();
        let fixed = rule.points.is_some() && !order && credit.rate.is_none() && credit.points.is_some_and(sane_amount);
        findings.unless(
            by_money || fixed,
            at("also_credit"),
            "a rate is credited beside a rate, fixed points (1..=10^12) beside fixed points of a behaviour",
        );
    }
    let rates = rule.rate.into_iter().chain(rule.also_credit.and_then(|credit| credit.rate));
    for rate in rates {
        let fits = (1..=1_000_000).contains(&rate.points.0) && (1..=Minor::LIMIT).contains(&rate.per_minor.0);
        findings.unless(fits, at("rate"), "points must be in 1..=10^6 and per_minor in 1..=10^12");
    }
    for points in rule.points.into_iter().chain(rule.cap_points) {
        findings.unless(points.is_positive() && sane(points), at("points"), "must be in 1..=10^12");
    }
    for tier in rule.tier_multiplier.keys() {
        findings.unless(
            document.tier.iter().any(|known| known.id == *tier),
            at("tier_multiplier"),
            format!("there is no tier `{tier}`"),
        );
    }
    rule_extras(rule, findings);
    let filtered = document.earning_rule.iter().any(|other| other.rate.is_some() && other.lines.is_some());
    findings.unless(
        !(rule.multiplier.is_some() && rule.lines.is_some() && filtered),
        at("lines"),
        "a multiplier of some lines and a rate of some lines cannot be combined",
    );
    let dates = rule.from.zip(rule.until).is_none_or(|(from, until)| from <= until);
    findings.unless(dates, at("until"), "ends before it begins");
    findings.unless(rule.rate.is_some() || rule.basis == Basis::NetCash, at("basis"), "only a rate has a basis");
}

fn rule_extras(rule: &EarningRule, findings: &mut Findings) {
    let at = |field: &str| format!("earning_rule.{}.{field}", rule.id);
    let order = rule.on == ORDER_PAID;
    if let Some(limit) = &rule.limit {
        let one = limit.per_member.is_some() != limit.max_points.is_some();
        let positive =
            limit.per_member.is_none_or(|count| count > 0) && limit.max_points.is_none_or(Points::is_positive);
        findings.unless(one && positive, at("limit"), "needs either per_member or max_points, above zero");
    }
    if let Some(streak) = &rule.streak {
        let fits = (2..=366).contains(&streak.every) && streak.bonus.is_positive() && sane(streak.bonus);
        findings.unless(fits && rule.points.is_some(), at("streak"), "needs points, every in 2..=366 and a bonus");
    }
    if let Some(effect) = &rule.effect {
        let fits = (1..=366).contains(&effect.valid_days) && effect.cap_points.is_positive();
        findings.unless(
            fits && !order,
            at("effect"),
            "needs valid_days in 1..=366 and cap_points, and is not earned by an order",
        );
        findings.unless(rule.limit.is_none(), at("limit"), "an effect waits once; it has no limit");
    }
}

fn redemption(document: &Document, findings: &mut Findings) {
    let redemption = &document.redemption;
    let pay = &redemption.pay_with_points;
    let positive = [pay.points.0, pay.value_minor.0, pay.min_points.0, pay.step_points.0];
    findings.unless(
        positive.iter().all(|number| (1..=1_000_000_000).contains(number)) && (1..=10_000).contains(&pay.max_share_bp),
        "redemption.pay_with_points",
        "points, value_minor, min_points and step_points are above zero, max_share_bp in 1..=10000",
    );
    let whole = positive.iter().all(|&number| number > 0)
        && pay.step_points.0.checked_mul(pay.value_minor.0).and_then(|value| value.checked_rem(pay.points.0))
            == Some(0);
    findings.unless(whole, "redemption.pay_with_points.step_points", "a step must be worth a whole amount of money");
    findings.unless((1..=60).contains(&redemption.hold_minutes), "redemption.hold_minutes", "must be in 1..=60");
    findings.unless(
        (0..=3650).contains(&redemption.reversal_window_days),
        "redemption.reversal_window_days",
        "must be in 0..=3650",
    );
    findings.unless(
        sane(document.adjustment.approval_over) && (1..=90).contains(&document.adjustment.approval_days),
        "adjustment",
        "approval_over must be in 0..=10^12 and approval_days in 1..=90",
    );
}

fn reward(document: &Document, reward: &Reward, findings: &mut Findings) {
    let at = |field: &str| format!("reward.{}.{field}", reward.id);
    let prices = std::iter::once(&reward.cost_points).chain(reward.tier_price.values());
    for price in prices {
        findings.unless(price.is_positive() && sane(*price), at("cost_points"), "must be in 1..=10^12");
    }
    for tier in reward.tier_price.keys().chain(&reward.min_tier) {
        let known = document.tier.iter().any(|known| known.id == *tier);
        findings.unless(known, at("tier_price"), format!("there is no tier `{tier}`"));
    }
    if let Some(limit) = &reward.limit {
        findings.unless(limit.per_member > 0, at("limit"), "must be above zero");
    }
    let voucher = reward.voucher_valid_days.is_some_and(|days| (1..=3650).contains(&days));
    findings.unless(
        voucher == (reward.kind == RewardKind::Voucher),
        at("voucher_valid_days"),
        "vouchers, and only they, need voucher_valid_days in 1..=3650",
    );
    let donation = reward.project.is_some() && reward.value_minor.is_some_and(Minor::is_positive);
    findings.unless(
        donation == (reward.kind == RewardKind::Donation),
        at("project"),
        "donations, and only they, need a project and value_minor",
    );
}
