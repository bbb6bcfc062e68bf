//! Whether a member may earn and spend: suspended, active again, closed, and emptied for ever.

use domain::kernel::id::MemberId;
use domain::kernel::membership::MemberState;
use domain::kernel::quantity::{Minor, Points};
use domain::kernel::refusal::Refusal;
use domain::ledger::benefit::UseBenefit;
use domain::ledger::closing::Close;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::effect::Effect;
use domain::ledger::entry::{Detail, Entry, Initiator, Posted};
use domain::ledger::grant::Grant;
use domain::ledger::granted::{GrantRefusal, Granted};
use domain::ledger::membership::Membership;
use domain::ledger::proof::{Difference, Heads, difference};
use domain::ledger::refusal::Refused;
use domain::ledger::stand::Stand;
use domain::ledger::telling::events;

use crate::world::{AT_ONCE, World, behaviour, order};

impl World {
    #[track_caller]
    pub(crate) fn try_stand(&mut self, state: MemberState) -> Result<Entry, Refused> {
        self.run(Command::Stand(Stand { state, reason: Some("as agreed".to_owned()) }))
    }

    #[track_caller]
    pub(crate) fn stands(&mut self, state: MemberState) -> Entry {
        self.try_stand(state).expect("the state follows")
    }

    #[track_caller]
    fn closes(&mut self) -> Entry {
        let close = Close { because: "erased".to_owned() };
        self.execute(Instruction::closing(&self.account.member.clone(), close, self.now)).expect("an account is closed")
    }

    /// Why a command is refused.
    #[track_caller]
    fn refuses(&mut self, command: Command) -> &'static str {
        self.run(command).expect_err("it is refused").code()
    }
}

/// What was posted of facts that had waited: entry, points and status points.
#[track_caller]
fn posted(entry: &Entry) -> Vec<(u64, i64, i64)> {
    let Detail::Standing { posted, .. } = &entry.detail else { panic!("{entry:?}") };
    let sums = |posted: &Posted| (posted.entry, posted.trace.values().map(|points| points.0).sum(), posted.status.0);
    posted.iter().map(sums).collect()
}

fn told(entry: &Entry) -> Vec<String> {
    let told = events(&"m-1".parse::<MemberId>().unwrap(), entry, |_| true);
    told.into_iter()
        .map(|event| event.kind.trim_start_matches("perennial.").trim_end_matches(".v1").to_owned())
        .collect()
}

// rule: members 25
#[test]
fn what_a_suspended_member_earns_waits_and_is_posted_with_its_own_dates() {
    let mut world = World::new(&[]);
    world.order("o-1", 10_000);
    world.stands(MemberState::Suspended);
    let reported = world.order("o-2", 19_990);
    assert_eq!(
        (reported.points(), world.pending(), told(&reported)),
        (Points(0), 100, vec!["earn.orderpaid".to_owned()])
    );
    let Detail::Earn { inputs, status, .. } = &reported.detail else { unreachable!() };
    assert!(inputs.suspended, "the entry says why");
    assert_eq!(*status, Points(199), "and what waits");
    assert_eq!(world.account.qualifying.values().copied().sum::<Points>(), Points(100), "no status either");
    world.days(3);
    world.report(behaviour("ugc.featured", &[]));
    let lifted = world.stands(MemberState::Active);
    assert_eq!(posted(&lifted), [(reported.sequence, 199, 199), (4, 100, 0)]);
    assert_eq!((world.pending(), world.active()), (299, 100), "orders wait for the return window as ever");
    assert_eq!(world.account.qualifying.values().copied().sum::<Points>(), Points(299));
    assert_eq!(told(&lifted), ["led.pointsearned", "led.statuscredited", "led.pointsearned"]);
    let mut never = World::new(&[]);
    never.order("o-1", 10_000);
    never.order("o-2", 19_990);
    never.days(3);
    never.report(behaviour("ugc.featured", &[]));
    assert_eq!(world.account.pockets, never.account.pockets, "as if there had been no suspension");
    // It is posted once.
    world.stands(MemberState::Suspended);
    assert_eq!(posted(&world.stands(MemberState::Active)), []);
}

