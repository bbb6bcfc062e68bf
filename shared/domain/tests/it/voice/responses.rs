//! Answers that are given, repeated and changed, and what follows.

use domain::kernel::event::Fact;
use domain::kernel::refusal::Refusal;
use domain::voice::answering::take;
use domain::voice::inviting::{Back, cancel, pass};
use domain::voice::responding::{Reply, Responded, reanalyse, redact, respond};
use domain::voice::{Analysis, Invitation, State, Themed, VoiceFact};
use serde_json::{Value, json};

use super::stage::{Member, at};

/// An invitation that closes at 2026-11-16T16:00:00Z, and all that is told of it.
struct Asked {
    member: Member,
    invitation: Invitation,
    facts: Vec<VoiceFact>,
}

impl Asked {
    fn new(survey: &str) -> Self {
        let mut member = Member::new(super::stage::programme());
        assert_eq!(member.invite("2026-11-02T02:00:00Z", survey, "a"), "invited");
        let invitation = member.invitations[&format!("{survey} a")].clone();
        assert_eq!(invitation.closes_at, at("2026-11-16T16:00:00Z"));
        Self { member, invitation: Invitation { state: State::Invited, ..invitation }, facts: Vec::new() }
    }

    /// Answers as JSON: 201 or 200 with a version, or a code.
    fn reply(&mut self, when: &str, base: Option<u8>, answers: &Value, complete: bool) -> String {
        let programme = &self.member.programme;
        let survey = programme.survey(&self.invitation.survey);
        let form = programme.form(&survey.unwrap().form).unwrap();
        let answered = take(form, answers.as_object().unwrap());
        let reply = Reply { answered, analysis: Some(Analysis::default()), base, complete };
        match respond(&self.invitation, &reply, (survey, programme), at(when)) {
            Ok(Responded::New { change, version, .. }) => {
                self.invitation = change.state;
                self.facts.extend(change.facts);
                format!("{} v{version}", if base.is_none() && version == 1 { 201 } else { 200 })
            }
            Ok(Responded::Replayed { version }) => format!("200 v{version} again"),
            Err(refusal) => refusal.code().to_owned(),
        }
    }

    fn post(&mut self, when: &str, score: u8) -> String {
        self.reply(when, None, &json!({"score": score}), true)
    }

    fn put(&mut self, when: &str, base: u8, score: u8) -> String {
        self.reply(when, Some(base), &json!({"score": score}), true)
    }

    /// The types that were told since last asked, with what follows.
    fn told(&mut self) -> Vec<String> {
        let facts = std::mem::take(&mut self.facts);
        let told = facts.iter().map(|fact| {
            let name = fact.kind().trim_start_matches("perennial.voc.").trim_end_matches(".v1");
            let follow = fact.data()["follow_up"]["do"].as_str().map(|does| format!(" {does}"));
            format!("{name}{}", follow.unwrap_or_default())
        });
        told.collect()
    }
}

// rule: voice 15
#[test]
fn the_first_answer_stands_and_its_repetition_is_answered_again() {
    let mut asked = Asked::new("post-purchase");
    assert_eq!(asked.post("2026-11-03T02:00:00Z", 9), "201 v1");
    assert_eq!(asked.post("2026-11-03T02:00:01Z", 9), "200 v1 again");
    assert_eq!(asked.post("2026-11-03T03:00:00Z", 2), "already_answered");
    assert_eq!(asked.told(), ["surveyanswered", "surveycompleted"]);
    let reply = Reply {
        answered: take(asked.member.programme.form("nps").unwrap(), json!({"score": 2}).as_object().unwrap()),
        analysis: None,
        base: None,
        complete: true,
    };
    let programme = &asked.member.programme;
    let refusal =
        respond(&asked.invitation, &reply, (programme.survey("post-purchase"), programme), at("2026-11-03T04:00:00Z"));
    assert_eq!(refusal.unwrap_err().data()["first"], json!({"score": 9}));
}

// rule: voice 15
#[test]
fn the_first_answer_is_shown_without_its_words() {
    let mut asked = Asked::new("post-purchase");
    assert_eq!(asked.reply("2026-11-03T02:00:00Z", None, &json!({"score": 3, "why": "慢"}), true), "201 v1");
    let programme = &asked.member.programme;
    let answered = take(programme.form("nps").unwrap(), json!({"score": 3}).as_object().unwrap());
    let reply = Reply { answered, analysis: None, base: None, complete: true };
    let refusal =
        respond(&asked.invitation, &reply, (programme.survey("post-purchase"), programme), at("2026-11-03T02:01:00Z"));
    assert_eq!(refusal.unwrap_err().data()["first"], json!({"score": 3}));
    assert!(asked.facts.iter().all(|fact| !fact.data().to_string().contains('慢')), "nor told");
}

