//! Identifiers that leave a member, and conflicts that a person decides.

use domain::kernel::refusal::Refusal as _;
use domain::members::conflict::{Conflict, Decision, Pair, Proposal};
use domain::members::consent::Said;
use domain::members::leaving::{Unlink, unlink};
use domain::members::settling::{Settled, Verdict, settle};
use domain::members::state::Member;

use super::brand::{Brand, at, given, id};

/// Takes an identifier from a member: what is left, or why not.
fn unlinked(member: &mut Member, n: u32, confirm: bool, of: Option<&str>) -> Result<Option<String>, &'static str> {
    let asked = Unlink { n, confirm, of: of.map(|source| vec![source.to_owned()]) };
    let taken = unlink(member, &asked, &Brand::new().rules).map_err(|refusal| refusal.code())?;
    Ok(taken.map(|held| held.identifier.kind.to_string()))
}

// rule: members 12
#[test]
fn the_last_identifier_by_which_a_member_is_found_is_taken_only_if_that_is_meant() {
    let mut world = Brand::new();
    world.told("2026-05-01", "crm c1: phone 13800138000, email mei@example.com, device 3F2504E0-4F89");
    let mut member = world.members[&id("m1")].clone();
    assert_eq!(unlinked(&mut member, 2, false, Some("till")), Err("not_found"), "a system takes what it has sent");
    assert_eq!(unlinked(&mut member, 2, false, Some("crm")), Ok(Some("phone".to_owned())));
    assert_eq!(unlinked(&mut member, 2, false, None), Ok(None), "once is once");
    assert_eq!(
        unlinked(&mut member, 2, false, Some("crm")),
        Err("not_found"),
        "nobody is told of what they do not see"
    );
    assert_eq!(unlinked(&mut member, 9, false, None), Err("not_found"));
    assert_eq!(unlinked(&mut member, 3, false, None), Err("last_identifier"));
    assert_eq!(unlinked(&mut member, 4, false, None), Ok(Some("device".to_owned())), "nobody is found by a device");
    assert_eq!(unlinked(&mut member, 3, true, None), Ok(Some("email".to_owned())));
    assert_eq!(unlinked(&mut member, 1, false, None), Ok(Some("external:crm".to_owned())));
    // A number is given once.
    let mut held = world.members[&id("m1")].identifiers[1].clone();
    held.n = 0;
    member.link(held).unwrap();
    assert_eq!(member.identifiers[0].n, 5);
}

// rule: members 12
#[test]
fn a_contact_is_nobodys_way_to_be_found() {
    let mut world = Brand::new();
    world.told("2026-05-01", "crm c1: phone 13800138000, email mei@example.com");
    let mut member = world.members[&id("m1")].clone();
    member.identifiers[2].contact = true;
    assert_eq!(unlinked(&mut member, 2, false, None), Err("last_identifier"));
    assert_eq!(unlinked(&mut member, 3, false, None), Ok(Some("email".to_owned())));
}

/// A child whose mother's phone the till has presented, and an address of the mother's that moved to the child.
fn family() -> (Brand, Conflict) {
    let mut world = Brand::new();
    world.told("2026-05-01", "till p1: phone 13800138000, email mei@example.com");
    world.told("2026-05-02", "till p2: phone 13800138000");
    world.told("2026-05-03", "app u2: email mei@example.com!");
    let conflict = world.conflicts[&Pair::of(&id("m1"), &id("m2")).unwrap()].clone();
    (world, conflict)
}

fn decided(world: &Brand, conflict: &Conflict, decision: Decision) -> Result<Settled, &'static str> {
    let members = conflict.pair.members().map(|member| world.members[member].clone());
    let verdict = Verdict { decision, survivor: None };
    settle(conflict, members, &verdict, at("2026-05-04")).map_err(|refusal| refusal.code())
}

/// What a member has: kinds, `~` before a mere contact, `!` behind what is verified.
fn kinds(member: &Member) -> Vec<String> {
    let word = |held: &domain::members::state::Held| {
        let contact = if held.contact { "~" } else { "" };
        let verified = if held.verified_at.is_some() { "!" } else { "" };
        format!("{contact}{}{verified}", held.identifier.kind)
    };
    member.identifiers.iter().map(word).filter(|word| !word.starts_with("external")).collect()
}

