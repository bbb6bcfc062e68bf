//! Giving: once per order, to the project of then, paid once, or back.

use std::collections::BTreeMap;

use domain::engagement::giving::{
    Choices, DisbursementRefusal, Donation, Gift, GiftState, GivingRefusal, Moved, Movement, Order, Payment, Project,
    close, is_whole, proof, propose, report, verify_book,
};
use domain::engagement::{Scene, Standing};
use domain::kernel::quantity::Minor;
use domain::kernel::refusal::Refusal;
use domain::programme::compiled::Programme;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::challenges::SHANGHAI;
use super::stage::{at, member, programme, read};

const CHARITY: &str = "[charity]\nper_order_minor = 100\ndefault_project = 'rural-library'\ndisburse_after_days = 14\n\
                       projects = ['rural-library', 'farm-aid', { id = 'school', until = '2026-11-04' }]\n";

/// Members, their gifts, and what was paid.
struct World {
    programme: Programme,
    choices: BTreeMap<String, Choices>,
    gifts: BTreeMap<String, Gift>,
    nets: BTreeMap<String, Minor>,
    projects: Vec<Project>,
    paid: Vec<(String, u64, i64)>,
    movements: Vec<(Timestamp, String, Movement)>,
}

impl World {
    fn new(zone: &str) -> Self {
        let programme = programme(zone, CHARITY);
        let project = |id: &str| Project { id: id.into(), cutoff: None, month: None };
        Self {
            programme,
            choices: BTreeMap::new(),
            gifts: BTreeMap::new(),
            nets: BTreeMap::new(),
            projects: ["rural-library", "farm-aid", "school"].map(project).into(),
            paid: Vec::new(),
            movements: Vec::new(),
        }
    }

    fn of(&self, name: &str) -> Choices {
        self.choices.get(name).cloned().unwrap_or_else(|| Choices::new(member(name)))
    }

    fn choose(&mut self, now: &str, name: &str, project: &str) -> Result<(), GivingRefusal> {
        let giving = self.programme.engagement().giving.as_ref().unwrap();
        let scene = Scene { programme: &self.programme, now: at(now) };
        let change = self.of(name).choose(project, giving, &Standing::active(), scene)?;
        self.choices.insert(name.to_owned(), change.state);
        Ok(())
    }

    fn moved(&mut self, now: Timestamp, gift: &Gift, moved: Moved) {
        let movement =
            Movement { name: gift.name(), member: Some(gift.member.to_string()), moved, amount: gift.amount };
        self.movements.push((now, gift.project.clone(), movement));
    }

    /// An order that is told at an instant, and was paid at another: project, when it is due, how it stands.
    fn order(
        &mut self,
        [now, paid]: [&str; 2],
        (name, id): (&str, &str),
        net: i64,
    ) -> Option<(String, Timestamp, &'static str)> {
        let giving = self.programme.engagement().giving.as_ref().unwrap();
        let scene = Scene { programme: &self.programme, now: at(now) };
        let order = Order { id: id.into(), occurred_at: at(paid), net: Minor(net) };
        let key = format!("{name}|order|{id}");
        if !self.gifts.contains_key(&key) {
            let gift = Gift::of_order(&order, &self.of(name), giving, scene)?.state;
            self.moved(at(now), &gift, Moved::Booked);
            self.nets.insert(key.clone(), Minor(net));
            self.gifts.insert(key.clone(), gift);
        }
        let gift = &self.gifts[&key];
        Some((gift.project.clone(), gift.due_at, gift.state.name()))
    }

    fn donate(&mut self, now: &str, (name, id): (&str, &str), project: &str, value: i64) {
        let donation = Donation { id: id.into(), occurred_at: at(now), project: project.into(), value: Minor(value) };
        let scene = Scene { programme: &self.programme, now: at(now) };
        let gift = Gift::of_points(&donation, &member(name), scene).state;
        self.moved(at(now), &gift, Moved::Donated);
        self.gifts.insert(format!("{name}|redemption|{id}"), gift);
    }

