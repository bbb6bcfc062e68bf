//! What errors keep, and which shapes are shared.

use std::collections::BTreeSet;

use crate::arrows::uses;
use crate::debts::Debts;
use crate::sources::File;

/// The body of each enum of a text, with its name.
fn enums(text: &str) -> Vec<(&str, &str)> {
    let starts = text.match_indices("enum ").map(|(at, _)| &text[at + 5..]);
    let body = |text| -> Option<(&str, &str)> {
        let (name, rest): (&str, &str) = str::split_once(text, '{')?;
        let end = rest.find("\n}")?;
        Some((name.split('<').next().unwrap_or_default().trim(), &rest[..end]))
    };
    starts.filter_map(body).collect()
}

/// Errors whose variants keep a text instead of the error that it was.
pub(crate) fn texts_in_errors(files: &[File]) -> Debts {
    let mut found = Debts::new();
    for (path, text) in files.iter().filter(|(path, _)| path.ends_with(".rs") && !path.starts_with("tests/")) {
        for (name, body) in enums(text) {
            let an_error = ["Error", "Failure", "Broken"].iter().any(|end| name.ends_with(end))
                || text.contains(&format!("Error for {name} "));
            let code = body.lines().filter(|line| !line.trim_start().starts_with("//"));
            let texts: usize = code.map(|line| line.matches("String").count()).sum();
            if an_error && texts > 0 {
                found.insert(format!("text {path} {name}"), texts);
            }
        }
    }
    found
}

/// Shapes that `lambda` holds for one function alone, and for no other shape of its own.
pub(crate) fn lone_shapes(files: &[File]) -> Debts {
    let mut found = Debts::new();
    for (path, text) in files.iter().filter(|(path, _)| path.starts_with("shared/lambda/src/wire/")) {
        for line in text.lines() {
            let Some(name) = ["pub struct ", "pub enum "].iter().find_map(|head| line.strip_prefix(head)) else {
                continue;
            };
            let name = name.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
            let of_lambda = |text: &str| uses(text).iter().any(|path| *path == format!("lambda::wire::{name}"));
            let users = files.iter().filter(|(path, text)| path.starts_with("functions/") && of_lambda(text));
            let users: BTreeSet<&str> = users.filter_map(|(path, _)| path.split('/').nth(1)).collect();
            let wire = |path: &str| path.starts_with("shared/lambda/src/wire/") && !path.ends_with("/mod.rs");
            let within = files.iter().any(|(other, text)| other != path && wire(other) && text.contains(name));
            if users.len() == 1 && !within {
                found.insert(format!("shape {path} {name}"), 1);
            }
        }
    }
    found
}

#[track_caller]
fn check(found: &Debts, expected: &[(&str, usize)]) {
    let expected: Debts = expected.iter().map(|(what, size)| ((*what).to_owned(), *size)).collect();
    assert_eq!(*found, expected);
}

#[test]
fn a_text_in_an_error_and_a_lone_shape_are_found() {
    let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let errors = "pub enum StoreError {\n    /// A String.\n    Broken(String),\n    Busy,\n}\nenum Word {\n    One(String),\n}\n";
    check(&texts_in_errors(&[file("shared/a/src/b.rs", errors)]), &[("text shared/a/src/b.rs StoreError", 1)]);
    let wire =
        file("shared/lambda/src/wire/a.rs", "pub struct Shared {\n}\npub struct Lone {\n}\npub struct Inner {\n}\n");
    let users = [
        file("functions/a/src/lib.rs", "use lambda::wire::{Lone, Shared};\n"),
        file("functions/b/src/lib.rs", "use lambda::wire::Shared;\nuse domain::Lone;\n"),
    ];
    let files = [&[wire], &users[..]].concat();
    check(&lone_shapes(&files), &[("shape shared/lambda/src/wire/a.rs Lone", 1)]);
}
