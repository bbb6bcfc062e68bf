//! Invitations with their answers, what members were asked, and suggestions: stored, and read again.

use std::collections::{BTreeSet, HashMap};

use domain::kernel::canonical::Hash;
use domain::kernel::change::Key;
use domain::programme::voice::survey::Follows;
use domain::voice::{
    About, Analysis, Answer, Contacts, Invitation, InvitationId, Stage, State, Suggestion, SuggestionId, Themed, Upto,
    Version,
};
use jiff::civil::date;
use store::aggregate::Stored;
use store::{
    Damage, Sealing, StoreError, decode_contacts, decode_invitation, encode_contacts, encode_invitation, size_of,
};

use crate::entries::{at, s};
use crate::member;

/// Seals nothing, so that what is sealed can be read here.
struct Open;

impl Sealing for Open {
    fn seal(&self, place: &str, words: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok([place.as_bytes(), b"|", words].concat())
    }

    fn open(&self, place: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, Damage> {
        Ok(sealed.strip_prefix([place.as_bytes(), b"|"].concat().as_slice()).map(<[u8]>::to_vec))
    }
}

/// The key is gone.
struct Gone;

impl Sealing for Gone {
    fn seal(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(Vec::new())
    }

    fn open(&self, _: &str, _: &[u8]) -> Result<Option<Vec<u8>>, Damage> {
        Ok(None)
    }
}

fn waiting() -> Invitation {
    let cause = "ticket:0b7c5f1be1b94a5f9a3fd5ce2b1e3c44:1";
    Invitation {
        id: InvitationId::of("csat-ticket", cause, &member()),
        survey: s("csat-ticket"),
        version: 3,
        member: member(),
        cause: s(cause),
        correlation: s("b1946ac92492d2347c6235b4d2611184"),
        about: About::default(),
        state: State::Waiting,
        issued_at: at("2028-02-29T02:00:00.007Z"),
        send_at: at("2028-02-29T03:00:00.007Z"),
        closes_at: at("2028-03-14T02:00:00.007Z"),
        versions: Vec::new(),
        analysis: None,
        completed_at: None,
        done: BTreeSet::new(),
    }
}

fn answered() -> Invitation {
    let answers = [
        ("score", Answer::Number(2)),
        ("why", Answer::Text(s("包装盒子破了"))),
        ("where", Answer::Option(s("shop"))),
        ("what", Answer::Options(vec![s("box"), s("delivery")])),
        ("when", Answer::Date(date(2028, 2, 28))),
        ("again", Answer::Yes(false)),
        ("birthday", Answer::InProfile),
    ];
    let first = Version {
        at: at("2028-02-29T04:00:00Z"),
        content: Hash::of("first"),
        answers: answers.map(|(question, answer)| (s(question), answer)).into(),
    };
    let second = Version {
        at: at("2028-02-29T05:00:00Z"),
        content: Hash::of("second"),
        answers: [(s("score"), Answer::Number(5))].into(),
    };
    let themed = Themed { theme: s("packaging"), kind: s("cause"), polarity: s("negative"), sentence: 0 };
    Invitation {
        about: About {
            channel: Some(s("email")),
            locale: Some(s("zh-CN")),
            ticket: Some(s("0b7c5f1be1b94a5f9a3fd5ce2b1e3c44")),
            resolution: Some(1),
            queue: Some(s("technical-support")),
            agent: Some(s("ann")),
            ..About::default()
        },
        state: State::Answered,
        versions: vec![first, second],
        analysis: Some(Analysis {
            language: s("zh"),
            sentiment: s("negative"),
            score: -200,
            themes: vec![themed],
            dictionaries: s("0123456789abcdef.fedcba9876543210"),
        }),
        completed_at: Some(at("2028-02-29T04:10:00Z")),
        done: BTreeSet::from([Follows::ReopenAndEscalate]),
        ..waiting()
    }
}

// rule: voice 7, 15
#[test]
fn what_members_say_is_read_as_it_was_stored() {
    let erased = Invitation { member: "erased".parse().expect("a member"), ..answered() };
    for (name, invitation, largest) in
        [("invitation", waiting(), 500), ("answered", answered(), 2_048), ("erased", erased, 2_048)]
    {
        let item = encode_invitation(&invitation, &Open).expect("nothing is sealed");
        assert_eq!(decode_invitation(&item, &Open).expect("an invitation"), invitation, "{name}");
        assert!(size_of(&item) <= largest, "{name}: {}", size_of(&item));
        let without = decode_invitation(&item, &Gone).expect("an invitation");
        let words = without.versions.iter().flat_map(|version| version.answers.values());
        assert!(words.into_iter().all(|answer| !matches!(answer, Answer::Text(_))), "without a key there are no words");
    }
    let none = Contacts::new(member());
    let newest = vec![(date(2028, 2, 29), waiting().id), (date(2027, 11, 1), InvitationId([7; 16]))];
    let asked = Contacts {
        invited: [(s("csat-ticket"), newest)].into(),
        asked: [(s("birthday"), date(2028, 2, 29))].into(),
        declined: [(s("skin_type"), date(2028, 1, 31))].into(),
        ..none.clone()
    };
    for (name, contacts) in [("contacts", none), ("contacts-full", asked)] {
        let since = at("2027-02-28T02:00:00.007Z");
        let item = encode_contacts(&contacts, since);
        assert_eq!(decode_contacts(&member(), &item).expect("contacts"), (contacts, since), "{name}");
    }
    let id = SuggestionId([9; 16]);
    let title = [(s("zh-CN"), s("小样"))].into();
    let proposed = Suggestion::propose(id, "samples", title, at("2028-02-29T02:00:00.007Z")).state;
    let shipped = Suggestion {
        state: Stage::Shipped,
        contributors: 120,
        moved_at: at("2028-03-31T02:00:00Z"),
        found: Some(Upto::Everybody),
        told: Some(Upto::This(s("m-2028_Wang"))),
        ..proposed.clone()
    };
    let reason = [(s("zh-CN"), s("太贵"))].into();
    let declined = Suggestion { state: Stage::Declined, reason, ..proposed.clone() };
    for (name, suggestion) in
        [("suggestion", proposed), ("suggestion-shipped", shipped), ("suggestion-declined", declined)]
    {
        let (key, mut item) = (Key::of(format!("s#{id}")), HashMap::new());
        suggestion.encode(&mut item);
        assert_eq!(Suggestion::decode(&key, &item).expect("a suggestion"), suggestion, "{name}");
    }
}
