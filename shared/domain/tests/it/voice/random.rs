//! Whatever is asked for in whatever order: nobody is contacted too soon.

use jiff::SignedDuration;
use proptest::prelude::*;

use super::stage::{Member, at, programme};

const SURVEYS: [&str; 3] = ["nps-quarterly", "post-purchase", "csat-ticket"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    // rule: voice 6, 7
    #[test]
    fn nobody_is_contacted_too_soon(steps in prop::collection::vec((0_i64..40 * 24, 0..SURVEYS.len(), prop::bool::weighted(0.2)), 1..80)) {
        let mut asked = Member::new(programme());
        let zone = asked.programme.zone().clone();
        let mut now = at("2026-01-01T00:00:00Z");
        // Those that were received: when, and which survey.
        let mut received: Vec<(i32, &str)> = Vec::new();
        for (number, (hours, survey, lost)) in steps.into_iter().enumerate() {
            now = now.checked_add(SignedDuration::from_hours(hours)).unwrap();
            let (name, cause) = (SURVEYS[survey], format!("c{number}"));
            if asked.invite(&now.to_string(), name, &cause) != "invited" {
                continue;
            }
            let today = domain::kernel::time::day_number(zone.date(now));
            if lost {
                asked.give_back(name, &cause);
                continue;
            }
            let survey = asked.programme.survey(name).unwrap();
            for (then, other) in &received {
                let counts = !survey.is_exempt() && *other != "csat-ticket";
                prop_assert!(*other != name || today - then >= survey.recontact_days);
                prop_assert!(!counts || today - then >= survey.cooldown_days);
            }
            received.push((today, name));
        }
        prop_assert!(asked.contacts.invited.values().all(|own| own.len() <= 2), "what is kept is bounded");
    }
}
