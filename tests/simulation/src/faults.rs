//! What can become of a call, besides being carried out and answered.

use serde_json::{Value, json};

use crate::database::MOST_LAG;
use crate::injected::{conflict, error};
use crate::mistakes;
use crate::network::{Answer, Call};
use crate::world::{About, World};

/// How long a hot account is throttled at most, in milliseconds.
const HOT: i64 = 3_000;

fn is_write(call: &Call) -> bool {
    matches!(
        call.operation.as_str(),
        "PutItem" | "UpdateItem" | "BatchWriteItem" | "TransactWriteItems" | "SendMessage" | "SendMessageBatch"
    )
}

impl World {
    /// Decides the fate of a call.
    pub(crate) fn decide(&mut self, mut call: Call, faulty: bool) {
        mistakes::ask(&call.operation, &mut call.body);
        let what = format!("#{} {}", call.invocation, named(&call.operation, &call.body));
        let short = call.operation == "Query" && self.rng.u32(0..3) == 0;
        let kind = if self.is_hot(&call) {
            Some("throttled key")
        } else if call.operation == "TransactWriteItems" && self.database.in_progress(self.millis(), &call.body) {
            Some("transaction in progress")
        } else if faulty && self.rng.u32(0..1000) < self.plan.faults_per_mille {
            Some(self.choose(&call))
        } else if short {
            Some("short page") // no fault: a page may always be shorter than what there is
        } else {
            None
        };
        let Some(kind) = kind else {
            let reply = self.carry_out_for(&call);
            self.say(&format!("{what} -> {}", reply.0));
            call.answer(reply.into());
            return;
        };
        if let Some(running) = self.running.get_mut(&call.invocation) {
            running.disturbed |= kind != "short page";
        }
        let answer = self.answer_to(kind, &call);
        self.fault(kind);
        self.say(&format!("{what} -> {kind}"));
        call.answer(answer);
    }

