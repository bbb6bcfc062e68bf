//! Who may know whom inside a crate, and that nobody knows each other.
//!
//! An arrow is a path in a file that begins with `crate`, `super`, `self` or the name of a module below it, and leads to another file;
//! one that leads through a re-export leads to the file that is meant. What a `lib.rs` or `mod.rs` declares or hands on is none. Comments,
//! texts and modules of tests do not count.

use std::collections::{BTreeMap, BTreeSet};

use crate::debts::Debts;
use crate::sources::File;

/// Modules of `domain` from the left to the right: each may know those before it.
const DOMAIN: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("festivals", &["kernel"]),
    ("programme", &["kernel", "festivals"]),
    ("standing", &["kernel", "programme"]),
    ("ledger", &["kernel", "programme", "standing"]),
    ("members", &["kernel", "programme"]),
    ("signals", &["kernel", "programme"]),
    ("quality", &["kernel", "programme"]),
    ("care", &["kernel", "festivals", "programme"]),
    ("messages", &["kernel", "programme"]),
    ("voice", &["kernel", "programme"]),
    ("desk", &["kernel", "programme"]),
    ("engagement", &["kernel", "programme"]),
    ("insight", &["kernel"]),
];

/// What of `store` knows no context; everything else there knows these and itself.
const STORE: &[&str] = &[
    "table",
    "attribute",
    "check",
    "json",
    "error",
    "race",
    "write",
    "batch",
    "due",
    "outbox",
    "effect",
    "sealed",
    "aggregate",
    "lib",
];

/// A file without comments, texts and modules of tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut code = String::new();
    for line in text.lines() {
        let (mut quoted, mut escaped, mut rest) = (false, false, line.chars().peekable());
        while let Some(letter) = rest.next() {
            if quoted {
                quoted = letter != '"' || escaped;
                escaped = letter == '\\' && !escaped;
            } else if letter == '"' {
                (quoted, escaped) = (true, false);
                code.push('"');
            } else if letter == '/' && rest.peek() == Some(&'/') {
                break;
            } else {
                code.push(letter);
            }
        }
        code.push('\n');
    }
    code
}

/// The paths that a tree of a `use` stands for.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((head, inside)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let inside = inside.trim_end().strip_suffix('}').unwrap_or(inside);
    let (mut depth, mut parts, mut part) = (0_i32, Vec::new(), String::new());
    for letter in inside.chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        if letter == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(letter);
        }
    }
    parts.push(part);
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| leaves(part)).map(|leaf| format!("{}{leaf}", head.trim())).collect()
}

/// The uses of a file, each with whether it hands on, and the paths in the rest of it.
fn paths(code: &str) -> (Vec<(bool, String)>, Vec<String>) {
    let (mut uses, mut rest) = (Vec::new(), String::new());
    let mut statements = code.split_inclusive('\n').peekable();
    while let Some(line) = statements.next() {
        let start = line.trim_start();
        let handed = start.starts_with("pub");
        let Some(at) = start.find("use ").filter(|at| *at == 0 || handed && start[..*at].ends_with(' ')) else {
            rest.push_str(line);
            continue;
        };
        let mut statement = start[at + 4..].to_owned();
        while !statement.contains(';') && statements.peek().is_some() {
            statement.push_str(statements.next().unwrap());
        }
        let tree = statement.split(';').next().unwrap_or_default().replace('\n', " ");
        uses.extend(leaves(&tree).into_iter().map(|leaf| (handed, leaf.replace(' ', ""))));
    }
    let inline = rest.split(|letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == ':'));
    let inline = inline.filter(|word| word.contains("::")).map(|word| word.trim_matches(':').to_owned());
    (uses, inline.collect())
}

/// What a text uses.
pub(crate) fn uses(text: &str) -> Vec<String> {
    paths(&code(text)).0.into_iter().map(|(_, path)| path).collect()
}

/// The files of a crate, by their modules.
struct Crate<'a> {
    modules: BTreeMap<Vec<String>, &'a str>,
    code: BTreeMap<&'a str, String>,
}