// rule: voice 16
#[test]
fn an_answer_is_changed_within_24_hours() {
    let mut asked = Asked::new("post-purchase");
    assert_eq!(asked.put("2026-11-03T01:00:00Z", 1, 9), "not_answered");
    assert_eq!(asked.post("2026-11-03T02:00:00Z", 9), "201 v1");
    assert_eq!(asked.put("2026-11-04T01:59:59Z", 1, 8), "200 v2");
    assert_eq!(asked.put("2026-11-04T01:59:59.999Z", 1, 7), "edited_meanwhile");
    assert_eq!(asked.put("2026-11-04T02:00:00Z", 2, 4), "edit_window_closed");
    assert_eq!(asked.put("2026-11-04T02:00:00Z", 1, 8), "200 v2 again", "a repetition is answered for ever");
    assert_eq!(asked.invitation.latest().unwrap().at, at("2026-11-04T01:59:59Z"));
}

// rule: voice 16
#[test]
fn a_change_is_known_by_what_it_changes() {
    let mut asked = Asked::new("post-purchase");
    assert_eq!(asked.post("2026-11-03T02:00:00Z", 9), "201 v1");
    assert_eq!(asked.put("2026-11-03T03:00:00Z", 1, 3), "200 v2");
    assert_eq!(asked.put("2026-11-03T04:00:00Z", 2, 5), "200 v3");
    assert_eq!(asked.put("2026-11-03T04:00:01Z", 1, 3), "200 v3 again");
    assert_eq!(asked.put("2026-11-03T04:00:02Z", 3, 5), "200 v3 again", "the content of the newest changes nothing");
    assert_eq!(asked.put("2026-11-03T04:00:03Z", 1, 6), "edited_meanwhile");
    assert_eq!(asked.put("2026-11-03T04:00:03Z", 0, 6), "edited_meanwhile");
    assert_eq!(asked.put("2026-11-03T04:00:03Z", 200, 6), "edited_meanwhile");
    assert_eq!(asked.post("2026-11-03T04:00:04Z", 3), "200 v3 again", "of any version so far");
}

// rule: voice 16
#[test]
fn there_are_ten_versions_and_no_more() {
    let mut asked = Asked::new("post-purchase");
    assert_eq!(asked.post("2026-11-03T02:00:00Z", 0), "201 v1");
    for score in 1..=9 {
        assert_eq!(asked.put("2026-11-03T02:10:00Z", score, score), format!("200 v{}", score + 1));
    }
    assert_eq!(asked.put("2026-11-03T02:11:00Z", 10, 10), "too_many_versions");
    assert_eq!(asked.invitation.versions.len(), Invitation::MOST_VERSIONS);
}

// rule: voice 17
#[test]
fn what_is_over_or_taken_back_takes_no_answer() {
    let mut asked = Asked::new("post-purchase");
    assert_eq!(asked.post("2026-11-16T16:00:00Z", 9), "survey_closed");
    assert_eq!(
        asked.reply("2026-11-16T16:00:00Z", None, &json!({"score": 99}), true),
        "survey_closed",
        "before it is read"
    );
    assert_eq!(asked.post("2026-11-16T15:59:59Z", 9), "201 v1");
    assert_eq!(asked.put("2026-11-17T10:00:00Z", 1, 8), "200 v2", "a change does not mind");
    assert_eq!(asked.post("2026-11-17T10:00:00Z", 8), "200 v2 again", "nor does a repetition");
    assert_eq!(asked.post("2026-11-17T10:00:00Z", 1), "survey_closed");
    let mut asked = Asked::new("post-purchase");
    asked.invitation = cancel(&asked.invitation, Back::TicketReopened).unwrap().state;
    assert_eq!(asked.post("2026-11-03T09:00:00Z", 7), "survey_cancelled");
    let mut asked = Asked::new("post-purchase");
    assert_eq!(asked.post("2026-11-03T09:00:00Z", 7), "201 v1");
    assert!(cancel(&asked.invitation, Back::TicketReopened).is_none(), "an answer stands");
    assert_eq!(asked.post("2026-11-03T10:00:01Z", 7), "200 v1 again");
    assert_eq!(asked.reply("2026-11-03T10:00:01Z", None, &json!({"score": 99}), true), "invalid_answers");
}

