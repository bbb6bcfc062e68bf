//! Codes, touches, claims: who brought whom.

use domain::engagement::Scene;
use domain::engagement::referral::{
    ClaimRefusal, Claiming, CodeRefusal, Ground, IdentityHash, Kind, ReferralCode, Touch, issue,
};
use domain::kernel::refusal::Refusal;
use jiff::SignedDuration;

use super::{CLAIMED, World, has};
use crate::engagement::stage::{at, member, of_tier};

// rule: referral 1.1, 1.2
#[test]
fn a_code_is_eight_letters_that_cannot_be_taken_for_others() {
    let codes = [("m-1", 0), ("m-1", 1), ("m-2", 0)].map(|(name, n)| ReferralCode::of(b"secret", &member(name), n));
    for code in &codes {
        assert!(code.as_str().len() == 8 && !code.as_str().contains(['I', 'L', 'O', 'U']), "{code}");
        assert_eq!(ReferralCode::read(&code.as_str().to_lowercase()), *code);
    }
    assert!(codes[0] != codes[1] && codes[0] != codes[2]);
    assert_eq!(ReferralCode::read(" mOmilL00 ").as_str(), "M0M11100");
    let world = World::new(&[]);
    let scene = Scene { programme: &world.programme, now: at(CLAIMED) };
    let issue = |has: Option<&ReferralCode>, tier: &str| {
        issue((b"secret", 0), (&member("m-1"), has), &world.referral(), &of_tier(tier), scene)
    };
    let low = CodeRefusal::TierTooLow { tier: "silver".into(), needs: "gold".into() };
    assert_eq!(issue(None, "silver"), Err(low));
    assert_eq!(issue(None, "black"), Ok(codes[0].clone()));
    assert_eq!(issue(Some(&codes[1]), "gold"), Ok(codes[1].clone()), "asking again answers it");
}

// rule: referral 2.1
#[test]
fn a_touch_is_a_token_that_nobody_else_can_make() {
    let touch = Touch { code: ReferralCode::read("MAMA2026"), at: at("2026-11-01T00:00:00.123Z") };
    let token = touch.token(b"secret");
    assert_eq!(Touch::read(b"secret", &token), Some(touch));
    let forged = token.replace("MAMA2026", "B1ACK001");
    let long = "MAMA2026.99999999999999999999.X".to_owned();
    for wrong in [forged, token.replace('.', ""), String::new(), "..".into(), long] {
        assert_eq!(Touch::read(b"secret", &wrong), None, "{wrong}");
    }
    assert_eq!(Touch::read(b"another", &token), None);
}

// rule: referral 3.3
#[test]
fn the_earliest_touch_that_is_not_too_old_counts() {
    let mut world = World::new(&[]);
    let touch = |code: &str, time: &str| Touch { code: ReferralCode::read(code), at: at(time) };
    let touches = vec![touch("MAMA2026", "2026-10-03T03:00:00Z"), touch("B1ACK001", "2026-10-03T03:00:01Z")];
    let claiming = Claiming { touches: touches.clone(), ..World::friend("m-f", None) };
    assert_eq!(world.claim(CLAIMED, claiming), Ok("claimed"), "30 days are over for the first");
    let claim = &world.claims["m-f"];
    assert_eq!((claim.advocate.to_string(), claim.expires_at), ("m-other".into(), at("2026-11-02T03:00:01Z")));
    let old = Claiming { touches: touches[..1].to_vec(), ..World::friend("m-g", None) };
    assert_eq!(world.claim(CLAIMED, old.clone()), Err(ClaimRefusal::NoValidTouch));
    let typed = Claiming { code: Some(ReferralCode::read("mama2026")), ..old };
    assert_eq!(world.claim(CLAIMED, typed), Ok("claimed"), "the claim is the touch");
    let claim = &world.claims["m-g"];
    assert_eq!((claim.touched_at, claim.expires_at), (at(CLAIMED), at("2026-12-02T03:00:00Z")));
}

// rule: referral 3.1, 3.2
#[test]
fn a_friend_claims_once() {
    let mut world = World::new(&[]);
    assert_eq!(world.claims("m-f"), "claimed");
    let again = |code: &str| World::friend("m-f", Some(code));
    assert_eq!(world.claim("2026-11-02T04:00:00Z", again("MAMA2026")), Ok("claimed"), "the same is the same answer");
    let refused = ClaimRefusal::AlreadyClaimed { advocate_code: "MAMA2026".into(), at: at(CLAIMED) };
    assert_eq!(world.claim("2026-11-02T05:00:00Z", again("B1ACK001")), Err(refused));
    let closed = world.claims["m-f"].clone();
    let paused = World::friend("m-g", Some("MAMA2026")).decide(
        Ground { open: false, earlier: Some(&closed), advocate: None },
        &world.referral(),
        at(CLAIMED),
    );
    assert_eq!(paused, Err(ClaimRefusal::ReferralPaused), "first of all");
}