// rule: members 25
#[test]
fn what_is_returned_meanwhile_is_not_posted_and_what_is_returned_later_is_taken_back() {
    let mut world = World::new(&[AT_ONCE]);
    world.stands(MemberState::Suspended);
    world.order("o-1", 19_990);
    world.order("o-2", 10_000);
    let part = world.refund("o-1", 6_663);
    assert_eq!((part.points(), world.debt()), (Points(0), 0), "nothing was posted that could be taken");
    let Detail::Refund { withheld, status, .. } = part.detail else { unreachable!() };
    assert_eq!((withheld, status, told(&part)), (Some(Points(66)), Points(66), vec!["earn.orderrefunded".to_owned()]));
    world.refund("o-2", 10_000);
    let lifted = world.stands(MemberState::Active);
    assert_eq!((posted(&lifted), world.active()), (vec![(2, 133, 133)], 133));
    let rest = world.refund("o-1", 13_327);
    assert_eq!((rest.clawed_back(), world.active(), world.debt()), (Points(133), 0, 0));
    assert!(world.account.qualifying.is_empty(), "status points are back as well");
}

// rule: members 25
#[test]
fn a_programme_may_keep_what_was_reported_meanwhile() {
    let mut world = World::new(&[AT_ONCE, ("[members]\n", "[members]\npost_on_reactivation = false\n")]);
    world.stands(MemberState::Suspended);
    world.order("o-1", 10_000);
    assert_eq!((posted(&world.stands(MemberState::Active)), world.active()), (vec![], 0));
    let later = world.refund("o-1", 10_000);
    assert_eq!((later.points(), world.debt()), (Points(0), 0), "what was never posted is never taken back");
}

// rule: members 25
#[test]
fn a_member_who_is_suspended_or_has_left_spends_nothing() {
    for state in [MemberState::Suspended, MemberState::Closed] {
        let mut world = World::new(&[]);
        for day in 0..3 {
            world.give(1_000);
            world.days(day);
        }
        world.tier("gold");
        let bought = world.redeem("drink").unwrap();
        let (open, other) = (world.hold(100).unwrap(), world.hold(100).unwrap());
        world.stands(state);
        for refused in [world.redeem("drink"), world.hold(100)] {
            let refused = refused.unwrap_err();
            assert_eq!((refused.code(), refused.data()["state"].as_str()), ("member_not_active", Some(state.name())));
        }
        let benefit = UseBenefit { benefit: "birthday-gift".to_owned(), cause: None };
        assert_eq!(world.refuses(Command::UseBenefit(benefit)), "member_not_active");
        let what = Granted::Reward("drink".to_owned());
        let given = world.run(Command::Grant(Grant { what, valid_days: None, cause: "grant-1".to_owned() })).unwrap();
        let Detail::GrantRefused { code, .. } = given.detail else { panic!("{given:?}") };
        assert_eq!(code, GrantRefusal::MemberNotActive, "whoever asked is told by an event");
        // What had begun goes on.
        let before = world.active();
        world.run(Command::Capture { hold: open.sequence }).unwrap();
        world.run(Command::Release { hold: other.sequence }).unwrap();
        world.reverse(&bought, None, Initiator::Merchant).unwrap();
        world.give(-100);
        assert_eq!(world.active(), before + 100 + 100 - 100);
        let late = world.run(Command::Earn(order("o-9", 10_000)));
        match state {
            MemberState::Closed => assert_eq!(late.unwrap_err().code(), "member_closed"),
            _ => assert_eq!(late.unwrap().points(), Points(0)),
        }
    }
}

