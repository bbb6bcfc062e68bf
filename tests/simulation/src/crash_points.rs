//! Every call of every story is made to fail once, in each way in which a call can end badly; the story must end as if
//! nothing had happened.

use std::time::Duration;

use domain::kernel::planted;
use serde_json::Value;

use crate::contexts::handler::Story;
use crate::contexts::handlers;
use crate::contexts::wish::{BEHIND, Wish, fired};
use crate::judge::body;
use crate::network::Answer;
use crate::parallel::on_every_core;
use crate::plan::{Plan, Tier};
use crate::stack::stack;
use crate::world::{World, block_on};

/// How a call ends badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The function dies before the call is sent.
    CrashBefore,
    /// The function dies when the call has been carried out.
    CrashAfter,
    /// The call was carried out, and nobody hears of it.
    AnswerLost,
    /// The call is carried out when everything else is over.
    AppliedLate,
}

impl End {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::CrashBefore, Self::CrashAfter, Self::AnswerLost, Self::AppliedLate];
}

/// What came of one story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// Whose story.
    pub function: &'static str,
    /// The route, queue or schedule that it is about.
    pub about: &'static str,
    /// How many calls it makes.
    pub calls: usize,
    /// How many ends were reached and ended well.
    pub covered: usize,
    /// What went wrong.
    pub violations: Vec<String>,
}

impl Covered {
    /// How many ends there are.
    #[must_use]
    pub fn total(&self) -> usize {
        self.calls * End::ALL.len()
    }
}

/// What is answered to somebody who asks again, without a key, for what can be done once.
const DONE_BEFORE: [&str; 2] = ["already_resolved", "wrong_state"];

/// A story that went wrong so often is told no further.
const ENOUGH: usize = 20;

/// After so many rounds a story hangs.
const MOST_ROUNDS: usize = 20_000;