    fn refund(&mut self, now: &str, name: &str, id: &str, refunded: i64) -> &'static str {
        let key = format!("{name}|order|{id}");
        if is_whole(self.nets[&key], Minor(refunded)) {
            let gift = self.gifts[&key].clone();
            let project = self.projects.iter().find(|project| project.id == gift.project).unwrap();
            let state = gift.returned(project.cutoff).state;
            if gift.state == GiftState::Booked && state.state == GiftState::Reversed {
                self.moved(at(now), &state, Moved::Reversed);
            }
            self.gifts.insert(key.clone(), state);
        }
        self.gifts[&key].state.name()
    }

    /// The run of a month: what each project is proposed.
    fn disburse(&mut self, now: &str) -> Vec<(String, u64, i64)> {
        let gifts: Vec<Gift> = self.gifts.values().cloned().collect();
        let scene = Scene { programme: &self.programme, now: at(now) };
        let mut proposed = Vec::new();
        for project in &mut self.projects {
            let Some((moved, disbursement)) = propose(project, &gifts, scene) else { continue };
            *project = moved;
            let Some(paid) = disbursement else { continue };
            let movement =
                Movement { name: paid.month.to_string(), member: None, moved: Moved::Disbursed, amount: paid.amount };
            self.movements.push((at(now), paid.project.clone(), movement));
            proposed.push((paid.project, paid.count, paid.amount.0));
        }
        self.paid.extend(proposed.clone());
        proposed
    }

    /// What is booked of a project, and not paid.
    fn open(&self, project: &str) -> i64 {
        let of = |gift: &&Gift| gift.project == project && gift.state != GiftState::Reversed;
        let gifts: i64 = self.gifts.values().filter(of).map(|gift| gift.amount.0).sum();
        gifts - self.paid.iter().filter(|(to, ..)| to == project).map(|(.., minor)| minor).sum::<i64>()
    }
}

fn booked(project: &str, due: &str) -> Option<(String, Timestamp, &'static str)> {
    Some((project.to_owned(), at(due), "booked"))
}

// rule: draws 2.1
#[test]
fn an_order_gives_once_whatever_it_comes_to() {
    let mut world = World::new(SHANGHAI);
    let due = booked("rural-library", "2026-11-16T16:00:00Z");
    let paid = "2026-11-03T03:00:00Z";
    assert_eq!(world.order([paid, paid], ("m-1", "o1"), 19_990), due);
    assert_eq!(world.order(["2026-11-03T04:00:00Z", paid], ("m-1", "o1"), 19_990), due);
    assert_eq!(world.open("rural-library"), 100);
    assert_eq!(world.order([paid, paid], ("m-1", "o2"), 1), due);
    assert_eq!(world.order([paid, paid], ("m-1", "o3"), 0), None, "nothing was paid");
    assert_eq!(world.open("rural-library"), 200);
}

// rule: draws 2.2
#[test]
fn it_goes_where_the_member_had_chosen_then() {
    let mut world = World::new(SHANGHAI);
    world.choose("2026-11-03T03:00:00Z", "m-1", "farm-aid").unwrap();
    let mut project = |now: &str, id: &str, paid: &str| world.order([now, paid], ("m-1", id), 5_000).unwrap().0;
    assert_eq!(project("2026-11-03T04:00:00Z", "o1", "2026-11-03T02:59:59Z"), "rural-library");
    assert_eq!(project("2026-11-03T04:00:00Z", "o2", "2026-11-03T03:00:00Z"), "farm-aid");
    world.choose("2026-11-05T03:00:00Z", "m-1", "rural-library").unwrap();
    let late = world.order(["2026-11-05T15:00:00Z", "2026-11-04T03:00:00Z"], ("m-1", "o3"), 5_000);
    assert_eq!(late, booked("farm-aid", "2026-11-17T16:00:00Z"));
    assert_eq!((world.open("rural-library"), world.open("farm-aid")), (100, 200), "what is booked stays");
}

