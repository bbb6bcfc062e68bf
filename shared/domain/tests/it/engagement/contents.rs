//! Content of members: the same once, looked at once, and paid once.

use std::collections::BTreeMap;

use domain::engagement::community::{
    Content, ContentRefusal, ContentState, Fingerprint, Moderator, Submission, check, enters, may_choose, ranks,
};
use domain::kernel::refusal::Refusal;
use domain::programme::compiled::Programme;
use jiff::Timestamp;

use super::challenges::SHANGHAI;
use super::stage::{at, member, programme, read};

const SECTIONS: &str = "[ugc]\nreject_reasons = ['off_topic']\nclawback_days = 30\n[media]\nhosts = ['media.example.com']\n\
    [[contest]]\nid = 'spring'\nfrom = '2027-03-01'\nuntil = '2027-03-15'\nprizes = { 1 = 'gold', 2 = 'silver', 3 = 'bronze' }\n\
    vote = { from = '2027-03-17', until = '2027-03-24', votes = 3 }\n";

fn shanghai() -> Programme {
    programme(SHANGHAI, SECTIONS)
}

fn by(now: &str) -> Moderator {
    Moderator { member: None, at: at(now) }
}

fn submitted(text: &str, now: &str) -> Content {
    let hash = Fingerprint::of(text, &[]);
    Content::submit(("u1", hash), &member("m-1"), None, at(now)).unwrap().state
}

// rule: community 2.2
#[test]
fn the_same_words_are_the_same_whatever_they_look_like() {
    let of = |text: &str| Fingerprint::of(text, &[]).to_string();
    assert_eq!(of("Easy to install"), "50c0eab2a4715bfb3726f966662c673146b3d2dff685b0fb135204139a39fa3f");
    assert_eq!(of("buy at my shop"), "83c3adc5f83f548c44266a26654f35d26b78e2accd869a50f589d54dfa2f3cc5");
    assert_eq!(of("  EASY\tto \u{3000} install\n"), of("Easy to install"));
    assert_eq!(of("Ｅａｓｙ to install"), of("Easy to install"), "full width");
    assert_ne!(of("Easy to instal"), of("Easy to install"));
    let urls = ["https://a/1".to_owned(), "https://a/2".to_owned()];
    let turned = [urls[1].clone(), urls[0].clone()];
    assert_eq!(Fingerprint::of("好用", &urls), Fingerprint::of("好用", &turned));
    assert_ne!(Fingerprint::of("好用", &urls), Fingerprint::of("好用", &urls[..1]));
}

// rule: community 2.2
#[test]
fn what_was_handed_in_is_not_handed_in_again() {
    let programme = shanghai();
    let ugc = programme.engagement().ugc.clone().unwrap();
    let rejected = submitted("buy at my shop", "2026-11-02T01:00:00Z")
        .reject(&by("2026-11-02T02:00:00Z"), "off_topic", &ugc)
        .unwrap()
        .state;
    let again = |name: &str| {
        let hash = Fingerprint::of("Buy at my shop", &[]);
        Content::submit(("u2", hash), &member(name), Some(&rejected), at("2026-11-02T03:00:00Z")).unwrap_err()
    };
    let own = ContentRefusal::DuplicateContent { ugc: Some("u1".into()), ugc_status: "rejected" };
    assert_eq!(again("m-1"), own);
    let others = ContentRefusal::DuplicateContent { ugc: None, ugc_status: "rejected" };
    assert_eq!(again("m-2"), others, "of others' it is not told which");
}

// rule: community 2.1
#[test]
fn what_cannot_be_shown_is_refused_with_the_field() {
    let hosts = ["media.example.com".to_owned()];
    let good = || Submission {
        text: "Easy".into(),
        images: vec!["https://media.example.com/1.jpg".into()],
        video: None,
        licence: true,
    };
    assert_eq!(check(&good(), &hosts), Ok(()));
    let image = |url: &str| Submission { images: vec![good().images[0].clone(), url.into()], ..good() };
    let cases = [
        (Submission { text: " \n".into(), images: vec![], ..good() }, "text"),
        (Submission { text: "长".repeat(2_001), ..good() }, "text"),
        (Submission { images: vec![good().images[0].clone(); 10], ..good() }, "images"),
        (image("http://media.example.com/1.jpg"), "images/1"),
        (image("https://evil.example.com/1.jpg"), "images/1"),
        (image("https://media.example.com.evil.com/1.jpg"), "images/1"),
        (image("https://media.example.com@evil.com/1.jpg"), "images/1"),
        (image("https://media.example.com/\u{202e}.jpg"), "images/1"),
        (image("javascript:alert(1)"), "images/1"),
        (Submission { video: Some("https://elsewhere.com/v".into()), ..good() }, "video"),
        (Submission { licence: false, ..good() }, "licence"),
    ];
    for (submission, field) in cases {
        assert_eq!(check(&submission, &hosts).unwrap_err().field, field, "{submission:?}");
    }
    assert!(check(&Submission { text: "长".repeat(2_000), ..good() }, &hosts).is_ok());
}

