//! Single rules of journeys, where whole stories say too little.

use domain::care::{Back, Care, Person, Report};
use domain::kernel::id::MemberId;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::stage::{Stage, anybody, is_held_out};
use super::stories::usual;

const START: &str = "2026-05-01T03:00:00Z";

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// A stage with these journeys and the member `m`.
fn stage(journeys: &[Value]) -> Stage {
    let mut stage = Stage::new("Asia/Shanghai", &usual(), journeys, at(START));
    stage.join("m", anybody());
    stage
}

fn tell(stage: &mut Stage, when: &str, name: &str, data: Value) {
    stage.until(at(when));
    stage.tell("m", name, at(when), data);
}

/// What became of each step: `s claimed`, `t skipped late`.
#[track_caller]
fn came(stage: &Stage, expected: &[&str]) {
    let words = |step: &Value| {
        let reason = step.get("reason").map_or_else(String::new, |reason| format!(" {}", reason.as_str().unwrap()));
        format!("{} {}{reason}", step["step"].as_str().unwrap(), step["outcome"].as_str().unwrap())
    };
    assert_eq!(stage.steps.iter().map(words).collect::<Vec<_>>(), expected);
}

#[track_caller]
fn ignored(stage: &Stage, expected: &[(&str, u64)]) {
    let found: Vec<(&str, u64)> = stage.ignored.iter().map(|(why, n)| (why.as_str(), *n)).collect();
    assert_eq!(found, expected);
}

fn mail(id: &str, purpose: &str, at: &str) -> Value {
    json!({"id": id, "enter": id, "purpose": purpose, "key": ["n"], "steps": [{"id": "s", "at": at, "do": "email"}]})
}

// rule: care 3
#[test]
fn a_moved_anchor_does_what_the_journey_says() {
    for (moved, second, steps, counted) in [
        ("keep", "2026-06-20", vec!["s claimed", "t claimed"], "refreshed"),
        ("resume", "2026-06-20", vec!["s claimed", "t claimed"], "moved"),
        ("supersede", "2026-06-20", vec!["s claimed", "s claimed", "t claimed"], "moved"),
        ("supersede", "2026-05-20", vec!["s claimed", "t claimed"], "refreshed"),
    ] {
        let journey = json!({
            "id": "j", "enter": "bill", "key": ["bill"], "anchor": "due", "moved": moved, "purpose": "service",
            "steps": [{"id": "s", "at": "-P10D", "do": "email"}, {"id": "t", "at": "-P1D", "do": "email"}],
        });
        let mut stage = stage(&[journey]);
        tell(&mut stage, "2026-05-02T03:00:00Z", "bill", json!({"bill": "b", "due": "2026-05-20"}));
        tell(&mut stage, "2026-05-12T03:00:00Z", "bill", json!({"bill": "b", "due": second}));
        stage.tell("m", "bill", at("2026-05-11T03:00:00Z"), json!({"bill": "b", "due": "2026-05-16"}));
        stage.until(at("2026-07-01T00:00:00Z"));
        came(&stage, &steps);
        ignored(&stage, &[(counted, 1), ("stale", 1)]);
        let last = stage.steps.last().unwrap();
        let on =
            if moved == "keep" || second == "2026-05-20" { "2026-05-19T02:00:00Z" } else { "2026-06-19T02:00:00Z" };
        assert_eq!(last["at"], on);
    }
}

// rule: care 4
#[test]
fn a_key_begins_again_when_the_journey_says() {
    let journey = |reentry: &str| {
        let mut journey = mail("j", "service", "PT0S");
        journey["reentry"] = json!(reentry);
        journey
    };
    for (reentry, second, again) in [
        ("never", "2027-05-01T04:00:00Z", false),
        ("P30D", "2026-05-30T15:59:59Z", false),
        ("P30D", "2026-05-30T16:00:00Z", true),
        ("field:until", "2026-06-30T15:59:59Z", false),
        ("field:until", "2026-06-30T16:00:00Z", true),
    ] {
        let mut stage = stage(&[journey(reentry)]);
        // In the programme's zone the first date is 1 May.
        tell(&mut stage, START, "j", json!({"n": "1", "until": "2026-06-30T16:00:00Z"}));
        tell(&mut stage, second, "j", json!({"n": "1", "until": "2027-06-30T16:00:00Z"}));
        stage.until(at("2027-06-01T00:00:00Z"));
        let came: Vec<&Value> = stage.steps.iter().filter(|step| step["outcome"] == "claimed").collect();
        assert_eq!(came.len(), 1 + usize::from(again), "{reentry} {second}");
        if !again {
            ignored(&stage, &[("reentry", 1)]);
        }
        let messages: std::collections::BTreeSet<String> = stage.facts.iter().filter_map(message).collect();
        assert_eq!(messages.len(), came.len(), "another entry, another message");
    }
}