// rule: draws 2.2
#[test]
fn a_project_that_is_closed_takes_nothing() {
    let mut world = World::new(SHANGHAI);
    world.choose("2026-11-03T03:00:00Z", "m-1", "school").unwrap();
    let project = |world: &mut World, now: &str, id: &str| {
        world.order([now, "2026-11-03T04:00:00Z"], ("m-1", id), 5_000).unwrap().0
    };
    assert_eq!(project(&mut world, "2026-11-04T15:59:59Z", "o1"), "school");
    assert_eq!(project(&mut world, "2026-11-04T16:00:00Z", "o2"), "rural-library", "closed when it is booked");
    let closed = world.choose("2026-11-04T16:00:00Z", "m-2", "school").unwrap_err();
    assert_eq!(closed, GivingRefusal::ProjectClosed);
    let unknown = world.choose("2026-11-04T16:00:00Z", "m-2", "moon").unwrap_err();
    assert_eq!((unknown.code(), unknown.field()), ("unknown_project", Some("project")));
    let many = (0..30).fold(Choices::new(member("m-3")), |choices, n| {
        let giving = world.programme.engagement().giving.as_ref().unwrap();
        let scene = Scene { programme: &world.programme, now: at(&format!("2026-11-03T03:{n:02}:00Z")) };
        let project = ["farm-aid", "rural-library"][n % 2];
        choices.choose(project, giving, &Standing::active(), scene).unwrap().state
    });
    assert_eq!(many.chosen.len(), Choices::MOST);
}

// rule: draws 2.5, 2.6
#[test]
fn what_comes_back_before_it_is_paid_takes_its_gift_along_and_after_that_it_is_kept() {
    let paid = "2026-11-03T03:00:00Z";
    let mut world = World::new(SHANGHAI);
    world.order([paid, paid], ("m-1", "o1"), 19_990);
    assert_eq!(world.refund("2026-11-05T03:00:00Z", "m-1", "o1", 19_989), "booked", "a part changes nothing");
    assert_eq!(world.refund("2026-11-06T03:00:00Z", "m-1", "o1", 19_990), "reversed");
    assert_eq!(world.refund("2026-11-06T04:00:00Z", "m-1", "o1", 19_990), "reversed");
    assert_eq!(world.disburse("2026-11-30T21:30:00Z"), []);
    assert_eq!(world.open("rural-library"), 0);

    let mut world = World::new(SHANGHAI);
    world.order([paid, paid], ("m-1", "o1"), 19_990);
    assert_eq!(world.disburse("2026-11-30T21:30:00Z"), [("rural-library".to_owned(), 1, 100)]);
    assert_eq!(world.projects[0].cutoff, Some(at("2026-11-30T16:00:00Z")));
    assert_eq!(world.refund("2026-12-02T21:30:00Z", "m-1", "o1", 19_990), "kept");
    assert_eq!(world.disburse("2026-12-31T21:30:00Z"), []);
    assert_eq!(world.open("rural-library"), 0);
    let given = report(&world.gifts.values().cloned().collect::<Vec<_>>(), 2026);
    assert_eq!((given["rural-library"].orders, given["rural-library"].kept), (1, Minor(100)));
}

// rule: draws 2.4, 2.6
#[test]
fn what_is_told_late_is_paid_by_the_next_run() {
    let mut world = World::new(SHANGHAI);
    let late = world.order(["2026-12-05T01:00:00Z", "2026-11-10T01:00:00Z"], ("m-1", "o1"), 5_000);
    assert_eq!(late, booked("rural-library", "2026-12-05T16:00:00Z"));
    assert_eq!(world.disburse("2026-12-31T21:30:00Z"), [("rural-library".to_owned(), 1, 100)]);

    // December's run did not happen: January's pays for both, and a second one nothing.
    let mut world = World::new(SHANGHAI);
    let (first, second) = ("2026-11-03T03:00:00Z", "2026-11-30T21:30:00Z");
    world.order([first, first], ("m-1", "o1"), 5_000);
    assert_eq!(world.order([second, second], ("m-1", "o2"), 5_000), booked("rural-library", "2026-12-14T16:00:00Z"));
    assert_eq!(world.disburse("2026-12-31T21:30:00Z"), [("rural-library".to_owned(), 2, 200)]);
    assert_eq!(world.disburse("2026-12-31T22:30:00Z"), []);
}

