//! What is asked beside the ledger, context by context.

use serde_json::{Value, json};

use crate::{Ledger, care, desk, imports, members, signals, voice};

/// All of them.
pub(crate) async fn all(ledger: &mut Ledger) {
    members::all(ledger).await;
    signals(ledger).await;
    imports::imports(ledger).await;
    care::all(ledger).await;
    voice::all(ledger).await;
    desk::all(ledger).await;
    of_orders(ledger).await;
}

/// Holds that are ended by the order that they are for.
async fn of_orders(ledger: &mut Ledger) {
    let before = ledger.counted.len();
    for step in ["capture", "release"] {
        let order = format!("by-order-{step}");
        let hold = json!({"member": "m-1", "order_id": order, "order_net_minor": 100_000, "points": 100});
        ledger.ask(("redeem", "POST /v1/holds"), &[], hold, Some(&format!("hold, to {step} by the order"))).await;
        let route = format!("POST /v1/orders/{{order_id}}/hold/{step}");
        let what = format!("{step}, by the order");
        ledger.ask(("redeem", &route), &[("order_id", &order)], Value::Null, Some(&what)).await;
    }
    let counted = ledger.counted.split_off(before);
    insta::assert_snapshot!(counted, @r"
    hold, to capture by the order                   3.0 read  4.0 written: 3 GetItem, 1 Query, 1 TransactWriteItems
    capture, by the order                           2.0 read  4.0 written: 2 GetItem, 1 Query, 1 TransactWriteItems
    hold, to release by the order                   2.0 read  5.0 written: 2 GetItem, 1 PutItem, 1 Query, 1 TransactWriteItems
    release, by the order                           2.0 read  4.0 written: 2 GetItem, 1 Query, 1 TransactWriteItems
    ");
}
