//! What happened in another programme, as files have it: orders and behaviours (rules: import 27d).

use domain::kernel::id::FactName;
use domain::kernel::time::Zone;
use domain::ledger::earning::order::{Activity, Earned};
use domain::members::identifier::Identifier;
use domain::programme::activity::ORDER_PAID;
use domain::programme::compiled::Programme;
use domain::programme::condition::Variables;
use jiff::Timestamp;
use serde_json::{Value, json};
use sheet::{Cells, Column, Row};

use crate::columns::EXTERNAL_ID;
use crate::consents::instant;
use crate::fault::Fault;
use crate::naming::{Naming, identity, number};
use crate::orders::OrderRow;

/// A behaviour of there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRow {
    /// What the source calls the member.
    pub named: Identifier,
    /// Its CloudEvents type.
    pub activity: String,
    /// What the source calls it.
    pub id: String,
    /// When it was.
    pub at: Timestamp,
}

/// What happened there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PastRow {
    /// An order was paid.
    Order(OrderRow),
    /// Something else that can be rewarded.
    Activity(ActivityRow),
}

impl ActivityRow {
    /// The columns that a file of behaviours may have.
    #[must_use]
    pub fn columns() -> Vec<Column> {
        let all = [EXTERNAL_ID, "activity", "id", "occurred_at"];
        all.map(|field| Column { field: field.to_owned(), required: true }).to_vec()
    }

    fn read(naming: &Naming<'_>, row: &Row, programme: &Programme, cutover: Timestamp) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        if let Err(fault) = row.fits(naming.header) {
            faults.push(Fault::cell("", fault));
        }
        let named = naming.named(row).map_err(|fault| faults.push(fault)).ok();
        let activity = naming.needed(row, "activity", &mut faults, Cells::text);
        if activity.as_deref() == Some(ORDER_PAID) {
            faults.push(Fault::new("activity", "invalid_value", "orders are imported as `orders`"));
        }
        let id = naming.needed(row, "id", &mut faults, number);
        faults.extend(id.as_deref().and_then(|id| identity("id", id)));
        let at = naming.needed(row, "occurred_at", &mut faults, Cells::moment);
        let at = at.map(|moment| instant(moment, programme.zone()));
        if at.is_some_and(|at| at >= cutover) {
            faults.push(Fault::new(
                "occurred_at",
                "after_cutover",
                "what happened since the cutover is reported, not imported",
            ));
        }
        let read = named.zip(activity).zip(id).zip(at);
        let read = read.map(|(((named, activity), id), at)| Self { named, activity, id, at });
        read.filter(|_| faults.is_empty()).ok_or(faults)
    }
}

impl PastRow {
    /// Reads a row: of what was before the cutover.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(
        orders: bool,
        naming: &Naming<'_>,
        row: &Row,
        (programme, cutover): (&Programme, Timestamp),
    ) -> Result<Self, Vec<Fault>> {
        if orders {
            OrderRow::read(naming, row, programme, cutover).map(Self::Order)
        } else {
            ActivityRow::read(naming, row, programme, cutover).map(Self::Activity)
        }
    }

    /// What the source calls the member.
    #[must_use]
    pub const fn named(&self) -> &Identifier {
        match self {
            Self::Order(row) => &row.named,
            Self::Activity(row) => &row.named,
        }
    }

    /// What it is called, and in which column.
    #[must_use]
    pub fn called(&self) -> (&'static str, &str) {
        match self {
            Self::Order(row) => ("order_id", &row.order_id),
            Self::Activity(row) => ("id", &row.id),
        }
    }

    /// When it was.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Order(row) => row.paid_at,
            Self::Activity(row) => row.at,
        }
    }

    /// Under which name it counts once.
    #[must_use]
    pub fn fact(&self, source: &str) -> FactName {
        match self {
            Self::Order(row) => FactName::order(&row.order_id),
            Self::Activity(row) => FactName::event(source, &row.id),
        }
    }

    /// What it says, to tell the same again from something else. `worth` is what points of there are here.
    #[must_use]
    pub fn said(&self, worth: impl Fn(i64) -> i64) -> Value {
        match self {
            Self::Order(row) => json!({
                "member": row.named.value, "paid_at": row.paid_at, "net_minor": row.net, "earned": worth(row.earned),
                "expires_on": row.expires_on,
            }),
            Self::Activity(row) => json!({"member": row.named.value, "at": row.at, "activity": row.activity}),
        }
    }

    /// What is recorded.
    #[must_use]
    pub fn activity(&self, source: &str, currency: &str, (worth, zone): (impl Fn(i64) -> i64, &Zone)) -> Activity {
        match self {
            Self::Order(row) => row.activity(source, currency, (worth(row.earned), zone)),
            Self::Activity(row) => Activity {
                activity: row.activity.clone(),
                attributes: Variables::new(),
                order: None,
                past: Some(Earned::default()),
            },
        }
    }
}
