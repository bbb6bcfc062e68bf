//! A life at random: what happens next, and what goes wrong, follows from the seed. By and by the weather clears; then
//! everything that was wanted must be done, and everything that is due be written, within half an hour.

use std::time::Duration;

use jiff::SignedDuration;

use crate::contexts;
use crate::contexts::audit::{Audit, Wrong};
use crate::contexts::wish::{CLOSE_DAYS, fired};
use crate::judge::heard;
use crate::pace::PACES;
use crate::queue::{Message, Queue};
use crate::stack::{MOST_SKEW, binary, stack};
use crate::world::World;

/// How long a keyed wish is sent again: less than the three days for which its key is recognised, by the clocks' skew.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(60);
/// A day, in milliseconds.
const DAY: i64 = 86_400_000;
/// When days begin: those of checkpoints, and those of the programme, in Shanghai.
const MIDNIGHTS: [i64; 2] = [0, DAY / 24 * 16];
/// After so many steps without an end something hangs.
const MOST_STEPS: u64 = 200_000;
/// How long everything may take when faults have stopped, in milliseconds.
const LIVENESS: i64 = 30 * 60_000;

/// How the end comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weather {
    /// Faults happen.
    Foul,
    /// They have stopped, since when.
    Calm(i64),
    /// Everything was done; a schedule that settles fired once more, at this time.
    Swept(i64),
    /// Everything was settled, when that was; the days until now are closed.
    Closed { swept: i64, since: i64 },
}

impl World {
    /// Lives until everything that was wanted is done.
    pub(crate) async fn live(&mut self) {
        let mut weather = Weather::Foul;
        self.pace = PACES[self.rng.usize(0..PACES.len())];
        self.known.members = self.pace.members;
        loop {
            // Everybody runs until they wait for the network, or for time.
            let pause = if self.network.len() == 0 { 10 } else { 1 };
            tokio::time::sleep(Duration::from_millis(pause)).await;
            self.collect().await;
            self.outcome.steps += 1;
            self.give_up();
            let made = u64::try_from(self.wanted.len()).unwrap_or_default();
            let enough = made >= self.plan.wishes;
            if weather == Weather::Foul && enough && self.rng.u32(0..60) == 0 {
                weather = Weather::Calm(self.millis());
                self.hot = None;
                self.redrive();
                self.say("the weather clears");
            }
            if self.outcome.steps > MOST_STEPS {
                let open = self.wanted.iter().filter(|wanted| wanted.is_open()).count();
                self.violations(vec![format!("{open} wishes are never answered")]);
                break;
            }
            if !self.outcome.violations.is_empty() {
                break; // the first is the one to look at
            }
            match weather {
                Weather::Foul => self.step(made).await,
                Weather::Calm(_) if self.is_done() => {
                    weather = Weather::Swept(self.sweep());
                }
                Weather::Calm(since) => self.calm_step(since).await,
                Weather::Swept(swept) if self.is_done() => {
                    weather = Weather::Closed { swept, since: self.close_days() };
                }
                Weather::Swept(since) => self.calm_step(since).await,
                Weather::Closed { .. } if self.is_done() => break,
                Weather::Closed { since, .. } => self.calm_step(since).await,
            }
        }
        if let Weather::Closed { swept, .. } = weather {
            let at_rest = self.audits.iter().flat_map(|audit| audit.at_rest(swept - MOST_SKEW)).collect();
            self.violations(at_rest);
            self.judge();
            let closed = self.audits.iter().flat_map(|audit| audit.closed()).collect();
            self.violations(closed);
        }
        self.finish();
    }

    /// Keyed wishes are not sent again for ever; nor are orders that are too old by now.
    fn give_up(&mut self) {
        let now = self.now();
        for wanted in self.wanted.iter_mut().filter(|wanted| wanted.wish.keyed && !wanted.given_up) {
            wanted.given_up = now.duration_since(wanted.since) > KEY_LIFE;
        }
    }