// rule: community 2.3, 2.4
#[test]
fn what_is_taken_away_within_thirty_days_takes_its_points_along() {
    let programme = shanghai();
    let ugc = programme.engagement().ugc.clone().unwrap();
    let removed = |feature: bool, now: &str| -> Vec<String> {
        let content = submitted("Easy to install", "2026-11-02T01:00:00Z");
        let (approved, activity) = content.approve(&by("2026-11-02T03:00:00Z")).unwrap();
        assert_eq!((activity.kind, activity.id), ("ugc.approved", format!("ugc|{}|approved", content.hash)));
        let content =
            if feature { approved.state.feature(&by("2026-11-03T07:00:00Z")).unwrap().0.state } else { approved.state };
        let removed = content.remove(at(now), &ugc).unwrap();
        assert_eq!(removed.change.state.state, ContentState::Removed);
        removed.reversed.iter().map(|activity| activity.id.rsplit_once('|').unwrap().0[69..].to_owned()).collect()
    };
    assert_eq!(removed(true, "2026-12-01T03:00:00Z"), ["approved", "featured"]);
    assert_eq!(removed(false, "2026-12-02T02:59:59Z"), ["approved"]);
    assert!(removed(true, "2026-12-02T03:00:00Z").is_empty(), "they stay");
}

// rule: community 2.3
#[test]
fn content_goes_one_way_and_nobody_decides_on_their_own() {
    let programme = shanghai();
    let ugc = programme.engagement().ugc.clone().unwrap();
    let now = "2026-11-02T03:00:00Z";
    let pending = submitted("Easy", "2026-11-02T01:00:00Z");
    let own = Moderator { member: Some(member("m-1")), at: at(now) };
    assert_eq!(pending.approve(&own).unwrap_err(), ContentRefusal::SelfBenefit);
    assert_eq!(pending.reject(&own, "off_topic", &ugc).unwrap_err(), ContentRefusal::SelfBenefit);
    let reason = pending.reject(&by(now), "because", &ugc).unwrap_err();
    assert_eq!((reason.code(), reason.field()), ("invalid_field", Some("reason")));
    assert_eq!(pending.feature(&by(now)).unwrap_err(), ContentRefusal::WrongState { ugc_status: "pending" });
    assert!(pending.remove(at(now), &ugc).is_err() && !pending.is_shown());
    let approved = pending.approve(&by(now)).unwrap().0.state;
    assert!(approved.is_shown());
    assert_eq!(approved.approve(&by(now)).unwrap_err(), ContentRefusal::WrongState { ugc_status: "approved" });
    assert_eq!(approved.feature(&own).unwrap_err(), ContentRefusal::SelfBenefit);
    let removed = approved.remove(at(now), &ugc).unwrap().change.state;
    assert!(removed.remove(at(now), &ugc).is_err());
    assert!(pending.erased().state.state == ContentState::Removed && pending.erased().facts.is_empty());
}

// rule: community 2.6
#[test]
fn equal_votes_share_a_rank_and_its_prize() {
    let programme = shanghai();
    let contest = &programme.engagement().contests[0];
    let weights = [("u1", 12), ("u2", 30), ("u3", 30), ("u4", 7), ("u5", 12)];
    let weights: BTreeMap<String, i64> = weights.map(|(ugc, weight)| (ugc.to_owned(), weight)).into();
    let ranked = ranks(contest, &weights);
    let of: Vec<_> = ranked.values().map(|standing| (standing.rank, standing.prize.as_deref())).collect();
    let bronze = (3, Some("bronze"));
    assert_eq!(of, [bronze, (1, Some("gold")), (1, Some("gold")), (5, None), bronze]);
    let removed: BTreeMap<String, i64> = weights.into_iter().filter(|(ugc, _)| ugc != "u2").collect();
    assert_eq!(ranks(contest, &removed)["u1"].rank, 2, "what was removed is left out");
}

// rule: community 2.6
#[test]
fn a_contest_takes_so_many_of_a_member_while_it_is_time() {
    let programme = shanghai();
    let contest = &programme.engagement().contests[0];
    let takes = |earlier, now: &str| enters(contest, earlier, now.parse::<Timestamp>().unwrap());
    assert_eq!([takes(0, "2027-02-28T15:59:59Z"), takes(0, "2027-02-28T16:00:00Z")], [false, true]);
    assert_eq!([takes(0, "2027-03-14T15:59:59Z"), takes(0, "2027-03-14T16:00:00Z")], [true, false]);
    assert_eq!([takes(2, "2027-03-10T00:00:00Z"), takes(3, "2027-03-10T00:00:00Z")], [true, false]);
    assert_eq!([may_choose(&member("a"), &member("a")), may_choose(&member("a"), &member("b"))], [false, true]);
    for wrong in [("from = '2027-03-17'", "from = '2027-03-14'"), ("until = '2027-03-15'", "until = '2027-03-01'")] {
        assert!(read(SHANGHAI, &SECTIONS.replace(wrong.0, wrong.1)).is_err(), "{wrong:?}");
    }
}