fn message(fact: &domain::care::CareFact) -> Option<String> {
    match fact {
        domain::care::CareFact::MessageIntended { message, .. } => Some(message.clone()),
        _ => None,
    }
}

// rule: care 5
#[test]
fn what_ends_a_journey_holds_whenever_it_comes() {
    let mut journey = mail("j", "service", "P1D");
    journey["exit_on"] = json!(["end", {"on": "perhaps", "if": "amount > 5"}]);
    let (early, late) = ("2026-05-01T03:00:00Z", "2026-05-01T04:00:00Z");
    let play = |facts: &[(&str, &str, Value)]| {
        let mut stage = stage(std::slice::from_ref(&journey));
        stage.until(at("2026-05-01T05:00:00Z"));
        for (name, happened, data) in facts {
            stage.tell("m", name, at(happened), data.clone());
        }
        stage.until(at("2026-05-05T00:00:00Z"));
        stage
    };
    let key = || json!({"n": "1"});
    came(&play(&[("j", early, key()), ("end", late, key())]), &["s exited end"]);
    came(&play(&[("end", late, key()), ("j", early, key())]), &[]);
    came(&play(&[("j", early, key()), ("end", early, key())]), &["s exited end"]);
    came(&play(&[("end", early, key()), ("j", early, key())]), &[]);
    came(&play(&[("j", late, key()), ("end", early, key())]), &["s claimed"]);
    came(&play(&[("end", early, key()), ("j", late, key())]), &["s claimed"]);
    came(&play(&[("j", early, key()), ("end", late, json!({"n": "2"}))]), &["s claimed"]);
    came(&play(&[("j", early, key()), ("end", late, json!({}))]), &["s exited end"]);
    came(&play(&[("j", early, key()), ("perhaps", late, json!({"n": "1", "amount": 5}))]), &["s claimed"]);
    came(&play(&[("j", early, key()), ("perhaps", late, json!({"n": "1", "amount": 6}))]), &["s exited perhaps"]);
}

// rule: care 5
#[test]
fn a_ticket_keeps_a_journey_from_beginning_until_it_is_resolved() {
    let mut journey = mail("j", "service", "PT0S");
    journey["key"] = json!(["order"]);
    journey["exit_on"] = json!(["ticket.open"]);
    let mut stage = stage(&[journey]);
    tell(&mut stage, "2026-05-01T03:00:00Z", "ticket.opened", json!({"ticket": "t", "order": "o1"}));
    tell(&mut stage, "2026-05-01T04:00:00Z", "j", json!({"order": "o1"}));
    tell(&mut stage, "2026-05-01T04:30:00Z", "j", json!({"order": "o2"}));
    tell(&mut stage, "2026-05-01T05:00:00Z", "ticket.resolved", json!({"ticket": "t"}));
    tell(&mut stage, "2026-05-01T06:00:00Z", "j", json!({"order": "o3"}));
    // It was opened before it was resolved, whenever that is heard.
    stage.tell("m", "ticket.reopened", at("2026-05-01T04:59:00Z"), json!({"ticket": "t"}));
    came(&stage, &["s exited ticket.open", "s claimed", "s claimed"]);
    assert_eq!(stage.steps[1]["key"], json!(["o2"]));
}

