//! What files that flow in ask of DynamoDB.

use serde_json::{Value, json};

use super::{Ledger, queued};

/// A file of four new members, step by step, and once more.
pub(super) async fn imports(ledger: &mut Ledger) {
    let before = ledger.counted.len();
    let rows: String = (0..4).map(|n| format!("f-{n},1390013900{n},Ann\n")).collect();
    let file = json!({
        "kind": "members", "source": "crm", "content": format!("external_id,phone,name\n{rows}f-9,12345,Bob\n"),
    });
    let (create, start) = (("import", "POST /v1/imports"), ("import", "POST /v1/imports/{import_id}/start"));
    let created = ledger.ask(create, &[], file, Some("import: a file is to come")).await;
    let import = created["import"].as_str().unwrap().to_owned();
    let of = [("import_id", import.as_str())];
    ledger.ask(start, &of, Value::Null, Some("import: start")).await;
    let step = queued(&[json!({"import": import}).to_string()]);
    ledger.invoke("import", step.clone(), Some("import: a file is cut")).await;
    ledger.invoke("import", step, Some("import: a part, four new members")).await;
    let get = ("import", "GET /v1/imports/{import_id}");
    let done = ledger.ask(get, &of, Value::Null, Some("view: an import")).await;
    assert_eq!((&done["state"], &done["result"]["accepted"]), (&json!("done"), &json!(4)), "{done}");
    let errors = ("import", "GET /v1/imports/{import_id}/errors");
    ledger.ask(errors, &of, Value::Null, Some("view: what is wrong with its rows")).await;

    let again = json!({"kind": "members", "source": "crm", "content": format!("external_id,phone,name\n{rows}")});
    let again = ledger.ask(create, &[], again, None).await["import"].as_str().unwrap().to_owned();
    let of = [("import_id", again.as_str())];
    ledger.ask(start, &of, Value::Null, None).await;
    let step = queued(&[json!({"import": again}).to_string()]);
    ledger.invoke("import", step.clone(), None).await;
    ledger.invoke("import", step, Some("import: a part, four who are there")).await;

    let dry = json!({"kind": "members", "source": "crm", "dry_run": true});
    let other = ledger.ask(create, &[], dry, None).await["import"].as_str().unwrap().to_owned();
    let of = [("import_id", other.as_str())];
    ledger.ask(("import", "POST /v1/imports/{import_id}/cancel"), &of, Value::Null, Some("import: cancel")).await;
    takes_back(ledger, &import).await;
    exports(ledger).await;
    sweeps(ledger).await;
    let counted = ledger.counted.split_off(before);
    insta::assert_snapshot!(counted, @r"
    import: a file is to come                       2.0 read  1.0 written: 1 BatchGetItem, 1 GetItem, 1 PutItem
    import: start                                   2.0 read  2.0 written: 2 BatchGetItem, 2 PutItem, 1 to a queue
    import: a file is cut                           1.0 read  1.0 written: 1 BatchGetItem, 1 PutItem, 1 to a queue
    import: a part, four new members               12.0 read 46.0 written: 5 BatchGetItem, 3 GetItem, 2 PutItem, 4 TransactWriteItems
    view: an import                                 1.0 read  0.0 written: 1 BatchGetItem
    view: what is wrong with its rows               1.0 read  0.0 written: 1 BatchGetItem
    import: a part, four who are there             17.0 read  2.0 written: 13 BatchGetItem, 2 PutItem
    import: cancel                                  1.0 read  1.0 written: 1 BatchGetItem, 1 PutItem
    import: undo                                    1.0 read  1.0 written: 1 BatchGetItem, 1 PutItem, 1 to a queue
    import: a part to undo, four members           34.0 read  1.0 written: 22 BatchGetItem, 4 GetItem, 1 PutItem, 8 Query
    import: a part undone, four erased             49.0 read 65.0 written: 29 BatchGetItem, 8 GetItem, 1 PutItem, 8 Query, 8 TransactWriteItems
    export: ask                                     0.0 read  1.0 written: 1 PutItem, 1 to a queue
    export: conflicts                               1.5 read  1.0 written: 1 BatchGetItem, 1 PutItem, 1 Query
    view: an export                                 1.0 read  0.0 written: 1 BatchGetItem
    sweep: some members                            54.0 read  0.0 written: 22 BatchGetItem, 64 Query
    ");
}

/// The first of them is undone: the four whom it had enrolled are erased.
async fn takes_back(ledger: &mut Ledger, import: &str) {
    let (undo, of) = (("import", "POST /v1/imports/{import_id}/undo"), [("import_id", import)]);
    let step = queued(&[json!({"import": import}).to_string()]);
    ledger.ask(undo, &of, json!({"dry_run": true}), Some("import: undo")).await;
    ledger.invoke("import", step.clone(), Some("import: a part to undo, four members")).await;
    ledger.ask(undo, &of, json!({"dry_run": false}), None).await;
    ledger.invoke("import", step, Some("import: a part undone, four erased")).await;
    let done = ledger.ask(("import", "GET /v1/imports/{import_id}"), &of, Value::Null, None).await;
    assert_eq!((&done["undo"]["state"], &done["undo"]["erased"]), (&json!("undone"), &json!(4)), "{done}");
}

/// Open conflicts as a file.
async fn exports(ledger: &mut Ledger) {
    let (create, get) = (("import", "POST /v1/exports"), ("import", "GET /v1/exports/{export_id}"));
    let created = ledger.ask(create, &[], json!({"kind": "conflicts"}), Some("export: ask")).await;
    let export = created["export"].as_str().unwrap().to_owned();
    let step = queued(&[json!({"export": export}).to_string()]);
    ledger.invoke("import", step, Some("export: conflicts")).await;
    let done = ledger.ask(get, &[("export_id", &export)], Value::Null, Some("view: an export")).await;
    assert_eq!(done["state"], "done", "{done}");
}

/// Members whose identifiers are to be cleaned, of the few that are left.
async fn sweeps(ledger: &mut Ledger) {
    let swept = ledger.ask(("import", "POST /v1/quality/sweep"), &[], json!({}), Some("sweep: some members")).await;
    assert_eq!(swept["members"], json!([]), "{swept}");
}
