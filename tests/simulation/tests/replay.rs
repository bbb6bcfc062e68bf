//! The real purchase history with the whole chain running, audited: every entry, and each member's final tier and segment.

use std::path::Path;

use jiff::Timestamp;
use local::replay::Own;
use operator::replay::{Arguments, Until};

#[tokio::test(flavor = "multi_thread")]
async fn every_member_of_the_real_history_ends_in_the_tier_and_segment_that_the_auditor_works_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let directory = tempfile::tempdir().unwrap();
    let until: Timestamp = "2012-02-01T00:00:00Z".parse().unwrap();
    let arguments = Arguments {
        file: root.join("tests/data/online_retail_60customers.csv"),
        programme: root.join("programme.toml"),
        currency: Some("GBP".to_owned()),
        map: Vec::new(),
        dates: None,
        errors: None,
        json: true,
    };
    let data_dir = directory.path().to_owned();
    let own = Own { template: root.join("template.yaml"), data_dir, until: Some(Until::Instant(until)) };
    let summary = own.replay(&arguments).await.unwrap().summary;
    let audited = simulation::contexts::ledger::audit_chain(&directory.path().join("dynamodb.sqlite"), until).unwrap();
    assert_eq!(audited.violations, [""; 0]);
    assert_eq!(audited.members, 60);
    assert_eq!(audited.scored, 60, "everybody has a segment");
    let held: usize = audited.by_tier.values().sum();
    assert_eq!(held, 60);
    assert!(audited.by_tier.len() == 4, "the history reaches every tier: {:?}", audited.by_tier);
    assert!(audited.changes >= 29 && summary.refunds > 60, "{audited:?}");
}