// rule: referral 3.4, 3.5, 3.6
#[test]
fn nobody_brings_themselves_or_who_brought_them() {
    let mut world = World::new(&[]);
    let unknown = world.claim(CLAIMED, World::friend("m-f", Some("N0B0DY00"))).unwrap_err();
    assert_eq!((unknown.code(), unknown.blocks()), ("unknown_code", false));
    assert_eq!(world.claim(CLAIMED, World::friend("m-f", Some("S11VER00"))), Err(ClaimRefusal::CodeInactive));
    let own = ClaimRefusal::SelfReferral { by: "member" };
    assert_eq!(world.claim(CLAIMED, World::friend("m-lead", Some("MAMA2026"))), Err(own));
    for (kind, byte) in [(Kind::Phone, 1), (Kind::Email, 2), (Kind::Device, 3), (Kind::Pay, 4), (Kind::Door, 5)] {
        let same = Claiming { identities: has(&[(kind, byte)]), ..World::friend("m-f", Some("MAMA2026")) };
        let refused = world.claim(CLAIMED, same).unwrap_err();
        assert_eq!(refused, ClaimRefusal::SelfReferral { by: kind.name() });
        assert!(refused.blocks(), "it is counted");
        let other = Claiming { identities: has(&[(kind, 99)]), ..World::friend(kind.name(), Some("MAMA2026")) };
        assert_eq!(world.claim(CLAIMED, other), Ok("claimed"));
    }
    world.advocates.get_mut("B1ACK001").unwrap().above = vec![member("m-lead"), member("m-top")];
    for name in ["m-lead", "m-top"] {
        assert_eq!(world.claim(CLAIMED, World::friend(name, Some("B1ACK001"))), Err(ClaimRefusal::Cycle));
    }
}

// rule: referral 3.7, 3.8
#[test]
fn a_friend_is_new() {
    let mut world = World::new(&[]);
    let since = |name: &str, time: &str| Claiming { enrolled_at: at(time), ..World::friend(name, Some("MAMA2026")) };
    assert_eq!(world.claim(CLAIMED, since("m-a", "2026-11-01T03:00:00Z")), Ok("claimed"), "24 hours before");
    let enrolled_at = at("2026-11-01T02:59:59Z");
    let refused = world.claim(CLAIMED, since("m-b", "2026-11-01T02:59:59Z"));
    assert_eq!(refused, Err(ClaimRefusal::FriendNotNew { enrolled_at }));
    let touches = vec![Touch { code: ReferralCode::read("MAMA2026"), at: at("2026-10-31T12:00:00Z") }];
    let touched = Claiming { touches, ..since("m-b", "2026-11-01T02:59:59Z") };
    assert_eq!(world.claim(CLAIMED, touched), Ok("claimed"), "enrolled after the touch");
    let bought = Claiming { has_ordered: true, ..World::friend("m-c", Some("MAMA2026")) };
    assert_eq!(world.claim(CLAIMED, bought), Err(ClaimRefusal::NotFirstOrder));
}

// rule: referral 3.9
#[test]
fn what_is_suspicious_is_looked_at() {
    let mut world = World::new(&[]);
    let flags = |world: &World, name: &str| -> Vec<&'static str> {
        world.claims[name].flags.iter().map(|flag| flag.name()).collect()
    };
    let house = Claiming { identities: has(&[(Kind::House, 6)]), ..World::friend("m-h", Some("MAMA2026")) };
    assert_eq!((world.claim(CLAIMED, house), flags(&world, "m-h")), (Ok("review"), vec!["household"]));
    let from =
        |name: &str, byte: u8| Claiming { ip: Some(IdentityHash([byte; 16])), ..World::friend(name, Some("MAMA2026")) };
    assert_eq!((world.claim(CLAIMED, from("m-i", 7)), flags(&world, "m-i")), (Ok("review"), vec!["advocate_ip"]));
    let start = at(CLAIMED);
    for n in 0..10_i64 {
        let now = (start + SignedDuration::from_mins(n)).to_string();
        assert_eq!(world.claim(&now, from(&format!("m-{n}"), 8)), Ok("claimed"));
    }
    assert_eq!(world.claim("2026-11-02T03:10:00Z", from("m-10", 8)), Ok("review"), "the eleventh");
    assert_eq!(flags(&world, "m-10"), ["ip_velocity"]);
    // Seven days after the second of eleven, nine are in the window.
    let fresh = |name: &str| Claiming { enrolled_at: at("2026-11-09T03:00:00Z"), ..from(name, 8) };
    assert_eq!(world.claim("2026-11-09T03:00:59.999Z", fresh("m-11")), Ok("review"));
    assert_eq!(world.claim("2026-11-09T03:09:00Z", fresh("m-12")), Ok("claimed"));
}