    fn is_quiet(&self) -> bool {
        self.running.is_empty() && self.late.is_empty() && self.network.len() == 0 && self.queues.are_empty()
    }

    fn is_done(&self) -> bool {
        self.is_quiet() && !self.stream_waits() && !self.wanted.iter().any(|wanted| wanted.is_open())
    }

    /// One step while faults happen.
    async fn step(&mut self, made: u64) {
        let waiting = self.network.len();
        if self.lull {
            return self.lull_step().await;
        }
        match self.rng.u32(0..100) {
            0..66 if waiting > 0 => {
                let call = self.network.take(self.rng.usize(0..waiting));
                self.decide(call, true);
            }
            0..80 if self.running.len() < self.pace.at_once && made < self.plan.wishes => {
                let now = self.now();
                let wish = self.known.next(&mut self.rng, now);
                let place = self.want(wish);
                self.send(place, true);
                self.lull = self.pace.days > 2 && self.rng.u32(0..8) == 0;
            }
            80..86 if self.running.len() < self.pace.at_once => self.again(),
            86..90 if self.running.len() < self.pace.at_once => self.receive(true),
            90..92 if self.running.len() < self.pace.at_once => drop(self.read_stream(true)),
            92 => self.apply_late(),
            93..95 if self.near_midnight() => self.fire(CLOSE_DAYS, 1),
            93..96 if self.rng.u32(0..1000) < self.plan.faults_per_mille => self.crash_somebody(),
            96 if self.rng.u32(0..20) == 0 => {
                self.redrive();
            }
            96 if self.rng.u32(0..4) == 0 => self.schedule(),
            97..100 if waiting == 0 || self.rng.u32(0..8) == 0 => self.time_passes().await,
            _ => {}
        }
    }

    /// One step towards a lull: nothing new is wanted, until nothing is under way; then days pass.
    async fn lull_step(&mut self) {
        let now = self.millis();
        if self.days_may_pass() {
            self.lull = false;
            let longest = if self.rng.bool() { self.pace.days } else { 20.min(self.pace.days) };
            let mut jump = self.rng.i64(0..longest * 86_400_000);
            if self.rng.u32(0..4) == 0 {
                // To the eve of a day, where clocks differ about the date.
                let midnight = MIDNIGHTS[self.rng.usize(0..MIDNIGHTS.len())];
                jump += DAY - (self.millis() + jump - midnight).rem_euclid(DAY) - self.rng.i64(0..2 * MOST_SKEW);
            }
            self.skip(jump.max(0));
            self.say("days pass");
        } else if self.network.len() > 0 {
            let call = self.network.take(self.rng.usize(0..self.network.len()));
            self.decide(call, true);
        } else if !self.late.is_empty() {
            self.apply_late();
        } else if self.stream_is_ready() {
            self.read_stream(true);
        } else if self.running.is_empty() {
            self.redrive();
            if self.queues.all().iter().any(|queue| queue.is_ready(now)) {
                self.receive(true);
            } else if let Some(next) = self.queues.next_visible(now) {
                tokio::time::advance(Duration::from_millis(u64::try_from(next - now).unwrap_or_default())).await;
            }
        }
    }

    /// One step when they have stopped: first what waits, then what was wanted, then time.
    async fn calm_step(&mut self, since: i64) {
        if self.millis() - since > LIVENESS {
            let open: Vec<String> =
                self.wanted.iter().filter(|wanted| wanted.is_open()).map(|wanted| wanted.wish.what.clone()).collect();
            self.violations(vec![format!(
                "half an hour after the faults stopped, {open:?} are open and queues not empty"
            )]);
            return;
        }
        let now = self.millis();
        if self.network.len() > 0 {
            let call = self.network.take(self.rng.usize(0..self.network.len()));
            self.decide(call, false);
        } else if !self.late.is_empty() {
            self.apply_late();
        } else if self.running.len() < self.pace.at_once && self.queues.all().iter().any(|queue| queue.is_ready(now)) {
            // Before callers ask again: one may be told to wait for what a message has begun.
            self.receive(false);
        } else if self.running.len() < self.pace.at_once
            && self.wanted.iter().any(|wanted| wanted.is_open() && wanted.running == 0 && !wanted.sent)
        {
            self.again();
        } else if self.stream_is_ready() {
            self.read_stream(false);
        } else if self.running.is_empty()
            && let Some(next) = self.queues.next_visible(now)
        {
            tokio::time::advance(Duration::from_millis(u64::try_from(next - now).unwrap_or_default())).await;
        }
    }