// rule: members 9
#[test]
fn each_decision_is_carried_out_for_every_identifier_of_the_conflict() {
    let (mut world, conflict) = family();
    let child = world.claims[&("external:app".to_owned(), "u2".to_owned())].0.clone();
    assert_eq!(child.as_str(), "m3", "the app's own");
    // The till's two members alone.
    assert_eq!(conflict.open.len(), 1);
    let mother = world.members.get_mut(&id("m1")).unwrap();
    let consents = [given("marketing", Some("sms"), "2026-05-01"), given("marketing", Some("email"), "2026-05-01")];
    for says in consents {
        let subject = (says.purpose, says.channel);
        let consent = domain::members::consent::Consent { said: Said::Given, at: says.at, version: Some(1) };
        mother.consents.insert(subject, consent);
    }
    let moved = decided(&world, &conflict, Decision::Move).unwrap();
    assert_eq!((kinds(&moved.members[0]), kinds(&moved.members[1])), (vec![], vec!["phone".to_owned()]));
    assert_eq!((moved.moved.len(), &moved.moved[0].1), (1, &id("m2")));
    let withdrawn: Vec<_> = moved.records.iter().map(|(whose, record)| (whose.as_str(), record.subject.1)).collect();
    assert_eq!(withdrawn, [("m1", Some("sms".parse().unwrap()))], "the consent to write there ends");
    assert!(moved.conflict.open.is_empty() && moved.conflict.settled.is_empty());

    let shared = decided(&world, &conflict, Decision::Share).unwrap();
    assert_eq!(
        (kinds(&shared.members[0]), kinds(&shared.members[1])),
        (vec!["phone".to_owned()], vec!["~phone".to_owned()])
    );
    assert!(shared.moved.is_empty() && shared.records.is_empty() && shared.conflict.settled.len() == 1);

    let kept = decided(&world, &conflict, Decision::Keep).unwrap();
    assert_eq!(kept.members, conflict.pair.members().map(|member| world.members[member].clone()));
    assert_eq!(decided(&world, &kept.conflict, Decision::Move), Err("already_resolved"));
    assert_eq!(decided(&world, &conflict, Decision::Merge), Err("not_mergeable"));
}

// rule: members 9
#[test]
fn what_has_left_both_since_is_left_alone_and_nobody_gets_too_many() {
    let (mut world, conflict) = family();
    let index = conflict.open[0].index;
    let gone = world.members.get_mut(&id("m1")).unwrap().unlink(index).unwrap();
    let moved = decided(&world, &conflict, Decision::Move).unwrap();
    assert!(moved.moved.is_empty() && kinds(&moved.members[1]).is_empty());
    world.members.get_mut(&id("m1")).unwrap().link(gone).unwrap();
    for number in 1..=5 {
        world.told("2026-05-03", &format!("till p2: phone 1390013900{number}"));
    }
    assert_eq!(decided(&world, &conflict, Decision::Move), Err("too_many_identifiers"));
    assert_eq!(decided(&world, &conflict, Decision::Share), Err("too_many_identifiers"));
}

// rule: members 9
#[test]
fn a_proposal_is_of_what_was_open_then() {
    let (mut world, mut conflict) = family();
    let proposal = |decision, survivor: Option<&str>| Proposal {
        decision,
        survivor: survivor.map(id),
        by: "agent:7".to_owned(),
        at: at("2026-05-04"),
    };
    assert_eq!(conflict.propose(proposal(Decision::Merge, Some("m9"))).map_err(|it| it.code()), Err("not_of_the_pair"));
    conflict.propose(proposal(Decision::Share, None)).unwrap();
    conflict.propose(proposal(Decision::Keep, None)).unwrap();
    assert_eq!(conflict.proposed.as_ref().map(|proposed| proposed.decision), Some(Decision::Keep));
    assert_eq!(conflict.open.len(), 1, "nothing is decided by it");
    world.conflicts.insert(conflict.pair.clone(), conflict.clone());
    world.told("2026-05-05", "till p2: phone 13800138000");
    assert!(world.conflicts[&conflict.pair].proposed.is_some(), "the same again is no news");
    world.told("2026-05-05", "till p1: phone 13900139001");
    world.told("2026-05-06", "till p2: phone 13900139001");
    assert_eq!(world.conflicts[&conflict.pair].proposed, None);
    let decided = decided(&world, &conflict, Decision::Keep).unwrap();
    assert_eq!(decided.conflict.proposed, None);
    assert_eq!(
        Conflict::new(conflict.pair).propose(proposal(Decision::Keep, None)).map_err(|it| it.code()),
        Err("already_resolved")
    );
}
