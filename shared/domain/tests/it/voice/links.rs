//! The link that leads to a form.

use domain::voice::{InvitationId, LinkKey, opened, token};

use super::stage::member;

fn key(id: &str, secret: &[u8]) -> LinkKey {
    LinkKey { id: id.to_owned(), secret: secret.to_vec() }
}

// rule: voice 11
#[test]
fn a_link_opens_what_it_was_made_for_and_nothing_else() {
    let (old, new) = (key("1", b"old"), key("2", b"new"));
    for n in 0..200 {
        let invitation = InvitationId::of("nps", &format!("c{n}"), &member("m-1"));
        let token = token(invitation, &new);
        assert!(token.len() <= 52 && token.starts_with("1.2."), "{token}");
        assert_eq!(opened(&token, &[old.clone(), new.clone()]), Some(invitation));
        assert_eq!(opened(&token, std::slice::from_ref(&old)), None, "a key that is gone opens nothing");
        assert_eq!(opened(&token, &[key("2", b"other")]), None);
    }
}

// rule: voice 11
#[test]
fn a_forged_link_opens_nothing() {
    let keys = [key("1", b"secret")];
    let good = token(InvitationId([7; 16]), &keys[0]);
    assert!(opened(&good, &keys).is_some());
    for at in 0..good.len() {
        for letter in ['A', 'B', 'Z', '9', '-', '.', '!', '='] {
            let mut forged: Vec<char> = good.chars().collect();
            if forged[at] == letter {
                continue;
            }
            forged[at] = letter;
            let forged: String = forged.into_iter().collect();
            assert_eq!(opened(&forged, &keys), None, "{forged}");
        }
        assert_eq!(opened(&good[..at], &keys), None);
    }
    for odd in ["", ".", "...", "1.1..", "你.好.你.好", &format!("{good}."), &format!("{good}A"), &format!(" {good}")]
    {
        assert_eq!(opened(odd, &keys), None, "{odd}");
    }
    assert_eq!(format!("{:?}", keys[0]), "LinkKey(1)", "no secret is written down");
}