    /// Sends a wish; a message sometimes twice, and a sender that heard nothing sends again.
    fn send(&mut self, place: usize, faulty: bool) {
        self.begin(place);
        if faulty && self.wanted[place].sent && self.rng.u32(0..10) == 0 {
            self.begin(place);
            self.fault("message sent twice");
        }
    }

    /// Sends an unanswered wish again, or now and then an answered one.
    fn again(&mut self) {
        let idle = |place: &usize| {
            let wanted = &self.wanted[*place];
            wanted.is_open() && wanted.running == 0 && !wanted.sent
        };
        let repeatable = |place: &usize| {
            let wanted = &self.wanted[*place];
            wanted.wish.repeatable && !wanted.given_up && wanted.running < 2
        };
        let all = 0..self.wanted.len();
        let waiting: Vec<usize> = all.clone().filter(idle).collect();
        let others: Vec<usize> = all.filter(repeatable).collect();
        let pool = if waiting.is_empty() || self.rng.u32(0..3) == 0 { others } else { waiting };
        if let Some(place) = self.rng.choice(&pool).copied() {
            self.begin(place);
        }
    }

    fn receive(&mut self, faulty: bool) {
        // Nobody sends to those of a function of which nothing is wanted.
        let wanted = |queue: &&mut Queue| {
            binary(&queue.source.function).is_some_and(|function| !contexts::handler(function).wishes.is_empty())
        };
        let names: Vec<String> =
            self.queues.all().iter_mut().filter(wanted).map(|queue| queue.source.queue.clone()).collect();
        if let Some(name) = self.rng.choice(&names).cloned() {
            self.deliver(&name, faulty);
        }
    }

    fn apply_late(&mut self) {
        if let Some((operation, body)) = self.late.pop_front() {
            let (status, _) = self.carry_out(&operation, &body);
            self.say(&format!("late: {} -> {status}", crate::faults::named(&operation, &body)));
        }
    }

    fn crash_somebody(&mut self) {
        let callers = self.network.callers();
        if let Some(invocation) = self.rng.choice(&callers).copied() {
            let after = self.rng.bool();
            self.crash(invocation, after);
        }
    }

    /// The operator sends dead letters back.
    fn redrive(&mut self) {
        let now = self.millis();
        let count: usize = self.queues.all().iter_mut().map(|queue| queue.redrive(now)).sum();
        if count > 0 {
            self.fault("dead letters redriven");
            self.say(&format!("{count} dead letters are sent back"));
        }
    }

    /// A schedule fires: now, twice, and often enough not at all; how late follows from the time that has passed.
    fn schedule(&mut self) {
        let of_care =
            |function: &str| binary(function).is_some_and(|name| ["care-journey", "survey-intake"].contains(&name));
        let takes_part = |function: &str| self.plan.care || !of_care(function);
        let schedules: Vec<_> = stack().schedules.iter().filter(|schedule| takes_part(&schedule.function)).collect();
        let Some(schedule) = schedules.get(self.rng.usize(0..schedules.len().max(1))) else { return };
        let times = match self.rng.u32(0..6) {
            0 => {
                self.fault("schedule missed");
                0
            }
            1 => {
                self.fault("schedule fired twice");
                2
            }
            _ => 1,
        };
        self.fire(&schedule.name, times);
    }

