//! What has become known of the ledger.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::contexts::wish::Wish;

/// What later wishes refer to.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Whose, which, how much, and when it was reported.
    pub(crate) orders: Vec<(String, String, i64, Timestamp)>,
    /// Those of them that were acknowledged.
    pub(crate) acknowledged: Vec<(String, String, i64, Timestamp)>,
    /// Orders that are reported for more than one member: which, how much, and when.
    pub(crate) contested: Vec<(String, i64, Timestamp)>,
    /// Orders for which points were held: by whom, and which.
    pub(crate) checkouts: Vec<(String, String)>,
    /// Refunded orders that have yet to come.
    pub(crate) awaited: Vec<(String, String)>,
    /// Behaviours that were taken back before anybody has reported them, and whose.
    pub(crate) foreseen: Vec<(String, String)>,
    /// Behaviours that were acknowledged, and nobody has asked to take back: whose, which, and when they happened.
    pub(crate) behaviours: Vec<(String, String, Timestamp)>,
    /// Those that somebody has asked to take back.
    pub(crate) reversed: Vec<(String, String)>,
    pub(crate) spent: Vec<(String, String)>,
    pub(crate) holds: Vec<String>,
    pub(crate) requests: Vec<String>,
    pub(crate) vouchers: Vec<String>,
    /// Uses of benefits: which benefit, and the entry.
    pub(crate) uses: Vec<(String, String)>,
    pub(crate) entries: Vec<String>,
    /// Points that members were told they can spend.
    pub(crate) told: BTreeMap<String, i64>,
}

impl Known {
    /// Hears an answer that is a success.
    pub(crate) fn hear(&mut self, wish: &Wish, answer: &Value) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if let Some(id) = text(&answer["redemption_id"]).or_else(|| text(&answer["receipt_id"])) {
            self.spent.push((wish.member.clone(), id));
        }
        if let Some(order) = text(&answer["order_id"]).filter(|_| wish.what.starts_with("capture")) {
            self.checkouts.extend(vec![(wish.member.clone(), order); 3]); // it is about to be paid
        }
        self.holds.extend(text(&answer["hold_id"]).filter(|_| wish.what.starts_with("hold")));
        self.requests.extend(text(&answer["adjustment_id"]).filter(|_| answer["status"] == json!("pending_approval")));
        self.vouchers.extend(text(&answer["voucher"]["code"]));
        self.uses.extend(text(&answer["benefit"]).zip(text(&answer["use_id"])));
        self.entries.extend(entry_of(wish, answer));
        let (said, time) = (wish.body(), answer["entry"]["occurred_at"].as_str().and_then(|at| at.parse().ok()));
        // Those that were foreseen have been taken back.
        let own = text(&said["id"]).filter(|id| said["source"] == "app" && !id.starts_with("f-"));
        if let (Some(id), Some(time)) = (own, time) {
            self.behaviours.push((wish.member.clone(), id, time));
        }
        if let Some(active) = answer["balance"]["active"].as_i64() {
            self.told.insert(wish.member.clone(), active);
        }
        if let Some(order) = &wish.order {
            self.acknowledged.extend(self.orders.iter().find(|(_, known, ..)| known == order).cloned());
        }
    }
}

/// The entry that an answer says was written, `member.sequence`.
pub(crate) fn entry_of(wish: &Wish, answer: &Value) -> Option<String> {
    if wish.what.starts_with("release") {
        return None; // it names the hold, not the entry of its end
    }
    let named =
        ["redemption_id", "receipt_id", "reversal_id", "refund_id", "adjustment_id", "hold_id", "use_id", "floor_id"];
    let own = std::iter::once(&answer["entry"]["id"]).chain(named.iter().map(|name| &answer[*name]));
    own.filter_map(Value::as_str).next().map(str::to_owned)
}