// rule: voice 18
#[test]
fn an_answer_of_a_page_is_complete_at_its_last_step_or_when_left_alone() {
    let mut asked = Asked::new("post-purchase");
    assert_eq!(asked.reply("2026-11-03T02:00:00Z", None, &json!({"score": 3}), false), "201 v1");
    assert_eq!(asked.told(), ["surveyanswered"], "nothing follows yet");
    assert_eq!(asked.reply("2026-11-03T02:01:00Z", Some(1), &json!({"score": 3, "why": "慢"}), true), "200 v2");
    assert_eq!(asked.told(), ["surveyrevised", "surveycompleted ticket"]);
    assert_eq!(asked.invitation.due(), None);
    // An empty last step completes it as well.
    let mut asked = Asked::new("post-purchase");
    asked.reply("2026-11-03T02:00:00Z", None, &json!({"score": 3}), false);
    assert_eq!(asked.reply("2026-11-03T02:01:00Z", Some(1), &json!({"score": 3}), true), "200 v1");
    assert_eq!(asked.told(), ["surveyanswered", "surveycompleted ticket"]);
    // Nobody comes back.
    let mut asked = Asked::new("post-purchase");
    asked.reply("2026-11-03T02:00:00Z", None, &json!({"score": 3}), false);
    let programme = &asked.member.programme;
    let survey = programme.survey("post-purchase");
    assert_eq!(asked.invitation.due(), Some(at("2026-11-03T02:10:00Z")));
    let passed = pass(&asked.invitation, survey, programme, at("2026-11-03T05:00:00Z")).unwrap();
    assert_eq!(passed.state.completed_at, Some(at("2026-11-03T02:10:00Z")));
    assert!(pass(&passed.state, survey, programme, at("2026-11-04T05:00:00Z")).is_none(), "once");
}

// rule: voice 19
#[test]
fn a_score_sets_something_off_once() {
    let mut asked = Asked::new("post-purchase");
    assert_eq!(asked.post("2026-11-03T09:00:00Z", 9), "201 v1");
    assert_eq!(asked.told(), ["surveyanswered", "surveycompleted"]);
    assert_eq!(asked.put("2026-11-03T10:00:00Z", 1, 6), "200 v2");
    assert_eq!(asked.told(), ["surveyrevised ticket"], "one to low opens it");
    assert_eq!(asked.put("2026-11-03T10:01:00Z", 2, 10), "200 v3");
    assert_eq!(asked.put("2026-11-03T10:02:00Z", 3, 0), "200 v4");
    assert_eq!(asked.told(), ["surveyrevised note", "surveyrevised"], "and no second time");
    let mut asked = Asked::new("csat-ticket");
    assert_eq!(asked.post("2026-11-03T09:00:00Z", 2), "201 v1");
    assert_eq!(asked.told(), ["surveyanswered", "surveycompleted reopen_and_escalate"]);
    let mut asked = Asked::new("csat-ticket");
    assert_eq!(asked.post("2026-11-03T09:00:00Z", 3), "201 v1");
    assert_eq!(asked.told(), ["surveyanswered", "surveycompleted"]);
}

// rule: voice 19
#[test]
fn detractors_and_promoters_are_told_of() {
    for (score, expected) in [
        (6, vec!["surveyanswered", "surveycompleted ticket", "detractordetected"]),
        (7, vec!["surveyanswered", "surveycompleted"]),
        (8, vec!["surveyanswered", "surveycompleted"]),
        (9, vec!["surveyanswered", "surveycompleted", "promoterdetected"]),
    ] {
        let mut asked = Asked::new("nps-quarterly");
        assert_eq!(asked.post("2026-11-03T09:00:00Z", score), "201 v1");
        assert_eq!(asked.told(), expected, "{score}");
    }
    let mut asked = Asked::new("nps-quarterly");
    asked.post("2026-11-03T09:00:00Z", 9);
    asked.put("2026-11-03T09:01:00Z", 1, 10);
    asked.put("2026-11-03T09:02:00Z", 2, 0);
    let told = asked.told();
    assert_eq!(told[2..], ["promoterdetected", "surveyrevised", "surveyrevised ticket", "detractordetected"]);
}

// rule: voice 27
#[test]
fn a_newer_dictionary_tells_an_answer_anew() {
    let mut asked = Asked::new("post-purchase");
    asked.reply("2026-11-03T02:00:00Z", None, &json!({"score": 3, "why": "安装"}), true);
    assert!(reanalyse(&asked.invitation, Analysis::default()).is_none(), "that says the same");
    let theme = Themed { theme: "installation".into(), kind: "cause".into(), polarity: "neutral".into(), sentence: 0 };
    let newer = Analysis { themes: vec![theme], ..Analysis::default() };
    let change = reanalyse(&asked.invitation, newer).unwrap();
    assert_eq!(change.facts[0].kind(), "perennial.voc.answeranalysed.v1");
    assert_eq!(change.facts[0].data()["themes"][0]["theme"], "installation");
    assert_eq!(change.state.versions, asked.invitation.versions);
}

// rule: voice 27
#[test]
fn a_comment_is_redacted_and_its_score_stays() {
    let mut asked = Asked::new("post-purchase");
    asked.reply("2026-11-03T02:00:00Z", None, &json!({"score": 3, "why": "secret"}), true);
    let redacted = redact(&asked.invitation).unwrap();
    let answers: Vec<&str> = redacted.state.latest().unwrap().answers.keys().map(String::as_str).collect();
    assert_eq!(answers, ["score"]);
    assert!(redact(&redacted.state).is_none());
}