// rule: draws 2.3, 2.6
#[test]
fn two_projects_in_one_month_and_points_that_were_given() {
    let mut world = World::new(SHANGHAI);
    world.choose("2026-11-03T03:00:00Z", "m-1", "farm-aid").unwrap();
    for n in 1..=9_usize {
        let now = format!("2026-11-03T{:02}:00:00Z", n + 3);
        world.order([&now, &now], (["m-1", "m-2", "m-3"][n % 3], &format!("o{n}")), 5_000);
    }
    world.donate("2026-11-03T03:00:00Z", ("m-2", "r1"), "farm-aid", 300);
    assert_eq!(world.gifts["m-2|redemption|r1"].due_at, at("2026-11-16T16:00:00Z"));
    let zone = world.programme.zone();
    assert_eq!(Gift::final_at(at("2026-11-03T03:00:00Z"), zone), at("2026-11-16T16:00:00Z"));
    let proposed = world.disburse("2026-11-30T21:30:00Z");
    assert_eq!(proposed, [("rural-library".to_owned(), 6, 600), ("farm-aid".to_owned(), 4, 600)]);
    let given = report(&world.gifts.values().cloned().collect::<Vec<_>>(), 2026);
    let farm = given["farm-aid"];
    assert_eq!((farm.orders, farm.amount, farm.points, farm.kept), (3, Minor(300), Minor(300), Minor(0)));
}

// rule: draws 2.8
#[test]
fn a_year_is_reported_by_when_gifts_were_booked() {
    let mut world = World::new(SHANGHAI);
    let (before, after) = ("2026-12-31T15:59:59Z", "2026-12-31T16:00:00Z");
    world.order([before, before], ("m-1", "o1"), 5_000);
    world.order([after, after], ("m-1", "o2"), 5_000);
    let gifts: Vec<Gift> = world.gifts.values().cloned().collect();
    let orders = |year| report(&gifts, year).get("rural-library").map_or(0, |given| given.orders);
    assert_eq!([orders(2025), orders(2026), orders(2027)], [0, 1, 1]);
}

// rule: draws 2.6
#[test]
fn two_persons_stand_for_a_payment() {
    let mut world = World::new(SHANGHAI);
    let paid = "2026-11-03T03:00:00Z";
    world.order([paid, paid], ("m-1", "o1"), 5_000);
    let gifts: Vec<Gift> = world.gifts.values().cloned().collect();
    let scene = Scene { programme: &world.programme, now: at("2026-11-30T21:30:00Z") };
    let proposed = propose(&world.projects[0], &gifts, scene).unwrap().1.unwrap();
    assert_eq!(proposed.confirmed("bo").unwrap_err().code(), "wrong_state");
    let payment =
        |by: &str| Payment { receipt: "R-1".into(), url: "https://a".into(), on: date(2026, 12, 2), by: by.into() };
    let entered = proposed.paid(payment("an")).unwrap().state;
    assert_eq!(entered.paid(payment("an")).unwrap().state, entered);
    assert_eq!(entered.paid(payment("bo")).unwrap_err().code(), "wrong_state");
    assert_eq!(entered.confirmed("an"), Err(DisbursementRefusal::SameApprover));
    let confirmed = entered.confirmed("bo").unwrap();
    assert_eq!(confirmed.facts.len(), 1);
    assert!(confirmed.state.confirmed("cy").is_err());
}