/// Tries every end of every call of every story that is about something: whose name, or subject, has this in it.
///
/// # Errors
/// A world cannot be set up.
pub fn crash_points(tier: Tier, only: &str) -> anyhow::Result<Vec<Covered>> {
    let stories = handlers().flat_map(|handler| (handler.stories)().into_iter().map(move |s| (handler.function, s)));
    let wanted = |(function, story): &(&'static str, Story)| function.contains(only) || story.about.contains(only);
    let stories: Vec<(&'static str, Story)> = stories.filter(wanted).collect();
    on_every_core(&stories, |(function, story)| block_on(1, cover(function, story, tier, ENOUGH))).into_iter().collect()
}

/// Tells stories about something with a mistake planted, without faults and then with every end of every call: what is wrong.
///
/// # Errors
/// A world cannot be set up.
pub fn told(about: &str, bug: &'static str) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    for story in handlers().flat_map(|handler| (handler.stories)()).filter(|story| story.about.contains(about)) {
        planted::plant(Some(bug));
        let covered = block_on(1, cover("", &story, Tier::Memory, 1));
        planted::plant(None);
        wrong.extend(covered?.violations);
        if !wrong.is_empty() {
            break;
        }
    }
    Ok(wrong)
}

/// Routes, queues, streams and schedules of the template that no story is about.
#[must_use]
pub fn untold() -> Vec<String> {
    let stories: Vec<&str> = handlers().flat_map(|handler| (handler.stories)()).map(|story| story.about).collect();
    let routes = stack().routes.iter().map(|route| format!("{} {}", route.method, route.path));
    let queues = stack().event_sources.iter().map(|source| source.queue.clone());
    let schedules = stack().schedules.iter().map(|schedule| schedule.name.clone());
    let streams = stack().streams.iter().map(|source| source.table.clone());
    routes.chain(queues).chain(schedules).chain(streams).filter(|about| !stories.contains(&about.as_str())).collect()
}

/// A story without a fault, then with every one until `enough` is wrong; one that is wrong without a fault needs none.
async fn cover(function: &'static str, story: &Story, tier: Tier, enough: usize) -> anyhow::Result<Covered> {
    let (calls, expected, mut violations) = tell(story, tier, None).await?;
    let enough = if violations.is_empty() { enough } else { 0 };
    let mut covered = 0;
    for at in 0..calls {
        for end in End::ALL {
            if violations.len() >= enough {
                break;
            }
            let (_, told, wrong) = tell(story, tier, Some((at, end))).await?;
            let mut wrong: Vec<String> = wrong.into_iter().collect();
            if told != expected {
                wrong.push(format!("ends with {told:?} instead of {expected:?}"));
            }
            covered += usize::from(wrong.is_empty());
            violations.extend(wrong.into_iter().map(|what| format!("{end:?} at call {at}: {what}")));
        }
    }
    Ok(Covered { function, about: story.about, calls, covered, violations })
}

/// Tells a story: how many calls its last wish made, what is stored in the end, and what was wrong.
async fn tell(
    story: &Story,
    tier: Tier,
    fault: Option<(usize, End)>,
) -> anyhow::Result<(usize, Vec<String>, Vec<String>)> {
    let mut world = World::new(Plan { tier, faults_per_mille: 0, care: story.is_of_care(), ..Plan::seed(1) }).await?;
    for wish in &story.before {
        world.skip(wish.after);
        let wish = wish.clone().about_the_first(&world.known.members_known.people);
        let place = world.want(wish);
        world.drive(place, None, story.is_of_the_chain()).await;
    }
    for then in &story.then {
        let wish = then(&world.known);
        world.skip(wish.after);
        let place = world.want(wish);
        world.drive(place, None, story.is_of_the_chain()).await;
        let refused = world.wanted[place].answer.as_ref().and_then(|answer| refused(&world.wanted[place].wish, answer));
        world.violations(refused.into_iter().collect());
    }
    world.skip(story.hours * 3_600_000);
    let watched = (story.watched)(&world.known);
    world.skip(watched.after);
    let watched = watched.about_the_first(&world.known.members_known.people);
    let place = world.want(watched);
    let calls = world.drive(place, fault, story.is_of_the_chain()).await;
    for (tick, function) in story.ticks() {
        world.skip(BEHIND);
        let tick = world.want(fired(tick, function));
        world.drive(tick, None, true).await;
    }
    if let Some((operation, body)) = world.late.pop_front() {
        world.carry_out(&operation, &body);
    }
    let audits = world.judge();
    let refused = world.wanted[place].answer.as_ref().and_then(|answer| refused(&world.wanted[place].wish, answer));
    world.violations(refused.into_iter().collect());
    // What was done is done, whether it is said to be new or not, or that it was done before.
    let status = world.wanted[place].answer.as_ref().and_then(|answer| {
        let before = body(answer)["code"].as_str().is_some_and(|code| DONE_BEFORE.contains(&code));
        answer["statusCode"].as_i64().map(|status| if before || status < 300 { 200 } else { status })
    });
    let mut told = vec![format!("{status:?}")];
    told.extend(audits.iter().flat_map(|audit| audit.stored()));
    Ok((calls, told, world.outcome.violations))
}

/// A story is about somebody, and is refused only for what it is told for.
fn refused(wish: &Wish, answer: &Value) -> Option<String> {
    let (status, code) = (answer["statusCode"].as_i64().unwrap_or(200), body(answer)["code"].clone());
    let expected = code.as_str().is_some_and(|code| code != "unknown_member" && wish.refusals.contains(&code));
    (status >= 400 && !expected).then(|| format!("{} is refused, {status} {code}", wish.what))
}

impl World {
    fn has_messages(&self) -> bool {
        self.stream_waits() || !self.queues.are_empty()
    }

    /// Does everything for one wish until it is answered, and of the chain until it rests, calls in order, one of them with a bad end; counts the calls.
    pub(crate) async fn drive(&mut self, place: usize, mut fault: Option<(usize, End)>, chain: bool) -> usize {
        let mut calls = 0;
        for _ in 0..MOST_ROUNDS {
            tokio::time::sleep(Duration::from_millis(1)).await;
            self.collect().await;
            if self.network.len() > 0 {
                let call = self.network.take(0);
                let end = fault.filter(|(at, _)| *at == calls).map(|(_, end)| end);
                calls += 1;
                if end.is_some() {
                    fault = None;
                    if let Some(running) = self.running.get_mut(&call.invocation) {
                        running.disturbed = true;
                    }
                }
                match end {
                    None => {
                        let (status, body) = self.carry_out_for(&call);
                        call.answer(Answer::Response(status, body));
                    }
                    Some(End::CrashBefore) => self.lose(call.invocation),
                    Some(End::CrashAfter) => {
                        self.carry_out_for(&call);
                        self.lose(call.invocation);
                    }
                    Some(End::AnswerLost) => {
                        self.carry_out_for(&call);
                        call.answer(Answer::Timeout);
                    }
                    Some(End::AppliedLate) => {
                        self.late.push_back((call.operation.clone(), call.body.clone()));
                        call.answer(Answer::Timeout);
                    }
                }
            } else if !self.running.is_empty() {
                // It waits for time.
            } else if chain && self.stream_is_ready() && !self.wanted[place].is_open() {
                self.read_stream(false);
            } else if !(self.wanted[place].is_open() || chain && self.has_messages()) {
                return calls;
            } else if self.wanted[place].is_open() && !self.wanted[place].sent {
                self.begin(place);
            } else {
                self.receive_in_time().await;
            }
        }
        self.violations(vec![format!("{} is never answered", self.wanted[place].wish.what)]);
        calls
    }

    /// Delivers what waits in the queues; waits for what is hidden.
    async fn receive_in_time(&mut self) {
        let now = self.millis();
        let names: Vec<String> = self.queues.all().iter().map(|queue| queue.source.queue.clone()).collect();
        let delivered = names.iter().filter_map(|name| self.deliver(name, false)).count();
        if let Some(next) = self.queues.next_visible(now).filter(|_| delivered == 0) {
            tokio::time::advance(Duration::from_millis(u64::try_from(next - now).unwrap_or_default())).await;
        }
    }
}
