use serde_json::json;

use super::*;
use crate::dynamodb::call;

const FAR: i64 = 4_000_000_000_000_000; // the year 2096, in microseconds

fn reader(function: &str) -> StreamSource {
    StreamSource {
        table: "notes".to_owned(),
        function: function.to_owned(),
        batch_size: 10,
        maximum_retries: 1,
        bisect: false,
        on_failure: None,
    }
}

/// A table with a stream, in memory, as the platform has it.
fn streams(path: &str, readers: &[StreamSource]) -> Streams {
    let streams = Streams::open(path, readers).unwrap();
    let definition = json!({
        "TableName": "notes",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" },
    });
    crate::dynamodb::create(&streams.database, &definition).unwrap();
    streams
}

fn write(streams: &Streams, count: usize) {
    for number in 0..count {
        let put = json!({ "TableName": "notes", "Item": { "id": { "S": "n" }, "text": { "N": number.to_string() } } });
        call(&streams.database, "PutItem", put).unwrap();
    }
}

/// The numbers that are kept, the least first.
fn kept(streams: &Streams) -> Vec<i64> {
    let upkeep = streams.upkeep();
    let sql = "SELECT CAST(sequence_number AS INTEGER) FROM _stream_records ORDER BY 1";
    let mut kept = upkeep.connection.conn().prepare(sql).unwrap();
    kept.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn public(stored: i64) -> String {
    format!("1{stored:020}")
}

#[test]
fn each_question_of_the_embedded_database_has_its_index() {
    let streams = streams(&crate::dynamodb::in_memory(), &[]);
    let upkeep = streams.upkeep();
    // Its own words (dynoxide 3.2.0, storage.rs).
    for (question, index) in [
        (
            "SELECT event_name, keys_json, new_image, old_image, sequence_number, created_at, user_identity, event_id
             FROM _stream_records
             WHERE table_name = ?1 AND shard_id = ?2 AND CAST(sequence_number AS INTEGER) > ?3
             ORDER BY CAST(sequence_number AS INTEGER) ASC
             LIMIT ?4",
            "_stream_records_by_shard (table_name=? AND shard_id=? AND <expr>>?)",
        ),
        (
            "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = ?1",
            "_stream_records_by_table (table_name=?)",
        ),
        (TRIM, "_stream_records_by_table (table_name=? AND <expr>"),
    ] {
        let mut plan = upkeep.connection.conn().prepare(&format!("EXPLAIN QUERY PLAN {question}")).unwrap();
        let mut steps = plan.raw_query();
        let mut found = String::new();
        while let Some(step) = steps.next().unwrap() {
            found += &(step.get::<_, String>(3).unwrap() + "\n");
        }
        assert!(found.contains(index) && !found.contains("TEMP B-TREE"), "{question}: {found}");
    }
}

#[test]
fn what_every_reader_has_handled_is_deleted() {
    let both = [reader("one"), reader("other")];
    let streams = streams(&crate::dynamodb::in_memory(), &both);
    write(&streams, 1_500);
    let all = kept(&streams);
    // The other has no place: it may have handled nothing.
    streams.advance(&both[0], &public(all[1_499]), 1_500).unwrap();
    assert_eq!(kept(&streams), all);
    streams.advance(&both[1], &public(all[99]), 100).unwrap();
    assert_eq!(kept(&streams), all[100..]);
    streams.advance(&both[1], &public(all[1_098]), 999).unwrap();
    assert_eq!(kept(&streams), all[100..], "a deletion for each record would cost more than it saves");
    streams.advance(&both[1], &public(all[1_499]), 401).unwrap();
    assert_eq!(kept(&streams), all[1_499..]);
}

#[test]
fn a_clock_that_was_ahead_hides_no_event() {
    let only = [reader("one")];
    let streams = streams(&crate::dynamodb::in_memory(), &only);
    write(&streams, 2);
    let ahead = "UPDATE _stream_records SET sequence_number = ?1 + id";
    streams.upkeep().connection.conn().execute(ahead, (FAR,)).unwrap();
    let newest = *kept(&streams).last().unwrap();
    streams.advance(&only[0], &public(newest), 2).unwrap();
    assert_eq!(kept(&streams), [newest]);
    // The clock is right again.
    write(&streams, 1);
    assert_eq!(kept(&streams), [newest, newest + 1], "after the reader's place");
}

#[test]
fn a_folder_from_before_gets_its_indexes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("dynamodb.sqlite");
    let file = file.to_str().unwrap();
    write(&streams(file, &[]), 3);
    let before = Storage::new(file).unwrap();
    before.conn().execute_batch("DROP INDEX _stream_records_by_shard; DROP INDEX _stream_records_by_table").unwrap();
    let only = [reader("one")];
    let streams = Streams::open(file, &only).unwrap();
    let indexes = "SELECT COUNT(*) FROM sqlite_master WHERE name LIKE '_stream_records_by_%'";
    assert_eq!(before.conn().query_row(indexes, (), |row| row.get::<_, i64>(0)).unwrap(), 2);
    let all = kept(&streams);
    streams.advance(&only[0], &public(all[2]), 0).unwrap();
    assert_eq!(kept(&streams), all[2..], "what earlier runs have left goes at once");
}

#[test]
fn readers_are_told_of_writes_and_of_nothing_else() {
    let streams = streams(&crate::dynamodb::in_memory(), &[]);
    streams.answered();
    let mut writes = streams.writes();
    writes.borrow_and_update();
    let get = json!({ "TableName": "notes", "Key": { "id": { "S": "n" } } });
    for (count, told) in [(0, false), (1, true), (0, false), (2, true)] {
        call(&streams.database, "GetItem", get.clone()).unwrap();
        write(&streams, count);
        streams.answered();
        assert_eq!(writes.has_changed().unwrap(), told);
        writes.borrow_and_update();
    }
}
