//! The running platform is killed a few times; `cargo run -p simulation -- twin` does it more often.

use std::path::Path;

use simulation::twin::run_program;

#[test]
fn a_platform_that_is_killed_keeps_every_promise_and_makes_no_other() {
    // This seed kills twice under load, then once while the platform starts.
    let report = run_program(Path::new(env!("CARGO_BIN_EXE_simulation")), 3, 7).unwrap();
    assert_eq!(report.violations, [""; 0], "{report}");
    assert!(report.acknowledged > 50 && report.messages > 5, "{report}");
    println!("{report}");
}
