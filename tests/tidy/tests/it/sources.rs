//! What a file may be: its size, its name, its planted mistakes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::arrows;
use crate::debts::{Debts, settle};
use crate::rules;
use crate::words::{lone_shapes, texts_in_errors};

/// A source of ours: its path from the root, and its text.
pub(crate) type File = (String, String);

const LINES: usize = 500;
const FUNCTION_LINES: usize = 600;
/// What a route, or a part of a view, may take of a function that has many.
const ROUTE_LINES: usize = 60;
const PLANTED: usize = 3;
const MEDIAN_BYTES: usize = 4_000;
const FORBIDDEN: &[&str] = &["utils", "common", "helpers", "core", "manager", "service", "ports", "adapters"];

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every file of code that a person wrote, and the rules that tests name.
fn files() -> Vec<File> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["functions", "shared", "infra", "tests", "docs/rules"].map(|name| root().join(name)).into();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
                folders.push(path);
            } else if path.extension().is_some_and(|end| ["rs", "py", "js", "c", "md"].iter().any(|code| end == *code))
            {
                let inside = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((inside, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// Functions, shared and infra, without their tests.
fn is_product(path: &str) -> bool {
    !path.starts_with("tests/") && !path.contains("/tests/") && !path.ends_with(".md")
}

fn long_files(files: &[File]) -> Debts {
    let sizes = files.iter().map(|(path, text)| (format!("lines {path}"), text.lines().count()));
    sizes.filter(|(_, lines)| *lines > LINES).collect()
}

fn long_functions(files: &[File]) -> Debts {
    let (mut sizes, mut routes) = (Debts::new(), Debts::new());
    for (path, text) in files {
        let parts: Vec<_> = path.split('/').collect();
        if let ["functions", name, "src", inside, ..] = parts[..]
            && inside != "wire"
            && inside != "wire.rs"
        {
            let name = format!("function functions/{name}");
            let rows = ["\n    Route {\n", "\n    Part { "].map(|row| text.matches(row).count());
            *routes.entry(name.clone()).or_default() += rows.iter().sum::<usize>();
            *sizes.entry(name).or_default() += text.lines().count();
        }
    }
    sizes.retain(|name, lines| *lines > FUNCTION_LINES.max(ROUTE_LINES * routes[name]));
    sizes
}

fn planted(files: &[File]) -> Debts {
    let mut found = Debts::new();
    for (path, text) in files.iter().filter(|(path, _)| is_product(path)) {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let count: usize = code.map(|line| line.matches("planted!").count()).sum();
        if count > PLANTED {
            found.insert(format!("planted {path}"), count);
        }
    }
    found
}

fn forbidden_names(files: &[File]) -> Debts {
    let named = files.iter().filter(|(path, _)| {
        path.split('/').any(|part| FORBIDDEN.contains(&part.split('.').next().unwrap_or_default()))
    });
    named.map(|(path, _)| (format!("name {path}"), 1)).collect()
}

fn median(files: &[File]) -> Debts {
    let mut sizes: Vec<usize> = files.iter().filter(|(path, _)| is_product(path)).map(|(_, text)| text.len()).collect();
    sizes.sort_unstable();
    let median = sizes.get(sizes.len() / 2).copied().unwrap_or_default();
    if median > MEDIAN_BYTES { BTreeMap::from([("median product".to_owned(), median)]) } else { Debts::new() }
}

fn all(files: &[File]) -> Debts {
    let checks: [fn(&[File]) -> Debts; 9] = [
        long_files,
        long_functions,
        planted,
        forbidden_names,
        median,
        arrows::owed,
        texts_in_errors,
        lone_shapes,
        rules::owed,
    ];
    checks.iter().flat_map(|check| check(files)).collect()
}

#[test]
fn the_sources_owe_no_more_than_is_listed() {
    settle(&all(&files()));
}

#[track_caller]
fn check(path: &str, text: &str, owed: &[(&str, usize)]) {
    let owed: Debts = owed.iter().map(|(what, size)| ((*what).to_owned(), *size)).collect();
    assert_eq!(all(&[(path.to_owned(), text.to_owned())]), owed);
}

#[test]
fn each_check_finds_what_is_wrong_and_nothing_else() {
    check("shared/a/src/b.rs", &"\n".repeat(500), &[]);
    check("shared/a/src/b.rs", &"\n".repeat(501), &[("lines shared/a/src/b.rs", 501)]);
    let long = [("function functions/a", 601), ("lines functions/a/src/b.rs", 601)];
    check("functions/a/src/b.rs", &"\n".repeat(601), &long);
    check("functions/a/src/wire/b.rs", &"\n".repeat(601), &[("lines functions/a/src/wire/b.rs", 601)]);
    check("shared/a/src/b.rs", &"planted!(X);\n".repeat(3), &[]);
    check("shared/a/src/b.rs", &"planted!(X);\n".repeat(4), &[("planted shared/a/src/b.rs", 4)]);
    check("shared/a/src/b.rs", &"// planted!\n".repeat(4), &[]);
    check("shared/a/tests/b.rs", &"planted!(X);\n".repeat(4), &[]);
    check("shared/a/src/utils/b.rs", "", &[("name shared/a/src/utils/b.rs", 1)]);
    check("shared/a/src/helpers.rs", "", &[("name shared/a/src/helpers.rs", 1)]);
    check("shared/a/src/b.rs", &" ".repeat(4_001), &[("median product", 4_001)]);
}