impl<'a> Crate<'a> {
    fn new(folder: &str, files: &'a [File]) -> Self {
        let (mut modules, mut texts) = (BTreeMap::new(), BTreeMap::new());
        for (path, text) in files {
            let Some(inside) = path.strip_prefix(folder).and_then(|path| path.strip_suffix(".rs")) else { continue };
            let mut module: Vec<String> = inside.split('/').map(str::to_owned).collect();
            if module.last().is_some_and(|last| ["lib", "main", "mod"].contains(&last.as_str())) {
                module.pop();
            }
            if inside != "main" {
                modules.insert(module, path.as_str());
                texts.insert(path.as_str(), code(text));
            }
        }
        Self { modules, code: texts }
    }

    fn is_module(&self, path: &[String]) -> bool {
        self.modules.keys().any(|module| module.starts_with(path))
    }

    /// The file that a path leads to from a module.
    fn target(&self, from: &[String], path: &str, depth: u8) -> Option<&'a str> {
        let mut parts: Vec<&str> = path.split("::").collect();
        let mut module = match parts[0] {
            "crate" => Vec::new(),
            "self" => from.to_vec(),
            "super" => from[..from.len().saturating_sub(1)].to_vec(),
            child if self.is_module(&[from, &[child.to_owned()]].concat()) => {
                parts.insert(0, "self");
                from.to_vec()
            }
            _ => return None,
        };
        parts.remove(0);
        while let Some(next) = parts.first().copied() {
            if next == "super" {
                module.pop();
            } else if self.is_module(&[module.as_slice(), &[next.to_owned()]].concat()) {
                module.push(next.to_owned());
            } else {
                break;
            }
            parts.remove(0);
        }
        let file = *self.modules.get(&module)?;
        let Some(item) = parts.first().filter(|_| depth < 4) else { return Some(file) };
        // What is handed on leads to where it stands.
        let (uses, _) = paths(&self.code[file]);
        let handed = uses.iter().find(|(handed, path)| *handed && path.rsplit("::").next() == Some(*item));
        handed.and_then(|(_, path)| self.target(&module, path, depth + 1)).or(Some(file))
    }

    fn arrows(&self) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (module, file) in &self.modules {
            let (uses, inline) = paths(&self.code[file]);
            let uses = uses.into_iter().filter(|(handed, _)| !handed).map(|(_, path)| path);
            let targets = uses.chain(inline).filter_map(|path| self.target(module, &path, 0));
            arrows.entry(file).or_default().extend(targets.filter(|target| target != file));
        }
        arrows
    }
}

/// Files that know each other, over whatever others.
fn circles(arrows: &BTreeMap<&str, BTreeSet<&str>>) -> Debts {
    let reached = |from: &str| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(file) = next.pop() {
            for target in arrows.get(file.as_str()).into_iter().flatten() {
                if seen.insert((*target).to_owned()) {
                    next.push((*target).to_owned());
                }
            }
        }
        seen
    };
    let all: BTreeMap<&str, BTreeSet<String>> = arrows.keys().map(|file| (*file, reached(file))).collect();
    let mut found = Debts::new();
    for (file, seen) in &all {
        let circle: Vec<&str> = all
            .iter()
            .filter(|(other, back)| seen.contains(**other) && back.contains(*file))
            .map(|(other, _)| *other)
            .collect();
        if circle.len() > 1 {
            found.insert(format!("circle {}", circle.join(" ")), circle.len());
        }
    }
    found
}

