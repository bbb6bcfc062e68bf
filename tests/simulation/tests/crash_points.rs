//! Every call of every story, ended badly in every way.

use simulation::Tier;
use simulation::crash_points::{crash_points, untold};

/// What no story is told of yet.
const UNTOLD: &str = include_str!("untold.txt");

#[test]
fn every_crash_point_of_every_handler_is_survived() {
    let owed: Vec<&str> = UNTOLD.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(untold(), owed, "routes, queues and schedules without a story");
    let stories = crash_points(Tier::Memory).unwrap();
    for story in &stories {
        println!("{:<8} {:<58} {:>4} / {}", story.function, story.about, story.covered, story.total());
        assert!(story.violations.is_empty(), "{} {}: {:#?}", story.function, story.about, story.violations);
    }
    let sum = |count: fn(&simulation::crash_points::Covered) -> usize| stories.iter().map(count).sum::<usize>();
    let (covered, total) = (sum(|story| story.covered), sum(|story| story.total()));
    println!("{covered} / {total} crash points");
    assert_eq!(covered, total);
}
