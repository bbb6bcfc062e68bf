//! Lives of a few people whom the crm knows: they buy, spend and return, bring over what they had elsewhere, are suspended and let in again,
//! turn out to be one and two again, and are given everything that is known of them. One thing happens after the other, each to the end of
//! the chain, now and then with a call that ends badly; days pass in between. What happens is drawn by a generator of its own.

use domain::kernel::planted;
use fastrand::Rng;

use crate::bugs;
use crate::contexts::members::lives::Life;
use crate::contexts::wish::fired;
use crate::crash_points::End;
use crate::plan::{Outcome, Plan};
use crate::stack::{MOST_SKEW, binary, stack};
use crate::world::{World, block_on};

/// How much happens in a life.
const HAPPENINGS: usize = 30;
const HOUR: i64 = 3_600_000;
/// Among so many calls one ends badly, now and then.
const CALLS: usize = 16;

/// Lives the lives of a seed; with a mistake planted, if one is named.
///
/// # Errors
/// The world cannot be set up; what goes wrong inside it is a violation instead.
pub fn live(seed: u64, bug: Option<&'static str>) -> anyhow::Result<Outcome> {
    planted::plant(bug.or(bugs::only().map(|bug| bug.name)));
    let outcome = block_on(seed, async {
        let mut world = World::new(Plan { faults_per_mille: 0, ..Plan::seed(seed) }).await?;
        let (mut rng, mut life) = (Rng::with_seed(seed.rotate_left(32)), Life::default());
        for happening in 0..HAPPENINGS {
            let wish = life.next(&world.known, &mut rng, world.now());
            let fault = (happening > 3 && rng.u8(0..3) == 0)
                .then(|| (rng.usize(0..CALLS), End::ALL[rng.usize(0..End::ALL.len())]));
            let place = world.want(wish);
            world.drive(place, fault, true).await;
            let wanted = &world.wanted[place];
            life.hears(&wanted.wish, wanted.answer.as_ref());
            if !world.outcome.violations.is_empty() {
                break;
            }
            world.comes_late();
            world.time_goes_on(&mut rng);
        }
        world.rests().await;
        world.finish();
        Ok(world.outcome)
    });
    planted::plant(None);
    outcome
}

impl World {
    /// A call whose caller has stopped waiting is carried out.
    fn comes_late(&mut self) {
        while let Some((operation, body)) = self.late.pop_front() {
            self.carry_out(&operation, &body);
        }
    }

    /// Hours pass, or days, and never to an hour at which clocks differ about the date.
    fn time_goes_on(&mut self, rng: &mut Rng) {
        let hours = if rng.u8(0..8) == 0 { rng.i64(24..24 * 30) } else { rng.i64(1..30) };
        self.skip(hours * HOUR);
        let of_day = (self.millis() / HOUR + 8).rem_euclid(24);
        if !(2..22).contains(&of_day) {
            self.skip(5 * HOUR);
        }
    }

    /// What is due is done, and everything is looked at.
    async fn rests(&mut self) {
        if !self.outcome.violations.is_empty() {
            return;
        }
        self.skip(2 * HOUR);
        let swept = self.millis();
        for schedule in &stack().schedules {
            let Some(function) = binary(&schedule.function).filter(|name| ["upkeep", "member"].contains(name)) else {
                continue;
            };
            let place = self.want(fired(&schedule.name, function));
            self.drive(place, None, true).await;
        }
        let wrong = self.audits.iter().flat_map(|audit| audit.at_rest(swept - MOST_SKEW)).collect();
        self.violations(wrong);
        self.judge();
    }
}
