//! The embedded DynamoDB: a SQLite file, or memory, behind DynamoDB's own protocol.

mod relay;
mod streams;

use std::{path::Path, sync::Arc};

use anyhow::{Context as _, ensure};
use dynoxide::{
    Database, DynoxideError,
    actions::{create_table::CreateTableRequest, describe_table::DescribeTableRequest},
};
use sam::template::{StreamSource, Table};
use serde_json::Value;
use tokio::net::TcpListener;

pub(crate) use streams::Streams;

use crate::server::Server;

/// Opens the database at `file`, or one in memory, creates the tables it lacks, and serves it on `listener`. Nothing is
/// forgotten that one of `readers` has not handled.
pub(crate) fn start(
    listener: TcpListener,
    file: Option<&Path>,
    tables: &[Table],
    readers: &[StreamSource],
) -> anyhow::Result<(Server, Arc<Streams>)> {
    let path = match file {
        Some(file) => {
            lay_out(file, tables)?;
            text(file)?.to_owned()
        }
        None => in_memory(),
    };
    let streams = Streams::open(&path, readers).with_context(|| format!("the database {path} cannot be opened"))?;
    if file.is_some() {
        streams.whole().with_context(|| damaged(&path))?;
    }
    for table in tables {
        prepare(&streams.database, table).with_context(|| format!("table {}", table.name))?;
    }
    let streams = Arc::new(streams);
    let served = Arc::clone(&streams);
    let server = Server::start(async |stopped| {
        if let Err(error) = relay::serve(listener, served, stopped).await {
            tracing::error!("{error:#}");
        }
    });
    Ok((server, streams))
}

/// The name of a database in memory that several connections of this process can open, unlike `:memory:`. It ends with
/// the last of them.
fn in_memory() -> String {
    format!("file:/perennial-{:016x}?vfs=memdb", fastrand::u64(..))
}

/// Carries out a call of DynamoDB's API in process.
///
/// # Errors
/// What DynamoDB would answer instead.
pub fn call(database: &Database, operation: &str, request: Value) -> Result<Value, DynoxideError> {
    macro_rules! call {
        ($method:ident) => {{
            let request = serde_json::from_value(request)
                .map_err(|error| DynoxideError::ValidationException(error.to_string()))?;
            let response = database.$method(request)?;
            serde_json::to_value(response).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
        }};
    }
    match operation {
        "GetItem" => call!(get_item),
        "PutItem" => call!(put_item),
        "UpdateItem" => call!(update_item),
        "Query" => call!(query),
        "Scan" => call!(scan),
        "BatchGetItem" => call!(batch_get_item),
        "BatchWriteItem" => call!(batch_write_item),
        "TransactWriteItems" => call!(transact_write_items),
        other => Err(DynoxideError::ValidationException(format!("nothing here calls {other}"))),
    }
}

fn open(file: &Path) -> anyhow::Result<Database> {
    let path = text(file)?;
    Database::new(path).map_err(anyhow::Error::from).with_context(|| damaged(path))
}

/// What to do about a database that cannot be read.
fn damaged(path: &str) -> String {
    format!("the database {path} is damaged: restore it (`restore BACKUP`), or move the folder away to begin anew")
}

fn text(file: &Path) -> anyhow::Result<&str> {
    file.to_str().with_context(|| format!("{} is not valid UTF-8", file.display()))
}