    /// Fires a schedule, so many times at once.
    fn fire(&mut self, name: &str, times: usize) {
        let schedule = stack().schedules.iter().find(|schedule| schedule.name == name);
        let Some(function) = schedule.and_then(|schedule| binary(&schedule.function)) else { return };
        for _ in 0..times {
            let place = self.want(fired(name, function));
            self.begin(place);
            // A run that fails is not repeated; the next one does its work.
            self.wanted[place].given_up = true;
        }
    }

    /// Do the clocks differ about the date?
    fn near_midnight(&self) -> bool {
        let passed = self.millis().rem_euclid(DAY);
        !(2 * MOST_SKEW..DAY - 2 * MOST_SKEW).contains(&passed)
    }

    /// A schedule that settles accounts fires, a while after it is due; returns when that was.
    fn sweep(&mut self) -> i64 {
        let now = self.now();
        let of_accounts = |function: &str| binary(function) == Some("upkeep");
        let settle: Vec<_> = stack().schedules.iter().filter(|schedule| of_accounts(&schedule.function)).collect();
        let Some(schedule) = self.rng.choice(settle) else { return self.millis() };
        let due = schedule.expression.next(now, now, &schedule.time_zone).unwrap_or(now);
        self.skip(due.as_millisecond() - now.as_millisecond() + 2 * MOST_SKEW);
        if let Some(function) = binary(&schedule.function) {
            let place = self.want(fired(&schedule.name, function));
            self.begin(place);
        }
        self.millis()
    }

    /// Days later, when every day for which something can have been noted is over, they are closed; returns when that was.
    fn close_days(&mut self) -> i64 {
        self.skip(3 * DAY);
        let place = self.want(fired(CLOSE_DAYS, "reconciliation"));
        self.begin(place);
        self.millis()
    }

    /// May days pass? Nothing is under way, and of messages only those are left that nobody can do.
    fn days_may_pass(&self) -> bool {
        let poison = |id: &str| self.messages.get(id).is_some_and(|place| self.wanted[*place].wish.poison);
        let idle = self.running.is_empty() && self.late.is_empty() && self.network.len() == 0;
        idle && !self.stream_waits() && self.queues.ids().all(poison)
    }

    /// Seconds pass for everybody, those who wait for an answer included: a frozen environment wakes after its deadline.
    async fn time_passes(&mut self) {
        if !self.running.is_empty() {
            self.fault("freeze");
        }
        for running in self.running.values_mut() {
            running.disturbed = true;
        }
        let longest = if self.rng.bool() { 90_000 } else { 2_000 };
        let jump = self.rng.u64(0..longest);
        tokio::time::advance(Duration::from_millis(jump)).await;
        self.say(&format!("time passes: {jump} ms"));
    }

    /// Audits everything at the end, from scratch.
    pub(crate) fn judge(&mut self) -> Vec<Box<dyn Audit>> {
        let (audits, mut wrong) = contexts::audit(&|table| self.database.dump(table));
        let heard = heard(&self.wanted);
        wrong.extend(audits.iter().flat_map(|audit| audit.heard(&heard)));
        wrong.extend(self.dead_letters());
        self.outcome.entries = audits.iter().map(|audit| audit.entries()).sum();
        self.violations(wrong);
        audits
    }

    /// Only what nobody can do may be among the dead letters.
    fn dead_letters(&mut self) -> Wrong {
        let alive = |id: &String| self.messages.get(id).map(|place| &self.wanted[*place].wish);
        let dead: Vec<Message> =
            self.queues.all().iter().flat_map(|queue| queue.dead().cloned().collect::<Vec<_>>()).collect();
        let wrong = dead.iter().filter_map(|message| match alive(&message.id) {
            Some(wish) if wish.poison => None,
            Some(wish) => Some(format!("{} ended in the dead-letter queue: {}", wish.what, message.body)),
            None => Some(format!("an event ended in the dead-letter queue: {}", message.body)),
        });
        wrong.collect()
    }
}