// rule: members 25, 26
#[test]
fn a_state_follows_some_states_and_no_others() {
    type Case<'a> = (&'a [MemberState], MemberState, Option<&'a [&'a str]>);
    use MemberState::{Active, Closed, Suspended};
    let cases: [Case<'_>; 8] = [
        (&[], Suspended, None),
        (&[], Closed, None),
        (&[], Active, Some(&["suspended", "closed"])),
        (&[Suspended], Suspended, Some(&["active", "closed"])),
        (&[Suspended], Closed, None),
        (&[Suspended, Closed], Active, None),
        (&[Closed], Suspended, Some(&["active"])),
        (&[Closed], Closed, Some(&["active"])),
    ];
    for (before, state, refused) in cases {
        let mut world = World::new(&[]);
        before.iter().for_each(|state| _ = world.stands(*state));
        let outcome = world.try_stand(state);
        let Some(allowed) = refused else {
            assert_eq!(outcome.unwrap().points(), Points(0), "{before:?} {state:?}");
            continue;
        };
        let refusal = outcome.unwrap_err();
        assert_eq!((refusal.code(), &refusal.data()["allowed"]), ("wrong_state", &serde_json::json!(allowed)));
    }
}

// rule: members 26
#[test]
fn who_is_let_in_again_has_everything_as_it_was_and_what_waited_before() {
    let mut world = World::new(&[AT_ONCE]);
    world.order("o-1", 10_000);
    world.stands(MemberState::Suspended);
    world.order("o-2", 5_000);
    world.stands(MemberState::Closed);
    world.days(29);
    assert_eq!((posted(&world.stands(MemberState::Active)), world.active()), (vec![(3, 50, 50)], 150));
    assert_eq!(world.account.membership, Membership::Active);
}

// rule: members 26
#[test]
fn an_account_that_is_emptied_has_nothing_and_takes_nothing_in_any_more() {
    let mut world = World::new(&[]);
    world.give(320);
    let order_points = world.order("o-1", 5_000).points();
    world.tier("gold");
    world.hold(100).unwrap();
    let closed = world.closes();
    let (released, expired, forgiven) = (Points(100), Points(370), Points(0));
    assert_eq!(closed.detail, Detail::Closed { because: "erased".to_owned(), released, expired, forgiven });
    assert_eq!((closed.points(), closed.balance, order_points), (Points(-370), Points(0), Points(50)));
    assert!(matches!(&world.effects[..], [Effect::EndHold { paid: Minor::ZERO, .. }]), "the order is free again");
    assert_eq!((told(&closed), world.account.due(world.setting())), (vec!["led.pointsexpired".to_owned()], None));
    assert_eq!(world.closes(), closed, "it happens once");
    assert_eq!(world.refuses(Command::Earn(order("o-2", 100))), "member_erased");
    assert_eq!(world.redeem("drink").unwrap_err().code(), "member_erased");
    assert_eq!(world.try_stand(MemberState::Active).unwrap_err().code(), "member_erased");
    let refund = world.refund("o-1", 5_000);
    assert_eq!((refund.points(), refund.balance), (Points(0), Points(0)), "for the shop must go on");
}

// rule: members 26
#[test]
fn the_debt_of_an_account_that_is_emptied_is_forgiven() {
    let mut world = World::new(&[AT_ONCE]);
    world.order("o-1", 10_000);
    world.spend(100).unwrap();
    world.refund("o-1", 10_000);
    assert_eq!(world.debt(), 100);
    let closed = world.closes();
    let Detail::Closed { expired, forgiven, .. } = closed.detail else { unreachable!() };
    assert_eq!((expired, forgiven, closed.balance, world.debt()), (Points(0), Points(100), Points(0), 0));
    assert_eq!(told(&closed), [""; 0], "what is forgiven is not repaid");
}

// rule: members 25
#[test]
fn where_a_member_stands_is_proved_and_sealed() {
    let mut world = World::new(&[]);
    world.order("o-1", 10_000);
    world.stands(MemberState::Suspended);
    let found = |world: &World| difference(&world.account, &world.history, &[], &Heads::new());
    assert_eq!(found(&world), None);
    world.account.membership = Membership::Active;
    assert_eq!(found(&world), Some(Difference::Seal), "nobody lifts it by hand");
    world.account.seal = world.account.seal_of_state();
    assert_eq!(found(&world), Some(Difference::Membership), "not even with the seal");
}