    fn choose(&mut self, call: &Call) -> &'static str {
        let write = is_write(call);
        let transaction = call.operation == "TransactWriteItems";
        match self.rng.u32(0..9) {
            0 if write => "answer lost",
            1 if write => "applied late",
            2 if transaction && self.rng.bool() => "transaction in progress",
            2 if write => "conflict",
            3 => "throttled",
            4 => "not carried out",
            5 | 6 if call.operation == "Query" && !call.body["IndexName"].is_null() => "index lag",
            5 | 6 if ["GetItem", "Query"].contains(&&*call.operation) && call.body["ConsistentRead"] != json!(true) => {
                "stale read"
            }
            5..=8 if call.operation == "BatchGetItem" => "unprocessed keys",
            7 if write && self.rng.u32(0..3) == 0 => "throttled key",
            8 if self.rng.u32(0..3) == 0 && self.may_panic(call.invocation) => "panic",
            _ => "server error",
        }
    }

    /// A panic is a fault only where the product promises to survive it: in one record of a batch.
    fn may_panic(&self, invocation: u64) -> bool {
        self.running.get(&invocation).is_some_and(|running| matches!(running.about, About::Batch(..)))
    }

    fn is_hot(&mut self, call: &Call) -> bool {
        let now = self.millis();
        if self.hot.as_ref().is_some_and(|(_, until)| *until <= now) {
            self.hot = None;
        }
        let own = key(&call.operation, &call.body);
        is_write(call) && self.hot.as_ref().is_some_and(|(hot, _)| *hot == own)
    }

    fn carried_out(&mut self, call: &Call, body: &Value) -> Answer {
        self.carry_out_with(call, body).into()
    }

    fn answer_to(&mut self, kind: &str, call: &Call) -> Answer {
        let now = self.millis();
        match kind {
            "answer lost" => {
                self.carry_out_for(call);
                Answer::Timeout
            }
            "applied late" => {
                if self.rng.bool() {
                    self.database.begin(now, &call.body);
                }
                self.late.push_back((call.operation.clone(), call.body.clone()));
                Answer::Timeout
            }
            "conflict" => conflict(&call.body, &mut self.rng).into(),
            "transaction in progress" => error(400, "TransactionInProgressException").into(),
            "throttled" => error(400, "ProvisionedThroughputExceededException").into(),
            "throttled key" => {
                let until = now + self.rng.i64(0..HOT);
                self.hot.get_or_insert((key(&call.operation, &call.body), until));
                error(400, "ThrottlingException").into()
            }
            "not carried out" => Answer::Timeout,
            "panic" => Answer::Panic,
            "stale read" if call.operation == "GetItem" => {
                let age = self.rng.usize(0..4);
                match self.database.stale(&call.body, age) {
                    Some(stale) => {
                        self.carry_out_for(call); // it was looked at, whatever was seen
                        stale.into()
                    }
                    None => self.carried_out(call, &call.body),
                }
            }
            "index lag" | "stale read" => {
                let as_of = now - self.rng.i64(0..MOST_LAG);
                match self.database.lagging(&call.body, as_of) {
                    Some(lagging) => lagging.into(),
                    None => self.carried_out(call, &call.body),
                }
            }
            "short page" => {
                let mut body = call.body.clone();
                body["Limit"] = json!(1);
                self.carried_out(call, &body)
            }
            "unprocessed keys" => self.unprocessed(call),
            _ => error(500, "InternalServerError").into(),
        }
    }

    /// Holds back keys of a batch, sometimes all of them.
    fn unprocessed(&mut self, call: &Call) -> Answer {
        let mut body = call.body.clone();
        let mut held = json!({});
        for (table, request) in body["RequestItems"].as_object_mut().into_iter().flatten() {
            let Some(keys) = request["Keys"].as_array_mut() else { continue };
            let rest = keys.split_off(self.rng.usize(0..=keys.len()));
            if !rest.is_empty() {
                held[table.as_str()] = json!({ "Keys": rest });
            }
        }
        if let Some(tables) = body["RequestItems"].as_object_mut() {
            tables.retain(|_, request| request["Keys"].as_array().is_some_and(|keys| !keys.is_empty()));
            if tables.is_empty() {
                return Answer::Response(200, json!({"Responses": {}, "UnprocessedKeys": held}).to_string());
            }
        }
        match self.carried_out(call, &body) {
            Answer::Response(200, text) => {
                let mut reply: Value = serde_json::from_str(&text).unwrap_or_default();
                reply["UnprocessedKeys"] = held;
                Answer::Response(200, reply.to_string())
            }
            other => other,
        }
    }

    /// A handler dies where it waits: its calls are gone, or have been carried out and nobody heard.
    pub(crate) fn crash(&mut self, invocation: u64, after: bool) {
        for call in self.network.forget(invocation) {
            if after {
                self.carry_out_for(&call);
            }
        }
        self.lose(invocation);
        self.fault(if after { "crash after a call" } else { "crash before a call" });
        self.say(&format!("#{invocation} crashes{}", if after { " after its call was carried out" } else { "" }));
    }
}

/// The item that a write is about, in a word.
fn key(operation: &str, body: &Value) -> String {
    let named = named(operation, body);
    named.split(' ').skip(1).take(2).collect::<Vec<_>>().join(" ")
}

/// A call in a few words.
pub(crate) fn named(operation: &str, body: &Value) -> String {
    let text = |value: &Value| {
        value
            .as_object()
            .and_then(|fields| fields.values().next())
            .map_or_else(String::new, |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let body = body["TransactItems"][0]["Put"].as_object().map_or_else(|| body.clone(), |put| json!(put));
    let key = if body["Key"].is_null() { &body["Item"] } else { &body["Key"] };
    let name = ["member", "id"].iter().map(|name| text(&key[*name])).find(|name| !name.is_empty()).unwrap_or_default();
    let version = text(&body["Item"]["v"]);
    let version = if version.is_empty() { version } else { format!(" v{version}") };
    format!("{operation} {} {name}{version}", body["TableName"].as_str().unwrap_or_default())
}