// rule: draws 2.7
#[test]
fn a_line_that_was_changed_is_found() {
    let movement = |name: &str, moved, minor| Movement {
        name: name.into(),
        member: Some("m-1".into()),
        moved,
        amount: Minor(minor),
    };
    let first =
        close("p", None, date(2026, 11, 25), &[movement("a", Moved::Booked, 100), movement("b", Moved::Donated, 5)]);
    let second = close("p", Some(&first), date(2026, 11, 27), &[movement("a", Moved::Reversed, 100)]);
    assert_eq!((first.balance, second.balance, first.booked.count), (Minor(105), Minor(5), 1));
    assert_eq!(verify_book(&[first.clone(), second.clone()]), None);
    let again =
        close("p", None, date(2026, 11, 25), &[movement("b", Moved::Donated, 5), movement("a", Moved::Booked, 100)]);
    assert_eq!(again, first, "whatever the order in which they are read");
    let both = [movement("b", Moved::Donated, 5), movement("a", Moved::Booked, 100)];
    for own in &both {
        let path = proof(own, &both).unwrap();
        assert!(first.holds(own, &path) && !second.holds(own, &path), "from a gift to its line, and to no other");
        assert!(!first.holds(&movement("a", Moved::Booked, 101), &path));
    }
    assert_eq!(proof(&movement("c", Moved::Booked, 1), &both), None);
    let mut forged = first.clone();
    forged.booked.sum = Minor(200);
    forged.balance = Minor(205);
    assert!(verify_book(&[forged.clone(), second.clone()]).is_some_and(|line| *line == forged));
    assert!(verify_book(std::slice::from_ref(&second)).is_some(), "one that follows nothing");
    let overdrawn = close("p", None, date(2026, 11, 25), &[movement("a", Moved::Disbursed, 1)]);
    assert!(verify_book(&[overdrawn]).is_some());
}

// rule: draws 2.2
#[test]
fn programmes_name_projects_that_there_are() {
    let default = |id: &str| CHARITY.replace("default_project = 'rural-library'", &format!("default_project = '{id}'"));
    assert!(read(SHANGHAI, &default("moon")).is_err());
    assert!(read(SHANGHAI, &default("school")).is_err(), "it will be closed");
    assert!(read(SHANGHAI, &CHARITY.replace("= 100", "= 0")).is_err());
    assert!(read(SHANGHAI, &CHARITY.replace("2026-11-04", "soon")).is_err());
}

proptest! {
    /// Whatever is ordered, comes back and is paid: gifts are books are paid and open, to the cent.
    // rule: draws 2.5, 2.6, 2.7
    #[test]
    fn books_are_what_was_given(
        steps in prop::collection::vec((0..90_u16, 0..4_u8, 0..12_u8), 1..60),
    ) {
        let mut world = World::new(SHANGHAI);
        let mut steps = steps;
        steps.sort_unstable();
        for (day, what, which) in steps {
            let now = (at("2026-11-01T02:00:00Z") + jiff::SignedDuration::from_hours(24 * i64::from(day))).to_string();
            let (name, order) = (format!("m-{}", which % 3), format!("o{which}"));
            match what {
                0 => { world.order([&now, &now], (&name, &order), 5_000); }
                1 if world.gifts.contains_key(&format!("{name}|order|{order}")) => {
                    world.refund(&now, &name, &order, 5_000);
                }
                2 => world.choose(&now, &name, ["farm-aid", "rural-library"][usize::from(which) % 2]).unwrap(),
                _ => { world.disburse(&now); }
            }
        }
        for project in ["rural-library", "farm-aid"] {
            let mut lines = Vec::new();
            let zone = world.programme.zone().clone();
            let of: Vec<_> = world.movements.iter().filter(|(_, to, _)| to == project).collect();
            let dates: std::collections::BTreeSet<_> = of.iter().map(|(now, ..)| zone.date(*now)).collect();
            for date in dates {
                let these: Vec<Movement> = of.iter().filter(|(now, ..)| zone.date(*now) == date).map(|(.., m)| m.clone()).collect();
                let line = close(project, lines.last(), date, &these);
                prop_assert!(line.balance >= Minor::ZERO);
                lines.push(line);
            }
            prop_assert!(verify_book(&lines).is_none());
            prop_assert_eq!(lines.last().map_or(0, |line| line.balance.0), world.open(project));
        }
    }
}
