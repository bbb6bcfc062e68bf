//! Who may know whom: ARCHITECTURE.md's absences, held against the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Each crate of ours, by its folder, and which crates of ours it depends on outside of its tests.
fn arrows() -> BTreeMap<String, (String, BTreeSet<String>, BTreeSet<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut metadata = Command::new(env!("CARGO"));
    metadata.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]);
    let mut metadata = metadata_in(&mut metadata, &root);
    let packages = metadata["packages"].take();
    let packages = packages.as_array().unwrap();
    let ours: BTreeSet<String> = packages.iter().map(|package| text(&package["name"])).collect();
    let root = root.canonicalize().unwrap();
    let arrows = packages.iter().map(|package| {
        let manifest = text(&package["manifest_path"]);
        let folder = Path::new(&manifest).parent().unwrap().strip_prefix(&root).unwrap();
        let needed = package["dependencies"].as_array().unwrap().iter().filter(|other| other["kind"].is_null());
        let needed: BTreeSet<String> = needed.map(|other| text(&other["name"])).collect();
        let (inner, outer) = needed.into_iter().partition(|name| ours.contains(name));
        (text(&package["name"]), (folder.to_str().unwrap().to_owned(), inner, outer))
    });
    arrows.collect()
}

fn metadata_in(command: &mut Command, root: &Path) -> Value {
    let output = command.current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[test]
fn arrows_point_from_functions_to_the_domain() {
    for (name, (folder, inner, _)) in arrows() {
        let may: &[&str] = match folder.as_str() {
            "shared/domain" | "shared/text" => &[],
            "shared/sheet" | "shared/store" | "shared/templates" => &["domain"],
            "shared/providers" => &["domain", "templates"],
            "shared/intake" => &["domain", "sheet"],
            "shared/lambda" => &["domain", "store"],
            "shared/loading" => &["domain", "sheet", "intake", "store", "lambda"],
            _ if folder.starts_with("functions/") => &[
                "domain",
                "sheet",
                "intake",
                "loading",
                "store",
                "lambda",
                "surveys",
                "text",
                "templates",
                "providers",
            ],
            "infra/sam" => &["lambda"],
            "infra/emulator" => &["sam"],
            "infra/operator" => {
                &["domain", "sheet", "intake", "store", "lambda", "sam", "surveys", "templates", "text"]
            }
            _ => continue, // infra/local and tests may know everything; nothing above knows them
        };
        let wrong: Vec<_> = inner.iter().filter(|other| !may.contains(&other.as_str())).collect();
        assert!(wrong.is_empty(), "{name} may not depend on {wrong:?}");
    }
}

#[test]
fn stand_ins_for_aws_are_never_deployed() {
    for (name, (folder, _, outer)) in arrows() {
        let deployed = folder.starts_with("functions/") || folder.starts_with("shared/");
        let stands_in =
            |other: &&String| ["dynoxide", "rustack", "axum", "reqwest"].iter().any(|stem| other.starts_with(stem));
        let found: Vec<_> = outer.iter().filter(stands_in).collect();
        assert!(!deployed || found.is_empty(), "{name} depends on {found:?}");
        let aws = outer.iter().any(|other| other.starts_with("aws") || other == "tokio" || other == "lambda_runtime");
        assert!(name != "domain" || !aws, "the domain knows no AWS and is not async");
    }
}

#[test]
fn a_crate_is_named_after_its_folder() {
    for (name, (folder, _, _)) in arrows() {
        assert!(folder.ends_with(&format!("/{name}")), "{name} lives in {folder}");
    }
}

#[test]
fn every_function_has_a_bootstrap_to_deploy() {
    let config =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.cargo/config.toml")).unwrap();
    let config: Value = toml::from_str(&config).unwrap();
    let words = config["alias"]["bootstraps"].as_array().unwrap();
    let built: BTreeSet<String> = words.windows(2).filter(|pair| pair[0] == "-p").map(|pair| text(&pair[1])).collect();
    let functions = arrows().into_iter().filter(|(_, (folder, ..))| folder.starts_with("functions/"));
    assert_eq!(built, functions.map(|(name, _)| name).collect());
}

/// Each crate that is built, with the features it is built with.
fn built(arguments: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--offline", "--prefix", "none", "--format", "{p}|{f}"]).args(arguments);
    let output = tree.current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut crates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let Some((name, features)) = line.trim_end_matches(" (*)").split_once('|') else { continue };
        let name = name.split(" (").next().unwrap();
        crates.entry(name.to_owned()).or_default().insert(features.to_owned());
    }
    crates
}

#[test]
fn what_the_tests_have_compiled_the_platform_starts_from() {
    let everything = built(&["--workspace", "--edges", "normal,build,dev"]);
    let platform = built(&["--package", "local", "--edges", "normal,build"]);
    let again = platform.iter().filter(|(name, features)| everything.get(*name) != Some(features));
    let again: Vec<_> = again.map(|(name, features)| (name, features, everything.get(name))).collect();
    assert!(again.is_empty(), "say in infra/local/Cargo.toml what the tests ask of these: {again:#?}");
}