// rule: care 6
#[test]
fn what_is_for_a_member_depends_on_where_the_member_stands() {
    for (status, marketing, service, entered) in [
        ("suspended", "s skipped suspended", "s claimed", 2),
        ("closed", "s exited member_closed", "s claimed", 1),
        ("deceased", "s exited member_closed", "s exited member_closed", 0),
        ("erased", "s exited member_erased", "s exited member_erased", 0),
    ] {
        let mut stage = stage(&[mail("a", "marketing", "P1D"), mail("b", "service", "P1D")]);
        tell(&mut stage, START, "a", json!({"n": "1"}));
        tell(&mut stage, START, "b", json!({"n": "1"}));
        let profile = json!({"at": "2026-05-01T04:00:00Z", "profile": {"member": "m", "status": status}});
        stage.play(profile.as_object().unwrap());
        stage.until(at("2026-05-02T12:00:00Z"));
        let mut steps: Vec<Value> = stage.steps.clone();
        steps.sort_by_key(|step| step["journey"].as_str().unwrap().to_owned());
        stage.steps = steps;
        came(&stage, &[marketing, service]);
        for name in ["a", "b"] {
            tell(&mut stage, "2026-05-03T00:00:00Z", name, json!({"n": "2"}));
        }
        assert_eq!(stage.entered.len(), 2 + entered, "{status}");
    }
}

// rule: care 6
#[test]
fn who_absorbs_another_takes_over_what_is_under_way() {
    let mut stage = stage(&[mail("a", "marketing", "PT0S"), mail("b", "service", "P5D")]);
    stage.join("other", anybody());
    tell(&mut stage, START, "b", json!({"n": "1"}));
    for (name, n) in [("b", "1"), ("b", "2"), ("a", "1")] {
        stage.tell("other", name, at(START), json!({"n": n}));
    }
    let absorbed = stage.members.remove("other").unwrap().1;
    let joined = stage.members["m"].1.absorb(absorbed);
    assert_eq!(joined.enrolments.len(), 2, "of a key that both have one is left");
    stage.members.insert("m".into(), (anybody(), joined));
    tell(&mut stage, "2026-05-01T05:00:00Z", "a", json!({"n": "9"}));
    assert_eq!(stage.steps.last().unwrap()["reason"], "cap_day", "what the other got counts");
}

// rule: care 7
#[test]
fn who_is_compared_with_is_drawn_by_the_members_id() {
    let draw = |what: &str, journey: &str, salt: &str, member: &str| {
        let digest: [u8; 32] = Sha256::digest(format!("{what}|{journey}|{salt}|{member}")).into();
        u64::from_be_bytes(digest[..8].try_into().unwrap()) % 10_000
    };
    let mut journey = mail("a", "marketing", "PT0S");
    journey["holdout_bp"] = json!(1_000);
    journey["holdout_salt"] = json!("spring");
    journey["variants"] = json!([{"id": "x", "share_bp": 2_500}, {"id": "y", "share_bp": 7_500}]);
    let mut care = usual();
    care["holdout_bp"] = json!(500);
    care["holdout_salt"] = json!("all");
    let mut stage = Stage::new("Asia/Shanghai", &care, &[journey, mail("b", "service", "PT0S")], at(START));
    let (mut held_out, mut xs) = (0, 0);
    for number in 0..3_000 {
        let id = format!("m-{number}");
        stage.join(&id, anybody());
        for name in ["a", "b"] {
            stage.tell(&id, name, at(START), json!({"n": "1"}));
        }
        let care = &stage.members[&id].1;
        let own = |journey: &str| {
            let filed = care.filed.values().filter_map(|filed| filed.enrolment.clone());
            filed.chain(care.enrolments.clone()).find(|own| own.journey == journey).unwrap()
        };
        let expected = draw("holdout", "a", "spring", &id) < 1_000 || draw("holdout", "*", "all", &id) < 500;
        assert_eq!(is_held_out(&own("a")), expected);
        assert!(!is_held_out(&own("b")), "service reaches everybody");
        let variant = if draw("variant", "a", "spring", &id) < 2_500 { "x" } else { "y" };
        assert_eq!(own("a").variant.as_deref(), Some(variant));
        held_out += u32::from(expected);
        xs += u32::from(variant == "x");
        stage.members.remove(&id);
    }
    assert!((360..=510).contains(&held_out), "{held_out} of 3000, about 14.5 %");
    assert!((660..=840).contains(&xs), "{xs} of 3000, a quarter");
    assert!(stage.steps.iter().filter(|step| step["journey"] == "a").count() + held_out as usize == 3_000);
}

