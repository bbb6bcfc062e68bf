//! Where the cards live: their tables, and a programme.

use std::sync::OnceLock;

use domain::programme::compiled::{Programme, Programmes};
use sam::template::{Stack, Table};
use serde_json::{Value, json};

/// The programme: it dates events and decides nothing here.
pub(super) fn programmes() -> &'static Programmes {
    static PROGRAMMES: OnceLock<Programmes> = OnceLock::new();
    PROGRAMMES.get_or_init(|| {
        Programmes::only(Programme::compile(1, crate::contexts::programme().clone()).expect("the programme is right"))
    })
}

/// The tables that the cards are kept in.
pub(super) fn stack() -> Stack {
    let table = |name: &str, keys: &[&str], due: bool| {
        let kinds = ["HASH", "RANGE"];
        let schema = |keys: &[&str]| -> Vec<Value> {
            keys.iter().zip(kinds).map(|(key, kind)| json!({ "AttributeName": key, "KeyType": kind })).collect()
        };
        let attribute = |(key, kind): (&str, &str)| json!({ "AttributeName": key, "AttributeType": kind });
        let mut attributes: Vec<Value> = keys.iter().map(|key| attribute((key, "S"))).collect();
        let mut definition = json!({"TableName": name, "KeySchema": schema(keys), "BillingMode": "PAY_PER_REQUEST"});
        if due {
            attributes.extend([("ds", "N"), ("da", "N")].map(attribute));
            definition["GlobalSecondaryIndexes"] = json!([{
                "IndexName": "due", "KeySchema": schema(&["ds", "da"]), "Projection": { "ProjectionType": "KEYS_ONLY" },
            }]);
        }
        definition["AttributeDefinitions"] = json!(attributes);
        Table { name: name.to_owned(), definition }
    };
    Stack {
        tables: vec![
            table("cards", &["member"], true),
            table("card-log", &["member", "seq"], false),
            table("card-numbers", &["claim"], false),
            table("gifts", &["id"], false),
        ],
        ..Stack::default()
    }
}
