//! RFM-LS: scores, segments and tags.

use domain::kernel::quantity::Minor;
use domain::ledger::account::Account;
use domain::ledger::command::Command;
use domain::ledger::entry::Detail;
use domain::ledger::lines::Refund;
use domain::standing::record::ScoreChange;
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};

use crate::world::{World, behaviour};

fn noon(date: Date) -> Timestamp {
    date.at(12, 0, 0, 0).in_tz("Asia/Shanghai").unwrap().timestamp()
}

/// The change of scores that an evaluation on a date records.
fn evaluate_on(world: &mut World, on: Date) -> Option<ScoreChange> {
    world.now = noon(on);
    match world.evaluate()?.detail {
        Detail::Evaluate { score, .. } => score,
        _ => None,
    }
}

/// `r f m l s segment [tags]`.
fn words(change: &ScoreChange) -> String {
    let scores = change.scores;
    format!("{}{}{}{}{} {}", scores.r, scores.f, scores.m, scores.l, scores.s, change.segment)
}

#[track_caller]
fn buy(world: &mut World, on: Date, amount: i64) {
    world.now = noon(on);
    let id = format!("o-{}", world.history.len());
    world.order(&id, amount);
}

#[test]
fn scores_fall_with_the_days_since_the_last_order_exactly_at_the_breakpoints() {
    let mut world = World::new(&[]);
    let bought = date(2026, 3, 10);
    buy(&mut world, bought, 19_999);
    let mut seen = Vec::new();
    let mut day = bought;
    while day <= date(2027, 3, 31) {
        if let Some(change) = evaluate_on(&mut world, day) {
            seen.push(format!("+{} {}", (day - bought).get_days(), words(&change)));
        }
        day = day.tomorrow().unwrap();
    }
    assert_eq!(
        seen,
        [
            "+0 51111 new",
            "+31 41111 regular",
            "+61 31111 regular",
            "+90 31111 dormant",
            "+91 21111 dormant",
            "+181 11111 dormant",
            "+365 11111 dormant", // nor a buyer any more
        ]
    );
}

#[test]
fn nothing_changes_before_the_day_on_which_it_may() {
    let mut world = World::new(&[]);
    for (month, amount) in [(1, 250_000), (3, 80_000), (4, 60_000), (5, 1), (5, 2)] {
        buy(&mut world, date(2026, month, 10), amount);
    }
    for _ in 0..2 {
        world.report(behaviour("ugc.featured", &[]));
    }
    let programme = world.programmes.at(world.now).clone();
    let behaviour =
        domain::ledger::evaluation::behaviour(&world.history, &programme, programme.document().rfmls.as_ref().unwrap());
    let mut day = date(2026, 5, 10);
    let (mut jumps, mut looks) = (0, 0);
    loop {
        let known = behaviour.score(&programme, day).unwrap();
        let same = |on: &Date| {
            let then = behaviour.score(&programme, *on).unwrap();
            (then.scores, then.segment, then.tags) == (known.scores, known.segment.clone(), known.tags.clone())
        };
        let first = day.series(1.day()).skip(1).take(365).find(|on| !same(on));
        let may = behaviour.turns(&programme, day).first().map(|at| programme.zone().date(at));
        let Some(next) = may else {
            assert_eq!(first, None, "from {day}");
            break;
        };
        assert!(next > day && first.is_none_or(|first| next <= first), "from {day}: {next}, and {first:?} it is");
        (jumps, looks) = (jumps + i32::from(first == Some(next)), looks + 1);
        day = next;
    }
    assert!(jumps >= 7 && looks < 2 * jumps, "{jumps} changes, {looks} looks");
}

#[test]
fn frequency_and_money_count_what_was_not_returned() {
    let mut world = World::new(&[]);
    for day in 1..=12 {
        buy(&mut world, date(2026, 3, day), 25_000);
    }
    let change = evaluate_on(&mut world, date(2026, 3, 12)).unwrap();
    assert_eq!(words(&change), "55441 high_value_active");
    assert_eq!((change.measures.orders, change.measures.spent_minor), (12, Minor(300_000)));
    assert_eq!(
        (&change.tagged[..], change.untagged.len()),
        (&["active", "buyer", "high-value"].map(str::to_owned)[..], 0)
    );

    let refund = |id: &str, amount| Command::Refund(Refund::of_amount(id, Minor(amount)));
    world.now = noon(date(2026, 3, 13));
    world.run(refund("o-0", 1)).unwrap();
    let change = evaluate_on(&mut world, date(2026, 3, 13)).unwrap();
    assert_eq!((words(&change).as_str(), change.left.as_deref()), ("55331 new", Some("high_value_active")));
    assert_eq!(change.untagged, ["high-value"]);
    world.run(refund("o-1", 25_000)).unwrap();
    assert_eq!(words(&evaluate_on(&mut world, date(2026, 3, 13)).unwrap()), "54331 new", "a returned order is none");
}

#[test]
fn lifecycle_grows_with_the_quarters_in_which_a_member_bought() {
    let mut world = World::new(&[]);
    // 1,000.00 a quarter at a margin of 40 %: 400 x 5/4, 800 x 5/3, 1,200 x 5/2, 1,600 x 5.
    let mut told = Vec::new();
    for (month, day, quarters) in [(1, 15, 1), (4, 20, 2), (7, 25, 3), (10, 30, 4)] {
        buy(&mut world, date(2026, month, day), 100_000);
        let change = evaluate_on(&mut world, date(2026, month, day)).unwrap();
        assert_eq!(change.measures.active_quarters, quarters);
        told.push((change.measures.lifetime_value_minor.0, change.scores.l));
    }
    assert_eq!(told, [(50_000, 3), (133_333, 3), (300_000, 4), (800_000, 5)]);
}