// rule: care 13, 16
#[test]
fn the_last_place_is_kept_for_what_is_worth_more() {
    let mut high = mail("high", "marketing", "P1D");
    high["priority"] = json!(80);
    high["steps"][0]["time"] = json!("15:00");
    let low = mail("low", "marketing", "PT0S");
    let mut stage = stage(&[low, high]);
    tell(&mut stage, START, "high", json!({"n": "1"}));
    tell(&mut stage, "2026-05-02T02:00:00Z", "low", json!({"n": "1"}));
    stage.until(at("2026-05-03T00:00:00Z"));
    came(&stage, &["s skipped cap_reserved", "s claimed"]);
    // On the date before nothing was to come: the place was free.
    tell(&mut stage, "2026-05-04T01:00:00Z", "low", json!({"n": "2"}));
    came(&stage, &["s skipped cap_reserved", "s claimed", "s claimed"]);
}

// rule: care 13
#[test]
fn of_what_is_due_at_once_the_higher_priority_is_first() {
    let mut second = mail("second", "marketing", "P1D");
    second["priority"] = json!(90);
    let mut stage = stage(&[mail("first", "marketing", "P1D"), second]);
    tell(&mut stage, START, "first", json!({"n": "1"}));
    tell(&mut stage, START, "second", json!({"n": "1"}));
    stage.until(at("2026-05-03T00:00:00Z"));
    stage.steps.sort_by_key(|step| step["journey"].to_string());
    came(&stage, &["s skipped cap_day", "s claimed"]);
}

// rule: care 15
#[test]
fn a_channel_has_caps_of_its_own_and_seven_dates_are_seven() {
    let mut care = usual();
    care["caps"] = json!({"marketing": {"per_day": 5, "per_7d": 3}, "email": {"per_day": 1}});
    let mut stage = Stage::new("Asia/Shanghai", &care, &[mail("a", "marketing", "PT0S")], at(START));
    stage.join("m", anybody());
    for (when, n) in [
        ("2026-05-01T03:00:00Z", "1"),
        ("2026-05-01T04:00:00Z", "2"),
        ("2026-05-02T03:00:00Z", "3"),
        ("2026-05-03T03:00:00Z", "4"),
        ("2026-05-07T03:00:00Z", "5"),
        ("2026-05-08T03:00:00Z", "6"),
    ] {
        tell(&mut stage, when, "a", json!({"n": n}));
    }
    came(&stage, &["s claimed", "s skipped cap_day", "s claimed", "s claimed", "s skipped cap_7d", "s claimed"]);
}

// rule: care 14
#[test]
fn a_skip_names_what_would_help_most() {
    let journey = |purpose: &str, does: Value| json!({"id": "j", "enter": "j", "purpose": purpose, "steps": [{"id": "s", "at": "PT0S", "do": does}]});
    let check = |purpose: &str, does: Value, said: Value, expected: &str| {
        let mut stage = stage(&[journey(purpose, does)]);
        let mut person = Person { zone: Some("Asia/Shanghai".into()), ..Person::default() };
        super::stage::change(&mut person, &said);
        stage.join("m", person);
        tell(&mut stage, START, "j", json!({}));
        came(&stage, &[expected]);
    };
    let both = json!(["email", "sms"]);
    check("service", both.clone(), json!({}), "s skipped no_address");
    check("service", both.clone(), json!({"suppressed": ["sms"]}), "s skipped suppressed");
    let refused =
        json!({"suppressed": ["sms"], "addresses": {"email": true}, "consent": {"service/email": "withdrawn"}});
    check("service", both.clone(), refused, "s skipped no_consent");
    check("marketing", both, json!({"addresses": {"email": true}}), "s skipped no_consent");
    check("marketing", json!("in_app"), json!({}), "s claimed");
    check("marketing", json!("fulfil"), json!({}), "s claimed");
    check("marketing", json!("ticket"), json!({}), "s skipped no_consent");
    check("service", json!("ticket"), json!({}), "s claimed");
}

