//! Which column holds what.

use sheet::{Column, FileFault, Header, Mapping};

use crate::{columns, mapping};

const FIELDS: &[&str] =
    &["external_id", "card", "phone", "email", "name", "birthday", "points", "earned_on", "expires_on", "tier"];

fn find(names: &[&str], mapping: &Mapping) -> Result<Vec<Option<String>>, FileFault> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let header = Header::find(&names, &columns(FIELDS), mapping)?;
    Ok(header.fields.into_iter().map(|found| found.map(|(field, _)| field)).collect())
}

#[track_caller]
fn holds(names: &[&str], expected: &[&str]) {
    let expected = expected.iter().map(|field| Some((*field).to_owned())).collect();
    assert_eq!(find(names, &Mapping::default()), Ok(expected), "{names:?}");
}

fn named(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| (*column).to_owned()).collect()
}

// rule: import 10
#[test]
fn columns_are_known_by_their_names_in_three_languages() {
    let chinese = ["客户编号", "会员卡号", "手机号", "邮箱", "姓名", "生日", "积分", "获得日期", "到期日", "等级"];
    holds(&chinese, FIELDS);
    holds(FIELDS, FIELDS);
    holds(&["Customer ID", "Card No", "MOBILE", "E-Mail"], &["external_id", "card", "phone", "email"]);
    holds(&["会員番号", "カード番号", "電話番号", "メール"], &["external_id", "card", "phone", "email"]);
    holds(
        &[" External ID ", "ＰＨＯＮＥ", "earned-on", "Expires_On"],
        &["external_id", "phone", "earned_on", "expires_on"],
    );
}

// rule: import 10
#[test]
fn what_nobody_declared_is_not_taken_in() {
    let unmapped = FileFault::UnmappedColumn { columns: named(&["religion", "Blood"]) };
    assert_eq!(find(&["external_id", "religion", "Blood"], &Mapping::default()), Err(unmapped));
    let ignored = mapping("ignore = [\"Religion\", \"blood\"]");
    let expected = Ok(vec![Some("external_id".to_owned()), None, None]);
    assert_eq!(find(&["external_id", "religion", "Blood"], &ignored), expected);
    assert_eq!(find(&["external_id", "religion", "Blood"], &mapping("ignore = [\"*\"]")), expected);
    // A column that is ignored by name is so even if it is known.
    let without = mapping("ignore = [\"phone\"]");
    assert_eq!(find(&["external_id", "phone"], &without), Ok(vec![Some("external_id".to_owned()), None]));
    // A mapping leads to what there is, and nowhere else.
    let elsewhere = mapping("[columns]\nfaith = \"religion\"");
    let unmapped = FileFault::UnmappedColumn { columns: named(&["faith"]) };
    assert_eq!(find(&["external_id", "faith"], &elsewhere), Err(unmapped));
}

// rule: import 10
#[test]
fn two_columns_that_are_one_are_refused() {
    for twice in [["phone", "Phone "], ["phone", "手机号"], ["Blood", "blood"]] {
        let duplicate = FileFault::DuplicateColumn { columns: named(&[twice[1].trim()]) };
        assert_eq!(find(&twice, &mapping("ignore = [\"*\"]")), Err(duplicate));
    }
    let mapped = mapping("ignore = [\"mobile\"]\n[columns]\n\"second number\" = \"phone\"");
    assert_eq!(find(&["mobile", "second number"], &mapped), Ok(vec![None, Some("phone".to_owned())]));
    assert!(find(&["external_id", "", ""], &Mapping::default()).is_ok(), "columns without names are none");
}

// rule: import 10
#[test]
fn what_is_needed_or_named_must_be_there() {
    let missing = |columns: &[&str]| FileFault::MissingColumn { columns: named(columns) };
    let named_one = mapping("[columns]\n\"会员 号\" = \"card\"");
    assert_eq!(find(&["external_id"], &named_one), Err(missing(&["会员 号"])));
    let needed = [Column { field: "external_id".to_owned(), required: true }];
    let found = Header::find(&named(&["id number"]), &needed, &mapping("ignore = [\"*\"]"));
    assert_eq!(found.map(|_| ()), Err(missing(&["external_id"])));
    assert_eq!(find(&["", " "], &Mapping::default()), Err(FileFault::EmptyFile));
    let many: Vec<String> = (0..201).map(|n| format!("c{n}")).collect();
    assert_eq!(Header::find(&many, &needed, &Mapping::default()), Err(FileFault::TooManyColumns));
}

// rule: import 7
#[test]
fn a_file_of_errors_is_read_again_as_it_is() {
    let told = ["external_id", "phone", "row", "column", "field", "code", "message"];
    let found = find(&told, &Mapping::default()).unwrap();
    assert_eq!(found[..2], [Some("external_id".to_owned()), Some("phone".to_owned())]);
    assert_eq!(found[2..], [None, None, None, None, None]);
    let other = FileFault::UnmappedColumn { columns: named(&["row"]) };
    assert_eq!(find(&["external_id", "row"], &Mapping::default()), Err(other));
}

#[test]
fn a_mapping_says_what_is_wrong_with_it() {
    let mapping = mapping(
        "date_format = \"dmy\"\ndates = \"excel\"\nthousands = \",\"\non_error = \"field\"\nregion = \"JP\"\n[columns]\n\"卡\" = { to = \"card\", zero_pad = 8 }\n\"编号\" = \"external_id\"",
    );
    assert_eq!((mapping.columns["卡"].field(), mapping.columns["卡"].zero_pad()), ("card", Some(8)));
    for wrong in [
        "columms = 1",
        "thousands = \"5\"",
        "delimiter = \"é\"",
        "date_format = \"ymd\"",
        "[columns]\na = { to = \"card\", zero_pad = 99 }",
    ] {
        assert!(Mapping::from_toml(wrong).is_err(), "{wrong}");
    }
}
