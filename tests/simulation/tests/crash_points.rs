//! Every call of every story, ended badly in every way: `STORIES=merge` tells those alone that are about merging.

use simulation::Tier;
use simulation::crash_points::{crash_points, untold};

#[test]
fn every_crash_point_of_every_handler_is_survived() {
    assert_eq!(untold(), Vec::<String>::new(), "routes, queues and schedules without a story");
    let only = std::env::var_os("STORIES").unwrap_or_default().to_string_lossy().into_owned();
    let stories = crash_points(Tier::Memory, &only).unwrap();
    for story in &stories {
        println!("{:<8} {:<58} {:>4} / {}", story.function, story.about, story.covered, story.total());
    }
    let wrong = stories.iter().filter(|story| !story.violations.is_empty());
    let wrong: Vec<_> = wrong.map(|story| (story.function, story.about, &story.violations)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let sum = |count: fn(&simulation::crash_points::Covered) -> usize| stories.iter().map(count).sum::<usize>();
    let (covered, total) = (sum(|story| story.covered), sum(|story| story.total()));
    println!("{covered} / {total} crash points");
    assert_eq!(covered, total);
}
