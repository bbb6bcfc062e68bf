use std::fs::{create_dir_all, read_to_string, remove_file, write};

use super::*;

const VOUCHER: &str = "functions/redeem/examples/useVoucher.json";

#[test]
fn the_files_are_what_the_code_gives() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, text) in FILES {
        let kept = read_to_string(root.join(path)).unwrap();
        assert!(kept == text(&root).unwrap(), "{path}: run `cargo run -- generate`");
    }
}

/// What is said of the examples after a change to them.
fn said(change: impl FnOnce(&Path)) -> String {
    let (root, operations) = (tempfile::tempdir().unwrap(), operations());
    for place in operations.iter().filter(|operation| operation.has_example()).map(examples::place) {
        create_dir_all(root.path().join(&place).parent().unwrap()).unwrap();
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(&place), root.path().join(&place))
            .unwrap();
    }
    change(root.path());
    examples::read(root.path(), &operations).map_or_else(|error| format!("{error:#}"), |all| all.len().to_string())
}

#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    let said = said(|root| {
        let text = read_to_string(root.join(VOUCHER)).unwrap();
        assert!(text.contains(from), "{text}");
        write(root.join(VOUCHER), text.replace(from, to)).unwrap();
    });
    assert!(said.starts_with(VOUCHER) || said.starts_with("the example of `useVoucher`"), "{said}");
    assert!(said.contains(expected), "{said}");
}

#[test]
fn every_route_has_one_example_and_every_example_a_route() {
    let shown = operations().iter().filter(|operation| operation.has_example()).count();
    assert_eq!(said(|_| ()), shown.to_string());
    let missing = said(|root| remove_file(root.join(VOUCHER)).unwrap());
    assert!(missing.starts_with(&format!("{VOUCHER}, the example of POST /v1/vouchers/{{code}}/uses")), "{missing}");
    for other in ["functions/redeem/examples/useCoupon.json", "functions/upkeep/examples/useVoucher.json"] {
        let lone = said(|root| {
            create_dir_all(root.join(other).parent().unwrap()).unwrap();
            write(root.join(other), read_to_string(root.join(VOUCHER)).unwrap()).unwrap();
        });
        assert!(lone.ends_with(&format!("{other}: no route of this function has this id")), "{lone}");
    }
}

#[test]
fn an_example_asks_what_its_route_asks_and_is_answered_as_it_answers() {
    check("\"code\"", "\"voucher\"", "the path has the parameters {\"code\"}");
    check("\"Idempotency-Key\"", "\"If-Match\"", "the headers are {\"Idempotency-Key\"}");
    check("\"headers\"", "\"query\": {\"limit\": \"1\"}, \"headers\"", "the query has the parameters {}");
    check("\"body\": {}", "\"query\": {}", "there is a body, or none");
    check("\"status\": 200", "\"status\": 201", "201 is not described");
    check("\"by\"", "\"varies\": [\"/reward/0\"], \"by\"", "nothing at `/reward/0`");
    check("\"redeem\"", "\"spend\"", "comes after `spend`, which there is not");
    check("\"by\"", "\"whom\"", "unknown field `whom`");
}
