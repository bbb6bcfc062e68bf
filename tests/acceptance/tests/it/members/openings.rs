//! What an import brings over, as the ledger keeps it.

use domain::kernel::canonical::Hash;
use domain::kernel::cutover::Cutover;
use domain::kernel::id::OperationId;
use domain::kernel::refusal::Refusal as _;
use domain::ledger::brought::Part;
use domain::ledger::doer::Doer;
use domain::ledger::opening::{Open, Opening};
use domain::ledger::opening_rows::{LotRow, lots};
use domain::ledger::refusal::Refused;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use serde_json::json;
use store::{Brought, Done, Jitter, Patience, Withdrawn};

use crate::world::World;

impl World {
    async fn imports(&self, member: &str, import: &str, points: &[(i64, &str)]) -> Result<Done, Refused> {
        let store = self.store();
        let programmes = store.programmes(&Programmes::default()).await.unwrap();
        let setting = Setting { programmes: &programmes, now: self.now() };
        let row = |(points, expires_on): &(i64, &str)| LotRow {
            points: *points,
            earned_on: None,
            expires_on: Some(expires_on.parse().unwrap()),
            activates_on: None,
            last_activity: None,
            held: (None, None),
        };
        let rows: Vec<LotRow> = points.iter().map(row).collect();
        let opening: Opening =
            lots(&rows, &Cutover::default(), programmes.at(setting.now), setting.now).unwrap().opening;
        let open = Open {
            source: "crm".to_owned(),
            name: "Old programme".to_owned(),
            file: Hash::of("the file"),
            rows: u32::try_from(rows.len()).unwrap(),
            opening,
            holds: Vec::new(),
            elsewhere: domain::ledger::brought::Elsewhere::default(),
        };
        let brought = Brought { operation: OperationId::of_fact("import", import, member), open };
        let (member, by) = (member.parse().unwrap(), Doer::new("admin:ada"));
        let brought = [brought];
        let mut patience = self.patient();
        let brought = store.bring(&member, (&brought, Some(&by)), setting, &mut patience);
        brought.await.unwrap().pop().unwrap()
    }

    fn patient(&self) -> Patience {
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        Patience::until(deadline, Jitter::seeded(7))
    }
}

// rule: ledger 8.1, 8.3, 8.5
#[tokio::test]
async fn lots_are_brought_over_once_and_stand_in_the_statement() {
    let world = World::new().await;
    let rows = [(100, "2026-12-31"), (50, "2027-01-31")];
    let first = world.imports("m-1", "import-1", &rows).await.unwrap();
    assert!(!first.replayed);
    let again = world.imports("m-1", "import-2", &[rows[1], rows[0]]).await.unwrap();
    assert!(again.replayed && again.entry == first.entry, "whatever the file, and the order");
    let other = world.imports("m-1", "import-3", &[(120, "2026-12-31")]).await.unwrap_err();
    assert!(matches!(other, Refused::Bringing(_)), "{other:?}");
    assert_eq!(world.pockets("m-1").await, [150, 0, 0, 0]);
    let line = world.ledger("m-1").await.remove(0);
    let said = ["kind", "name", "part", "rows", "by"].map(|field| line[field].clone());
    assert_eq!(said, [json!("opening"), json!("Old programme"), json!("lots"), json!(2), json!("admin:ada")]);
    let store = world.store();
    let programmes = store.programmes(&Programmes::default()).await.unwrap();
    let setting = Setting { programmes: &programmes, now: world.now() };
    let (member, by) = ("m-1".parse().unwrap(), Doer::new("admin:ada"));
    let mut withdrawn = Withdrawn {
        member: &member,
        source: "crm",
        part: Part::Lots,
        brought: OperationId::of_fact("undo", "import-2", "m-1"),
        operation: OperationId::of_fact("undo", "import-1", "m-1"),
        by: &by,
    };
    let mut patience = world.patient();
    let other = store.withdraw_opening(&withdrawn, setting, &mut patience).await.unwrap();
    assert_eq!(other.unwrap_err().code(), "not_found", "it was brought by something else");
    withdrawn.brought = first.entry.operation;
    let looked = store.try_to_withdraw(&withdrawn, setting).await.unwrap().unwrap();
    assert_eq!((looked.entry.points().0, world.pockets("m-1").await), (-150, [150, 0, 0, 0]));
    let back = store.withdraw_opening(&withdrawn, setting, &mut patience).await.unwrap().unwrap();
    assert_eq!((back.entry.points().0, world.pockets("m-1").await), (-150, [0, 0, 0, 0]));
}
