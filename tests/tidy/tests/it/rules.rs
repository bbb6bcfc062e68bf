//! That every rule of `docs/rules` is named by a test that would fail without it, and that no test names a rule that is none.
//!
//! A rule is a paragraph that begins with its number in bold: `**3.2**`. A test names it in a comment right above its attributes, or
//! above a case of its table: `rule: ledger 3.2`, of several with commas in between.

use std::collections::BTreeSet;

use crate::debts::Debts;
use crate::sources::File;

/// Each rule as a test names it: `ledger 3.2`.
fn written(files: &[File]) -> BTreeSet<String> {
    let mut rules = BTreeSet::new();
    for (path, text) in files {
        let Some(name) = path.strip_prefix("docs/rules/").and_then(|name| name.strip_suffix(".md")) else { continue };
        let numbers = text.lines().filter_map(|line| line.strip_prefix("**")?.split_once("**"));
        rules.extend(numbers.map(|(number, _)| format!("{name} {number}")));
    }
    rules
}

/// What a file says in tests.
fn tests<'a>(path: &str, text: &'a str) -> &'a str {
    let all = path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs");
    if all { text } else { text.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests) }
}

/// The rules that the tests of a file name; a comment that stands above nothing names none.
fn named<'a>(path: &str, text: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let lines = tests(path, text).lines();
    let below = lines.clone().skip(1);
    let comments = lines.zip(below).filter(|(_, below)| !below.trim().is_empty());
    let comments = comments.filter_map(|(line, _)| line.trim_start().strip_prefix("// rule: "));
    comments.flat_map(|said| {
        let (name, numbers) = said.split_once(' ').unwrap_or((said, ""));
        numbers.split(',').map(move |number| format!("{name} {}", number.trim()))
    })
}

/// What is owed: rules that no test names, and names of rules that there are none.
pub(crate) fn owed(files: &[File]) -> Debts {
    let mut missing = written(files);
    let rules = missing.clone();
    let mut owed = Debts::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".rs")) {
        for rule in named(path, text) {
            missing.remove(&rule);
            if !rules.contains(&rule) {
                *owed.entry(format!("rule {rule} {path}")).or_default() += 1;
            }
        }
    }
    owed.extend(missing.into_iter().map(|rule| (format!("rule {rule}"), 1)));
    owed
}

#[track_caller]
fn check(path: &str, text: &str, expected: &[(&str, usize)]) {
    let rules = "# Rules\n\n**1.1** One.\n\n**1.2** Two, see **1.9**.\n";
    let files = [("docs/rules/a.md", rules), (path, text)];
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let expected: Debts = expected.iter().map(|(what, size)| ((*what).to_owned(), *size)).collect();
    assert_eq!(owed(&files), expected);
}

#[test]
fn a_rule_without_a_test_and_a_test_without_a_rule_are_found() {
    let both = "// rule: a 1.1, 1.2\n#[test]\nfn f() {}\n";
    check("shared/a/tests/it/b.rs", both, &[]);
    check("shared/a/src/b.rs", &format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{both}}}\n"), &[]);
    let neither = [("rule a 1.1", 1), ("rule a 1.2", 1)];
    check("shared/a/src/b.rs", both, &neither);
    check("shared/a/tests/it/b.rs", "// rule: a 1.1, 1.2\n\n#[test]\nfn f() {}\n", &neither);
    check("shared/a/tests/it/b.rs", "// See rule: a 1.1, 1.2\n#[test]\nfn f() {}\n", &neither);
    let table = "    check(1);\n    // rule: a 1.2\n    check(2);\n";
    check("infra/a/src/b/tests.rs", table, &[("rule a 1.1", 1)]);
    let unknown = format!("// rule: a 1.3\n{both}// rule: b 1.1\n{both}// rule: a\n{both}// rule: a 1.3\n{both}");
    let path = "tests/a/tests/it/b.rs";
    check(
        path,
        &unknown,
        &[
            ("rule a  tests/a/tests/it/b.rs", 1),
            ("rule a 1.3 tests/a/tests/it/b.rs", 2),
            ("rule b 1.1 tests/a/tests/it/b.rs", 1),
        ],
    );
}
