//! A sweep costs what is due, whatever the number of members. `cargo run -p simulation --release -- sweeps` counts among 100,000.

use simulation::contexts::ledger::sweeps::calls;

#[test]
fn a_sweep_makes_as_many_calls_among_ten_thousand_accounts_as_among_a_thousand() {
    let due = 200;
    let among_few = calls(1_000, due).expect("a sweep");
    let among_many = calls(10_000, due).expect("a sweep");
    println!("{among_few} calls among 1,000 accounts, {among_many} among 10,000; {due} are due");
    assert_eq!(among_few, among_many);
    // The list of programme versions, a query per shard, a read and a write per account that is due, and a query for refunds that wait.
    assert_eq!(among_few, 1 + 64 + 2 * due + 1);
}