/// Arrows that the house does not allow.
fn strays(arrows: &BTreeMap<&str, BTreeSet<&str>>) -> Debts {
    let place = |path: &str, folder: &str| -> Option<String> {
        path.strip_prefix(folder).map(|inside| inside.split(['/', '.']).next().unwrap_or_default().to_owned())
    };
    let mut found = Debts::new();
    for (from, target) in arrows.iter().flat_map(|(from, targets)| targets.iter().map(move |target| (*from, *target))) {
        let mut stray = false;
        if let Some((from, to)) = place(from, "shared/domain/src/").zip(place(target, "shared/domain/src/")) {
            let known = DOMAIN.iter().find(|(module, _)| *module == from).map_or(&[][..], |(_, known)| known);
            stray = from != to && from != "lib" && to != "lib" && !known.contains(&to.as_str());
        }
        if let Some((from, to)) = place(from, "shared/store/src/").zip(place(target, "shared/store/src/")) {
            stray = from != to && !STORE.contains(&to.as_str());
        }
        if stray {
            found.insert(format!("arrow {from} {target}"), 1);
        }
    }
    found
}

/// What is owed for arrows, over all crates.
pub(crate) fn owed(files: &[File]) -> Debts {
    let folders: BTreeSet<&str> =
        files.iter().filter_map(|(path, _)| path.find("/src/").map(|end| &path[..end + 5])).collect();
    let mut owed = Debts::new();
    for folder in folders {
        let arrows = Crate::new(folder, files);
        let arrows = arrows.arrows();
        owed.extend(circles(&arrows));
        owed.extend(strays(&arrows));
    }
    owed
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &[(&str, usize)]) {
    let files: Vec<File> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let expected: Debts = expected.iter().map(|(what, size)| ((*what).to_owned(), *size)).collect();
    assert_eq!(owed(&files), expected);
}

#[test]
fn who_knows_each_other_is_found() {
    let two = [("shared/x/src/a.rs", "use crate::b::B;\n"), ("shared/x/src/b.rs", "fn b() { crate::a::A::new() }\n")];
    check(&two, &[("circle shared/x/src/a.rs shared/x/src/b.rs", 2)]);
    let through = [
        ("shared/x/src/lib.rs", "mod a;\nmod b;\npub use a::{A, Other};\n"),
        ("shared/x/src/a.rs", "use crate::b::{\n    B,\n};\n"),
        ("shared/x/src/b.rs", "use crate::{A, lone};\n"),
    ];
    check(&through, &[("circle shared/x/src/a.rs shared/x/src/b.rs", 2)]);
    let below = [("shared/x/src/a/mod.rs", "mod b;\nuse b::B;\n"), ("shared/x/src/a/b.rs", "use super::A;\n")];
    check(&below, &[("circle shared/x/src/a/b.rs shared/x/src/a/mod.rs", 2)]);
    let none = [
        ("shared/x/src/a.rs", "use crate::b::B;\n// crate::b\n#[cfg(test)]\nmod tests {\n    use crate::c::C;\n}\n"),
        ("shared/x/src/b.rs", "/// [`crate::a`]\nconst B: &str = \"crate::a::A\";\n"),
        ("shared/x/src/c.rs", "use crate::a::A;\n"),
    ];
    check(&none, &[]);
}

#[test]
fn arrows_point_left() {
    let domain = [
        ("shared/domain/src/kernel/id.rs", "use crate::programme::tier::Tier;\n"),
        ("shared/domain/src/programme/tier.rs", ""),
        ("shared/domain/src/care/mod.rs", "use crate::ledger::entry::Entry;\n"),
        ("shared/domain/src/ledger/entry.rs", "use crate::kernel::time::Month;\n"),
        ("shared/domain/src/kernel/time.rs", ""),
    ];
    check(
        &domain,
        &[
            ("arrow shared/domain/src/care/mod.rs shared/domain/src/ledger/entry.rs", 1),
            ("arrow shared/domain/src/kernel/id.rs shared/domain/src/programme/tier.rs", 1),
        ],
    );
    let store = [
        ("shared/store/src/write.rs", "use crate::ledger::pages::Page;\n"),
        ("shared/store/src/ledger/pages.rs", "use crate::table::Tables;\n"),
        ("shared/store/src/table.rs", ""),
    ];
    check(&store, &[("arrow shared/store/src/write.rs shared/store/src/ledger/pages.rs", 1)]);
}
