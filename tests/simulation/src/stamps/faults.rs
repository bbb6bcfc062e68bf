//! What can become of a call, and mistakes made at the SDK's seam: a call is changed on its way as a wrong store would make it.

use fastrand::Rng;
use serde_json::{Value, json};

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It is carried out and answered.
    CarriedOut,
    /// It is carried out, and nobody hears.
    AnswerLost,
    /// Nobody hears, and it is carried out later.
    Late,
    /// It never arrives.
    Lost,
    /// Another transaction touches the same item.
    Conflict,
    /// The table is throttled.
    Throttled,
    /// DynamoDB has an error of its own.
    ServerError,
    /// A weak read or an index shows what was before.
    Stale,
    /// A page ends early.
    ShortPage,
    /// Keys of a batch are left for another time.
    Unprocessed,
    /// The function dies before the call is carried out.
    CrashBefore,
    /// The function dies right after it.
    CrashAfter,
}

impl Fate {
    /// What a call can meet wherever it is made.
    pub(super) const ENDINGS: [Self; 9] = [
        Self::AnswerLost,
        Self::Late,
        Self::Lost,
        Self::Conflict,
        Self::Throttled,
        Self::ServerError,
        Self::Stale,
        Self::CrashBefore,
        Self::CrashAfter,
    ];

    /// Any that an operation can meet.
    pub(super) fn any(rng: &mut Rng, operation: &str) -> Self {
        let all = [&Self::ENDINGS[..], &[Self::Stale, Self::ShortPage, Self::Unprocessed]].concat();
        let possible = |fate: &Self| match fate {
            Self::Stale => ["GetItem", "Query"].contains(&operation),
            Self::ShortPage => operation == "Query",
            Self::Unprocessed => operation == "BatchGetItem",
            Self::Late | Self::Conflict => ["PutItem", "TransactWriteItems"].contains(&operation),
            _ => true,
        };
        let possible: Vec<Self> = all.into_iter().filter(possible).collect();
        possible[rng.usize(0..possible.len())]
    }
}

/// A mistake that the store could make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mistake {
    /// An operation is not kept, so its repeat is done again.
    OperationForgotten,
    /// A refusal is confirmed by a weak read only.
    RefusalUnconfirmed,
    /// The put does not ask for the version that was read.
    PutUnversioned,
    /// A claim is put whether or not there is one.
    ClaimTakenOver,
    /// More is taken from a counter than it holds.
    CounterUnguarded,
    /// A row is not written.
    RowForgotten,
    /// News are not replaced, so an old version's are told again.
    NewsKept,
    /// The place among those due is too late.
    PlaceTooLate,
}

impl Mistake {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::OperationForgotten,
        Self::RefusalUnconfirmed,
        Self::PutUnversioned,
        Self::ClaimTakenOver,
        Self::CounterUnguarded,
        Self::RowForgotten,
        Self::NewsKept,
        Self::PlaceTooLate,
    ];

    /// Changes a call as the mistake would.
    pub(super) fn make(self, body: &mut Value, before: &Value) {
        if self == Self::RefusalUnconfirmed && body["ConsistentRead"] == json!(true) {
            body["ConsistentRead"] = json!(false);
        }
        let Some(parts) = body["TransactItems"].as_array_mut() else { return self.make_in(body, before) };
        let is_row = |part: &Value| part["Put"]["TableName"] == json!("card-log");
        parts.retain(|part| self != Self::RowForgotten || !is_row(part));
        for part in parts.iter_mut().filter_map(|part| part.as_object_mut()?.values_mut().next()) {
            self.make_in(part, before);
        }
    }

    fn make_in(self, write: &mut Value, before: &Value) {
        let table = write["TableName"].as_str().unwrap_or_default().to_owned();
        let unconditional = matches!(
            (self, table.as_str()),
            (Self::PutUnversioned, "cards")
                | (Self::ClaimTakenOver, "card-numbers")
                | (Self::CounterUnguarded, "gifts")
        );
        let Some(fields) = write.as_object_mut() else { return };
        if unconditional && fields.contains_key("ConditionExpression") && !fields.contains_key("KeyConditionExpression")
        {
            fields.remove("ConditionExpression");
            fields.remove("ExpressionAttributeNames");
            if table != "gifts" {
                fields.remove("ExpressionAttributeValues");
            }
        }
        let Some(item) = fields.get_mut("Item").and_then(Value::as_object_mut).filter(|_| table == "cards") else {
            return;
        };
        match self {
            Self::OperationForgotten => drop(item.remove("op")),
            Self::NewsKept if !item.contains_key("news") && !before["news"].is_null() => {
                item.insert("news".to_owned(), before["news"].clone());
            }
            Self::PlaceTooLate if item.contains_key("da") => {
                let at = item["da"]["N"].as_str().and_then(|at| at.split('.').next()?.parse::<i64>().ok());
                item.insert("da".to_owned(), json!({ "N": (at.unwrap_or_default() + 86_400).to_string() }));
            }
            _ => {}
        }
    }
}