#[test]
fn influence_is_weighed_by_what_was_done() {
    let mut world = World::new(&[]);
    world.now = noon(date(2026, 3, 1));
    let mut told = Vec::new();
    for (activity, times) in
        [("ugc.approved", 1), ("review.completed", 2), ("referral.qualified", 3), ("ugc.featured", 4)]
    {
        for _ in 0..times {
            world.report(behaviour(activity, &[]));
        }
        let change = evaluate_on(&mut world, date(2026, 3, 1)).unwrap();
        told.push((change.measures.influence, words(&change)));
    }
    let expected = [(1, "11112 new"), (3, "11113 new"), (12, "11114 new"), (32, "11115 high_influence")];
    assert_eq!(told, expected.map(|(points, words)| (points, words.to_owned())));
}

#[test]
fn the_first_segment_that_fits_is_the_members() {
    let mut world = World::new(&[]);
    buy(&mut world, date(2026, 3, 1), 300_000);
    assert_eq!(words(&evaluate_on(&mut world, date(2026, 3, 1)).unwrap()), "51441 low_freq_high_net");
    // It would be dormant, too, from the 90th day on.
    assert_eq!(words(&evaluate_on(&mut world, date(2026, 6, 30)).unwrap()), "21441 low_freq_high_net");
}

#[test]
fn a_late_evaluation_and_a_daily_one_agree() {
    let mut daily = World::new(&[]);
    let mut late = World::new(&[]);
    for world in [&mut daily, &mut late] {
        buy(world, date(2026, 3, 10), 50_000);
        world.evaluate();
    }
    let mut day = date(2026, 3, 11);
    while day < date(2026, 9, 1) {
        evaluate_on(&mut daily, day);
        day = day.tomorrow().unwrap();
    }
    evaluate_on(&mut late, date(2026, 8, 31));
    let now = |world: &World| {
        world.account.score.clone().map(|score| (score.scores, score.segment, score.tags, score.turns.first()))
    };
    assert_eq!(now(&daily), now(&late));
}

/// How often a member who shops every so many days is scored in the second year.
fn looks(days: usize) -> usize {
    let mut world = World::new(&[]);
    let (mut day, mut looks) = (date(2026, 1, 5), 0);
    for number in 0..730 {
        if number % days == 0 {
            buy(&mut world, day, 12_990);
        }
        world.now = world.programmes.at(world.now).zone().start_of(day.tomorrow().unwrap());
        let due =
            world.account.score.as_ref().is_none_or(|score| score.turns.first().is_some_and(|at| at <= world.now));
        if due || world.account.rescore {
            world.evaluate();
            looks += usize::from(number >= 365);
        }
        let scored = |account: &Account| account.score.clone().map(|score| (score.scores, score.segment, score.tags));
        let anew = domain::ledger::evaluation::evaluate(&world.account, Some(&world.history), world.setting());
        assert_eq!(scored(&world.account), scored(&anew.account), "nothing is missed on {day}");
        day = day.tomorrow().unwrap();
    }
    looks
}

#[test]
fn a_steady_shopper_is_scored_a_few_times_a_year() {
    // Who shops every thirty days is now above twelve orders a year and now below.
    for (days, most) in [(7, 6), (1, 8), (30, 24)] {
        let looks = looks(days);
        assert!((1..=most).contains(&looks), "every {days} days: {looks} times");
    }
}

#[test]
fn of_a_ladder_a_member_has_the_highest_rung_and_climbs_down_when_facts_grow_old() {
    let mut world = World::new(&[]);
    let mut moves = Vec::new();
    let mut note = |world: &mut World, on: Date| {
        let change = evaluate_on(world, on);
        let rungs = ["advocate", "fan", "buyer"];
        let of = |tags: Vec<String>| tags.into_iter().find(|tag| rungs.contains(&tag.as_str())).unwrap_or_default();
        if let Some(ScoreChange { tagged, untagged, .. }) = change {
            let (from, to) = (of(untagged), of(tagged));
            if from != to {
                moves.push(format!("{on} {from} > {to}"));
            }
        }
    };
    let begin = date(2026, 3, 10);
    for order in 0..3 {
        buy(&mut world, begin + (order * 30).days(), 10_000);
        note(&mut world, begin + (order * 30).days());
    }
    for (days, reports) in [(61, 1), (70, 2)] {
        world.now = noon(begin + days.days());
        for _ in 0..reports {
            world.report(behaviour("ugc.featured", &[]));
        }
        note(&mut world, begin + days.days());
    }
    let mut day = begin + 71.days();
    while day <= date(2027, 6, 30) {
        note(&mut world, day);
        day = day.tomorrow().unwrap();
    }
    assert_eq!(
        moves,
        [
            "2026-03-10  > buyer",
            "2026-05-10 buyer > fan",
            "2026-05-19 fan > advocate",
            "2027-03-10 advocate > fan", // the first order is a year old
            "2027-04-09 fan > buyer",
            "2027-05-09 buyer > ",
        ]
    );
}
