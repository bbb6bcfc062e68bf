//! The transactional design: every entry a row of its own, written with the balance in one transaction. The rules, the
//! encodings and the SDK are ours; what differs is where the entry goes.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::kernel::id::MemberId;
use domain::ledger::command::Instruction;
use domain::ledger::known::Known;
use domain::ledger::reach::Recorded;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use earn::wire::ActivityEvent;
use lambda::{
    Access, BootError, Clock, Failure, Function, Key, Method, Reply, Request, Route, Scope, Settings, Shape, Whose,
    call,
};
use serde_json::json;
use store::{Page, Record, Store, StoreError, decode_record, encode_page, encode_record};

/// How often a lost race is run again.
const ATTEMPTS: usize = 5;

struct Ledger {
    dynamodb: Client,
    programmes: Programmes,
    clock: Clock,
    accounts: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let boot = async || {
        let settings = Settings::from_env()?;
        let dynamodb = Client::new(&lambda::aws_config(&settings));
        let accounts = settings.tables.accounts.clone();
        let store = Store::new(dynamodb.clone(), settings.tables);
        let programmes = store.programmes(&Programmes::default()).await.map_err(BootError::Store)?;
        Ok(Ledger { dynamodb, programmes, clock: Clock::system(), accounts })
    };
    lambda::serve(boot, &FUNCTION).await
}

const FUNCTION: Function<Ledger> = Function {
    name: "transactional",
    routes: &[Route {
        method: Method::Post,
        path: "/v1/activities",
        id: "reportActivity",
        says: "Report an activity.",
        access: Access::Of(Scope::ActivitiesWrite, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<ActivityEvent>(&[]),
        refuses: &[],
        call: call!(post),
    }],
    queues: &[],
    streams: &[],
    schedules: &[],
};

async fn post(ledger: &Ledger, request: &Request) -> Result<Reply, Failure> {
    let event: ActivityEvent = request.body()?;
    let (member, instruction) = event.to_instruction(None)?;
    for _ in 0..ATTEMPTS {
        if let Some(balance) = ledger.write(&member, &instruction).await? {
            return Ok(Reply::ok(&json!({"member": member, "balance": balance})));
        }
    }
    Err(StoreError::Busy.into())
}

impl Ledger {
    /// The balance after the entry is written; `None` if somebody else wrote meanwhile.
    async fn write(&self, member: &MemberId, instruction: &Instruction) -> Result<Option<i64>, Failure> {
        let key = AttributeValue::S(member.to_string());
        let read = self.dynamodb.get_item().table_name(&self.accounts).key("member", key);
        let found = read.send().await.map_err(StoreError::from)?.item;
        let known = found.map(|item| decode_record(&item)).transpose()?;
        let record = known.unwrap_or_else(|| Record::new(member.clone()));
        let setting = Setting { programmes: &self.programmes, now: self.clock.now() };
        let change = instruction.decide(&record.account, &[], &Known::default(), setting)?;
        let balance = change.entry.balance.0;
        let sealed = Some(Recorded { sequence: change.entry.sequence, at: change.entry.recorded_at });
        let page = Page { head: record.account.head, previous_at: None, entries: vec![change.entry] };
        let mut next = Record { account: change.account, version: record.version + 1, sealed, ..record.clone() };
        next.due = next.account.due(setting);
        // The row's key is what makes a repeat known: the operation.
        let mut row = encode_page(member, &page);
        row.remove("first");
        row.insert("operation".to_owned(), AttributeValue::S(instruction.stamp.operation.to_string()));
        let row = Put::builder()
            .table_name("peer-entries")
            .set_item(Some(row))
            .condition_expression("attribute_not_exists(h)");
        let account = Put::builder().table_name(&self.accounts).set_item(Some(encode_record(&next)));
        let account = if record.version == 0 {
            account.condition_expression("attribute_not_exists(q)")
        } else {
            let version = AttributeValue::N(record.version.to_string());
            account.condition_expression("v = :v").expression_attribute_values(":v", version)
        };
        let mut transaction = self.dynamodb.transact_write_items();
        for put in [row, account] {
            let put = put.build().map_err(StoreError::from)?;
            transaction = transaction.transact_items(TransactWriteItem::builder().put(put).build());
        }
        match transaction.send().await {
            Ok(_) => Ok(Some(balance)),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_transaction_canceled_exception()) => {
                Ok(None)
            }
            Err(error) => Err(StoreError::from(error).into()),
        }
    }
}