/// Creates the tables that a file lacks, all or none: the embedded database makes a table in several steps, and a kill
/// between two of them would leave one that is never whole. So they are made in a copy, which takes the file's place.
fn lay_out(file: &Path, tables: &[Table]) -> anyhow::Result<()> {
    if file.exists() {
        let database = open(file)?;
        let there = tables.iter().map(|table| shape(&database, &table.name)).collect::<anyhow::Result<Vec<_>>>()?;
        if there.iter().all(Option::is_some) {
            return Ok(());
        }
    }
    let copy = file.with_extension("new");
    for leftover in ["new", "new-wal", "new-shm"] {
        match std::fs::remove_file(file.with_extension(leftover)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    if file.exists() {
        std::fs::copy(file, &copy)?; // closed above, so everything is in the file itself
    }
    let database = open(&copy)?;
    for table in tables {
        prepare(&database, table).with_context(|| format!("table {}", table.name))?;
    }
    drop(database);
    let log = file.with_extension("new-wal");
    ensure!(!log.exists(), "{} is still there: the database was not closed", log.display());
    std::fs::rename(&copy, file)?;
    Ok(())
}

/// Creates the table if it is missing. A table that is there must be the template's: changing one in place is the
/// developer's decision, because there is data in it.
fn prepare(database: &Database, table: &Table) -> anyhow::Result<()> {
    let Some(found) = shape(database, &table.name)? else {
        return create(database, &table.definition);
    };
    let wanted = Database::memory()?;
    create(&wanted, &table.definition)?;
    ensure!(
        Some(found) == shape(&wanted, &table.name)?,
        "the local database holds it with other keys, indexes or streams than the template: remove the data directory, \
         or run the version that created it"
    );
    Ok(())
}

fn create(database: &Database, definition: &Value) -> anyhow::Result<()> {
    let request: CreateTableRequest = serde_json::from_value(definition.clone())?;
    database.create_table(request)?;
    Ok(())
}

/// What cannot change under the data of a table, or `None` if there is no such table.
fn shape(database: &Database, table: &str) -> anyhow::Result<Option<Value>> {
    let description = match database.describe_table(DescribeTableRequest { table_name: table.to_owned() }) {
        Ok(response) => serde_json::to_value(response)?["Table"].take(),
        Err(DynoxideError::ResourceNotFoundException(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let indexes = |kind: &str| -> Vec<Value> {
        let list = description[kind].as_array().into_iter().flatten();
        list.map(|index| serde_json::json!([index["IndexName"], index["KeySchema"], index["Projection"]])).collect()
    };
    Ok(Some(serde_json::json!({
        "keys": description["KeySchema"],
        "attributes": description["AttributeDefinitions"],
        "global": indexes("GlobalSecondaryIndexes"),
        "local": indexes("LocalSecondaryIndexes"),
        "stream": description["StreamSpecification"],
    })))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use sam::machine::{config, url};
    use serde_json::json;

    use super::*;
    use crate::server::listen;

    fn table(attribute: &str) -> Table {
        let definition = json!({
            "TableName": "accounts",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                { "AttributeName": "member", "AttributeType": "S" },
                { "AttributeName": attribute, "AttributeType": "S" },
            ],
            "KeySchema": [{ "AttributeName": "member", "KeyType": "HASH" }],
            "GlobalSecondaryIndexes": [{
                "IndexName": attribute,
                "KeySchema": [{ "AttributeName": attribute, "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "KEYS_ONLY" },
            }],
        });
        Table { name: "accounts".to_owned(), definition }
    }

    #[tokio::test]
    async fn what_was_written_is_there_after_a_kill() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("dynamodb.sqlite");
        for expected in [None, Some("1")] {
            let (listener, port) = listen(0).await.unwrap();
            let (server, _) = start(listener, Some(&file), &[table("due")], &[]).unwrap();
            let config = config([&url(port), "", "", "", ""]);
            let client = aws_sdk_dynamodb::Client::new(&config);
            let key = || AttributeValue::S("m-1".to_owned());
            let found = client.get_item().table_name("accounts").key("member", key()).send().await.unwrap();
            let active = found.item().and_then(|item| item["active"].as_n().ok()).map(String::as_str);
            assert_eq!(active, expected);
            let put = client.put_item().table_name("accounts").item("member", key());
            put.item("active", AttributeValue::N("1".to_owned())).send().await.unwrap();
            drop(server);
        }
    }

    #[tokio::test]
    async fn a_start_that_was_killed_halfway_is_made_good() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("dynamodb.sqlite");
        let names = || -> Vec<String> {
            let found = std::fs::read_dir(directory.path()).unwrap();
            found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
        };
        // What a kill leaves behind: a copy that is half made, and no file.
        create(&open(&file.with_extension("new")).unwrap(), &table("half").definition).unwrap();
        lay_out(&file, &[table("due")]).unwrap();
        assert_eq!(names(), ["dynamodb.sqlite"]);
        // A template with one table more keeps what is there.
        let put = json!({"TableName": "accounts", "Item": {"member": {"S": "m-1"}}});
        open(&file).unwrap().put_item(serde_json::from_value(put).unwrap()).unwrap();
        let mut more = table("due");
        more.name = "more".to_owned();
        more.definition["TableName"] = json!("more");
        lay_out(&file, &[table("due"), more]).unwrap();
        let scan = json!({"TableName": "accounts"});
        let found = open(&file).unwrap().scan(serde_json::from_value(scan).unwrap()).unwrap();
        assert_eq!(serde_json::to_value(found).unwrap()["Count"], 1);
        assert_eq!(names(), ["dynamodb.sqlite"]);
    }

    #[tokio::test]
    async fn a_damaged_database_is_refused_with_the_way_out() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("dynamodb.sqlite");
        let begin = async || {
            let (listener, _) = listen(0).await.unwrap();
            start(listener, Some(&file), &[table("due")], &[])
        };
        begin().await.unwrap().0.stop().await;
        let whole = std::fs::read(&file).unwrap();
        let mut holed = whole.clone();
        for byte in holed.iter_mut().skip(4096) {
            *byte = 0xa5;
        }
        for damaged in [b"nonsense".to_vec(), whole[..whole.len() / 2].to_vec(), holed] {
            std::fs::write(&file, &damaged).unwrap();
            let error = format!("{:#}", begin().await.err().unwrap());
            assert!(error.contains("is damaged: restore it"), "{error}");
            for beside in ["dynamodb.sqlite-wal", "dynamodb.sqlite-shm"] {
                std::fs::remove_file(directory.path().join(beside)).ok();
            }
        }
        std::fs::write(&file, &whole).unwrap();
        begin().await.unwrap().0.stop().await;
    }

    #[tokio::test]
    async fn a_table_of_another_shape_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("dynamodb.sqlite");
        let (listener, _) = listen(0).await.unwrap();
        start(listener, Some(&file), &[table("due")], &[]).unwrap().0.stop().await;
        let (listener, _) = listen(0).await.unwrap();
        let error = format!("{:#}", start(listener, Some(&file), &[table("other")], &[]).err().unwrap());
        assert!(error.contains("table accounts: the local database holds it with other keys"), "{error}");
    }
}