// rule: care 18
#[test]
fn a_message_has_one_id_and_another_date_another() {
    let member: MemberId = "m".parse().unwrap();
    let journey = json!({
        "id": "j", "enter": "bill", "key": ["bill"], "anchor": "due", "moved": "supersede", "purpose": "service",
        "steps": [{"id": "s", "at": "-P1D", "do": "email"}],
    });
    let mut stage = stage(&[journey]);
    tell(&mut stage, START, "bill", json!({"bill": "b", "due": "2026-05-20"}));
    tell(&mut stage, "2026-05-20T03:00:00Z", "bill", json!({"bill": "b", "due": "2026-06-20"}));
    stage.until(at("2026-07-01T00:00:00Z"));
    let id = |anchor: &str| {
        let digest: [u8; 32] = Sha256::digest(format!("{member}|j|[\"b\"]|s|{anchor}")).into();
        digest[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let messages: Vec<String> = stage.facts.iter().filter_map(message).collect();
    assert_eq!(messages, [id("2026-05-20"), id("2026-06-20")]);
}

// rule: care 19
#[test]
fn what_is_done_is_told_and_what_is_not_is_not() {
    let journey = json!({
        "id": "j", "enter": "j", "purpose": "service", "key": ["n"],
        "steps": [{"id": "c", "at": "PT0S", "do": "benefit", "tell": {"do": ["push", "email"], "template": "t"}}],
    });
    for (back, expected) in [
        (Some(Back::Done), vec!["c claimed", "c.tell claimed"]),
        (Some(Back::Failed("out_of_stock".into())), vec!["c failed out_of_stock", "c.tell skipped not_done"]),
        (None, vec!["c claimed", "c.tell skipped late"]),
    ] {
        let mut stage = stage(std::slice::from_ref(&journey));
        tell(&mut stage, START, "j", json!({"n": "1"}));
        came(&stage, &["c claimed"]);
        if let Some(back) = back {
            stage.until(at("2026-05-01T03:05:00Z"));
            let message = stage.message("m", "j", "c");
            stage.report("m", &Report { message, back });
        }
        stage.until(at("2026-05-20T00:00:00Z"));
        came(&stage, &expected);
    }
}

// rule: care 15
#[test]
fn what_is_returned_is_decided_anew_and_takes_no_place_meanwhile() {
    let mut stage = stage(&[mail("a", "marketing", "PT0S"), mail("b", "marketing", "PT0S")]);
    tell(&mut stage, "2026-05-01T13:59:00Z", "a", json!({"n": "1"}));
    let message = stage.message("m", "a", "s");
    stage.until(at("2026-05-01T14:00:30Z"));
    stage.report("m", &Report { message, back: Back::Returned });
    assert!(stage.members["m"].1.contacts.is_empty());
    stage.until(at("2026-05-02T12:00:00Z"));
    let last = stage.steps.last().unwrap();
    assert_eq!((&last["outcome"], &last["at"]), (&json!("claimed"), &json!("2026-05-02T00:00:00Z")));
    assert_eq!(stage.message("m", "a", "s"), message, "it is the same message");
    tell(&mut stage, "2026-05-02T12:00:00Z", "b", json!({"n": "1"}));
    assert_eq!(stage.steps.last().unwrap()["reason"], "cap_day");
}

// rule: care 20
#[test]
fn one_more_than_can_be_makes_room_for_what_is_owed_alone() {
    let mut stage = stage(&[mail("a", "marketing", "P5D"), mail("b", "service", "P5D")]);
    for n in 0..25 {
        stage.tell("m", "a", at(START), json!({"n": n.to_string()}));
    }
    assert_eq!(stage.members["m"].1.enrolments.len(), Care::MOST_ENROLMENTS);
    ignored(&stage, &[("too_many", 1)]);
    stage.tell("m", "b", at(START), json!({"n": "1"}));
    assert_eq!(stage.members["m"].1.enrolments.len(), Care::MOST_ENROLMENTS);
    came(&stage, &["s exited displaced"]);
    assert_eq!(stage.steps[0]["key"], json!(["23"]), "the newest of the lowest priority");
}
