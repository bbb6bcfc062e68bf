//! Orders that were paid in another programme, as files have them (rules: import 27d).

use domain::kernel::quantity::{Minor, Points};
use domain::kernel::time::Zone;
use domain::ledger::earning::order::{Activity, Earned, Line, Order};
use domain::members::identifier::Identifier;
use domain::programme::activity::ORDER_PAID;
use domain::programme::compiled::Programme;
use domain::programme::condition::Variables;
use jiff::Timestamp;
use jiff::civil::Date;
use sheet::{CellFault, Cells, Column, Raw, Row, Stated};

use crate::columns::EXTERNAL_ID;
use crate::consents::instant;
use crate::fault::Fault;
use crate::naming::{Naming, identity, number};
use crate::openings::last_day;

/// An order that was paid there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// What the source calls the member.
    pub named: Identifier,
    /// What the shop calls the order.
    pub order_id: String,
    /// When it was paid.
    pub paid_at: Timestamp,
    /// What was paid for it, net, in minor units.
    pub net: i64,
    /// What it had earned.
    pub earned: i64,
    /// The last day of those points.
    pub expires_on: Option<Date>,
}

impl OrderRow {
    /// The columns that a file of orders may have.
    #[must_use]
    pub fn columns() -> Vec<Column> {
        let all = [
            (EXTERNAL_ID, true),
            ("order_id", true),
            ("paid_at", true),
            ("amount", true),
            ("earned_points", false),
            ("expires_on", false),
        ];
        all.map(|(field, required)| Column { field: field.to_owned(), required }).to_vec()
    }

    /// Reads a row: of an order that was paid before the cutover.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(naming: &Naming<'_>, row: &Row, programme: &Programme, cutover: Timestamp) -> Result<Self, Vec<Fault>> {
        let (mut faults, zone) = (Vec::new(), programme.zone());
        if let Err(fault) = row.fits(naming.header) {
            faults.push(Fault::cell("", fault));
        }
        let named = naming.named(row).map_err(|fault| faults.push(fault)).ok();
        let order_id = naming.needed(row, "order_id", &mut faults, number);
        faults.extend(order_id.as_deref().and_then(|id| identity("order_id", id)));
        let paid_at = naming.needed(row, "paid_at", &mut faults, Cells::moment);
        let paid_at = paid_at.map(|moment| instant(moment, zone));
        if paid_at.is_some_and(|at| at >= cutover) {
            faults.push(Fault::new("paid_at", "after_cutover", "orders since the cutover are reported, not imported"));
        }
        let net = naming.needed(row, "amount", &mut faults, money(&programme.document().programme.currency));
        if net.is_some_and(|net| !(0..=Minor::LIMIT).contains(&net)) {
            faults.push(Fault::new(
                "amount",
                "out_of_range",
                "is less than nothing, or more than an order can come to",
            ));
        }
        let earned = naming.stated(row, "earned_points", &mut faults, Cells::integer);
        if earned.is_some_and(|points| !(0..=Points::LIMIT).contains(&points)) {
            faults.push(Fault::new(
                "earned_points",
                "out_of_range",
                "is less than none, or more than a member can have",
            ));
        }
        let expires_on = naming.stated(row, "expires_on", &mut faults, last_day);
        if expires_on.is_some() && earned.is_none() {
            faults.push(Fault::new("earned_points", "missing_value", "of which points is that the last day?"));
        }
        let read = named.zip(order_id).zip(paid_at).zip(net).map(|(((named, order_id), paid_at), net)| Self {
            named,
            order_id,
            paid_at,
            net,
            earned: earned.unwrap_or_default(),
            expires_on,
        });
        read.filter(|_| faults.is_empty()).ok_or(faults)
    }

    /// What is recorded: as one line, for what was bought is not said. `worth` is what its points are here.
    #[must_use]
    pub fn activity(&self, source: &str, currency: &str, (worth, zone): (i64, &Zone)) -> Activity {
        let expires_at = self.expires_on.map(|last| zone.start_of_day_after(zone.start_of(last), 1));
        let order = Order::of_lines(
            &self.order_id,
            source,
            currency,
            vec![Line { amount: Minor(self.net), ..Line::default() }],
        );
        Activity {
            activity: ORDER_PAID.to_owned(),
            attributes: Variables::new(),
            order: Some(order),
            past: Some(Earned { points: Points(worth), expires_at }),
        }
    }
}

/// How amounts of a currency are read: most have hundredths, some none, some thousandths (ISO 4217).
fn money(currency: &str) -> fn(Cells<'_>, &Raw) -> Result<Stated<i64>, CellFault> {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => |cells, raw| cells.money(raw, 0),
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => |cells, raw| cells.money(raw, 3),
        _ => |cells, raw| cells.money(raw, 2),
    }
}
