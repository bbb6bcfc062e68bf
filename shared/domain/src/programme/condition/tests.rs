use super::*;

fn sample() -> Variables {
    [
        ("net_minor", Scalar::Integer(0)),
        ("channel", Scalar::Text(String::new())),
        ("first_order", Scalar::Boolean(false)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

#[test]
fn a_condition_reads_declared_attributes_only() {
    let condition = Condition::compile("net_minor >= 10000 && channel == '小程序'", &sample()).unwrap();
    assert_eq!(condition.reads(), ["channel", "net_minor"]);
    let mut facts = sample();
    facts.insert("net_minor".into(), Scalar::Integer(12_000));
    facts.insert("channel".into(), Scalar::Text("小程序".into()));
    assert_eq!(condition.holds(&facts), Ok(true));
    facts.remove("channel");
    assert!(condition.holds(&facts).is_err(), "a missing attribute is no match, with a reason");
}

#[test]
fn what_is_not_a_bounded_condition_is_refused() {
    for wrong in [
        "net_minor >=",
        "price > 3",
        "net_minor + 1",
        "[1,2,3].all(x, x > 0)",
        "[1,2].map(x, x * 2).size() > 0",
        "net_minor > 'a'",
        &format!("net_minor > 0 {}", "&& net_minor > 0 ".repeat(200)),
    ] {
        assert!(Condition::compile(wrong, &sample()).is_err(), "{wrong}");
    }
}

#[test]
fn a_condition_says_at_which_numbers_it_may_turn() {
    let sample: Variables = ["r", "orders", "influence"].map(|name| (name.to_owned(), Scalar::Integer(1))).into();
    for (source, numbers) in [
        ("orders >= 3 && (influence < 10 || r == 5)", Some(vec![3, 10, 5])),
        ("true", Some(vec![])),
        ("!(2 <= r)", Some(vec![2])),
        ("orders >= influence", None),
        ("orders * 2 > 7", None),
        ("r - 1 > 2", None),
    ] {
        let condition = Condition::compile(source, &sample).unwrap();
        let found = condition.compares_with_numbers().then(|| condition.integers().collect::<Vec<_>>());
        assert_eq!(found, numbers, "{source}");
    }
}
