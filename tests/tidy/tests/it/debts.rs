//! What is wrong today and is let be for now: each line says what and how much, and may only shrink.

use std::collections::BTreeMap;

use crate::sources::root;

/// What is wrong, and how large it is.
pub(crate) type Debts = BTreeMap<String, usize>;

fn read(text: &str) -> Debts {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let debt = |line: &str| {
        let (what, size) = line.rsplit_once(' ').unwrap();
        (what.to_owned(), size.parse().unwrap())
    };
    lines.map(debt).collect()
}

/// Where what is found and what is listed differ, in words that say what to do.
fn differences(found: &Debts, listed: &Debts) -> Vec<String> {
    let more = found.iter().filter_map(|(what, size)| match listed.get(what) {
        None => Some(format!("{what} {size}: mend it")),
        Some(old) if size > old => Some(format!("{what} {size}: it was {old}, and may only shrink")),
        Some(old) if size < old => Some(format!("{what}: write {size} in debts.txt")),
        Some(_) => None,
    });
    let gone = listed.keys().filter(|what| !found.contains_key(*what));
    more.chain(gone.map(|what| format!("{what}: take it off debts.txt"))).collect()
}

/// The list as it may be written: nothing is added, no number is raised.
fn shrunk(found: &Debts, listed: &Debts) -> Debts {
    let left = listed.iter().filter_map(|(what, old)| found.get(what).map(|size| (what.clone(), *size.min(old))));
    left.collect()
}

/// Holds what is found against the list. `TIDY=write` first takes off the list what is mended.
pub(crate) fn settle(found: &Debts) {
    let path = root().join("tests/tidy/debts.txt");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut listed = read(&text);
    if std::env::var_os("TIDY").is_some_and(|value| value == "write") {
        listed = shrunk(found, &listed);
        let head: String = text.lines().filter(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
        let lines: String = listed.iter().map(|(what, size)| format!("{what} {size}\n")).collect();
        std::fs::write(&path, head + &lines).unwrap();
    }
    let wrong = differences(found, &listed);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_debt_only_shrinks() {
    let listed = read("# head\nlines a 600\nlines b 600\nlines c 600\nlines d 600\n");
    let found = read("lines a 600\nlines b 599\nlines c 601\nlines e 700\n");
    let said = [
        "lines b: write 599 in debts.txt",
        "lines c 601: it was 600, and may only shrink",
        "lines e 700: mend it",
        "lines d: take it off debts.txt",
    ];
    assert_eq!(differences(&found, &listed), said);
    assert_eq!(shrunk(&found, &listed), read("lines a 600\nlines b 599\nlines c 600\n"));
}
