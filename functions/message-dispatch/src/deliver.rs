//! The queue `deliver`: messages that are to be sent.

use std::collections::BTreeSet;
use std::future::ready;

use aws_lambda_events::event::sqs::SqsEvent;
use domain::care::{Care, Claim, Enrolment, KeyId, MessageId, Scene, Standing};
use domain::kernel::id::{MemberId, OperationId};
use domain::members::link::Purpose as Reached;
use domain::messages::{Answer, Found, Intended, Receipt, Record, State};
use domain::programme::compiled::Programmes;
use domain::programme::condition::Scalar;
use domain::programme::journey::Purpose;
use domain::programme::journey::step::Does;
use domain::programme::setting::Setting;
use domain::voice::InvitationId;
use jiff::Timestamp;
use lambda::{Failure, Problem, consume, of_member, shaped};
use providers::Letter;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use store::{Known, StoreError};
use templates::{Pages, Written};
use tokio::time::Instant;

use crate::actions;
use crate::context::Dispatcher;
use crate::forget::{self, ERASED};

/// What can be done in a message that asks something.
const ANSWER: &str = "answer";

/// A message is to be sent.
const INTENDED: &str = "perennial.care.messageintended.v1";

/// The types of events that are wanted.
pub(crate) const WANTS: &[&str] = &[INTENDED, ERASED];

/// What a message of the queue says.
#[derive(Debug, Clone)]
enum Said {
    /// A message is to be sent.
    Intended(Box<(Intended, OperationId)>),
    /// Somebody was erased, with those for whom they stood.
    Erased(Vec<MemberId>),
}

/// Takes a batch in.
pub(crate) async fn take(dispatcher: &Dispatcher, event: SqsEvent, deadline: Instant) -> Value {
    consume(event, |body| ready(parse(&body)), |member, all| work(dispatcher, member, all, deadline)).await
}

fn parse(body: &Value) -> Result<(MemberId, Said), Failure> {
    let (member, event) = of_member(body)?;
    if event.kind == ERASED {
        return Ok((member, Said::Erased(event.absorbed().collect())));
    }
    if event.kind != INTENDED {
        return Err(Problem::invalid("/type", "is nothing that this queue takes").into());
    }
    let intended: Intended = shaped(&event.data).map_err(|problem| problem.within("/data"))?;
    Ok((member, Said::Intended(Box::new((intended, event.correlationid)))))
}

async fn work(
    dispatcher: &Dispatcher,
    member: MemberId,
    all: Vec<Said>,
    deadline: Instant,
) -> Vec<Result<(), Failure>> {
    let mut outcomes = Vec::with_capacity(all.len());
    for said in all {
        outcomes.push(match said {
            _ if Instant::now() >= deadline => Err(StoreError::Busy.into()),
            Said::Intended(intended) => deliver(dispatcher, &member, &intended).await,
            Said::Erased(absorbed) => forget::forget(dispatcher, &member, &absorbed).await,
        });
    }
    outcomes
}

/// What is read to decide about a message.
struct Read {
    programmes: std::sync::Arc<Programmes>,
    known: Known,
    care: Care,
    now: Timestamp,
}

/// Sends a message, or settles why it is not sent.
async fn deliver(
    dispatcher: &Dispatcher,
    member: &MemberId,
    (intended, operation): &(Intended, OperationId),
) -> Result<(), Failure> {
    let wrong = |_not_one| Problem::invalid("/data/message", "is no message");
    let id: MessageId = intended.message.parse().map_err(wrong)?;
    let kept = dispatcher.store().message(&intended.message).await?;
    let (record, version) = match kept {
        Some((record, _)) if !matches!(record.message.state, State::Claimed | State::Returned) => return Ok(()),
        Some(kept) => kept,
        None => (intended.record(member, dispatcher.now()), 0),
    };
    let read = read(dispatcher, member, intended).await?;
    let paused = BTreeSet::new(); // a pause is decided when a step is claimed
    let scene = Scene { programmes: &read.programmes, person: &read.known.person, paused: &paused, now: read.now };
    let key = KeyId::of(&intended.journey, &intended.key);
    let claim = read.care.claim(key, id, &scene);
    let does =
        Does::named(intended.channel.name()).ok_or_else(|| Problem::invalid("/data/channel", "is no channel"))?;
    let (enrolment, held) = match claim {
        Claim::Waits => return Ok(()), // its step is decided anew, and says so again
        Claim::Ended => (None, false),
        Claim::Stands { enrolment, held } => (Some(enrolment), held),
    };
    let found = found(&read.known, (intended.purpose, does), (enrolment.is_none(), held));
    let sending = Sending { dispatcher, intended, operation: *operation, read: &read, does, zone: scene.zone() };
    let prepared = sending.prepare(&record, enrolment).await?;
    let body = hash(prepared.as_ref().and_then(|ready| ready.written.as_ref().ok()));
    match record.message.received(found, body, read.now) {
        Receipt::Done => Ok(()),
        Receipt::Leave => Err(StoreError::Busy.into()),
        Receipt::Settled(message) => sending.keep((&Record { message, ..record }, version)).await,
        Receipt::Call(message) => sending.call((Record { message, ..record }, version), prepared).await,
    }
}

async fn read(dispatcher: &Dispatcher, member: &MemberId, intended: &Intended) -> Result<Read, Failure> {
    let (programmes, now) = (dispatcher.programmes().await?, dispatcher.now());
    let known = dispatcher.store().care_person(member, programmes.at(now), now).await?;
    let key = KeyId::of(&intended.journey, &intended.key);
    let care = dispatcher.store().care_about(&known.member, key, now).await?;
    Ok(Read { programmes, known, care, now })
}

/// What stands against a message now.
fn found(known: &Known, (purpose, does): (Purpose, Does), (exited, held): (bool, bool)) -> Found {
    let standing = known.person.standing;
    let stops = known.person.stops(purpose, does);
    Found {
        erased: matches!(standing, Standing::Erased | Standing::Deceased),
        closed: standing == Standing::Closed,
        exited,
        held,
        suspended: standing == Standing::Suspended,
        no_consent: stops == Some("no_consent"),
        no_address: stops == Some("no_address"),
        suppressed: stops == Some("suppressed"),
    }
}

/// What is written, and where it goes.
struct Ready {
    written: Result<Written, templates::Fault>,
    address: Option<String>,
    pages: Pages,
}

/// A message that is being sent.
struct Sending<'a> {
    dispatcher: &'a Dispatcher,
    intended: &'a Intended,
    operation: OperationId,
    read: &'a Read,
    does: Does,
    zone: domain::kernel::time::Zone,
}

impl Sending<'_> {
    /// Writes the message, and finds where it goes; nothing if nobody is to get it.
    async fn prepare(&self, record: &Record, enrolment: Option<&Enrolment>) -> Result<Option<Ready>, Failure> {
        let Some(enrolment) = enrolment else { return Ok(None) };
        let (dispatcher, member) = (self.dispatcher, &self.read.known.member);
        let Ok(stored) = dispatcher.store().member(dispatcher.keys(), member, self.read.now).await? else {
            return Ok(None);
        };
        let Some(programme) = self.read.programmes.numbered(enrolment.version) else { return Ok(None) };
        let pages = self.pages(record).await?;
        let whom = (programme.as_ref(), &stored.member, enrolment);
        let what = (self.intended.template.as_str(), self.does);
        let written = templates::written(whom, what, (&self.zone, &pages));
        let address = templates::address(&stored.member, self.does.channel()).map(str::to_owned);
        Ok(Some(Ready { written, address, pages }))
    }

    /// The pages that the message can lead to, if the programme says where pages are.
    async fn pages(&self, record: &Record) -> Result<Pages, Failure> {
        let (dispatcher, member) = (self.dispatcher, &self.read.known.member);
        let base = self.read.programmes.at(self.read.now).document().links.base.as_ref();
        let Some((base, channel)) = base.zip(self.does.channel()) else { return Ok(Pages::default()) };
        let link = (member, Reached::SentBy(channel));
        let token = dispatcher.store().link(dispatcher.keys(), link, record.made_at).await?;
        let action = match &record.action {
            Some(_) if let Some(survey) = self.survey() => {
                Some(format!("{base}/s/{}", dispatcher.store().survey_token(dispatcher.keys(), survey).await?))
            }
            Some(_) => Some(format!("{base}/a/{}", actions::token(dispatcher, &record.id).await?)),
            None => None,
        };
        Ok(Pages { preferences: Some(format!("{base}/p/{token}")), action })
    }

    /// The invitation to a survey that the message is about: what can be done in it is to answer.
    fn survey(&self) -> Option<InvitationId> {
        let answers = self.intended.action.as_deref() == Some(ANSWER);
        let first = self.intended.key.first().filter(|_| answers)?;
        match first {
            Scalar::Text(id) => id.parse().ok(),
            Scalar::Integer(_) | Scalar::Boolean(_) => None,
        }
    }

    /// Asks the provider, after it is written that it will be asked; then what came of it.
    async fn call(&self, (mut record, version): (Record, u64), ready: Option<Ready>) -> Result<(), Failure> {
        let Some(ready) = ready else { return Err(StoreError::bug("nothing is sent to nobody").into()) };
        let written = match ready.written {
            Ok(written) => written,
            Err(fault) => {
                tracing::error!(template = self.intended.template, ?fault, "a message cannot be written");
                let message = record.message.answered(Answer::Refused("template"));
                return self.keep((&Record { message, ..record }, version)).await;
            }
        };
        (record.locale, record.fallbacks) = (Some(written.locale.clone()), written.fallbacks.clone());
        self.keep((&record, version)).await?;
        let (answer, provider) = self.hand_over(&record, &written, &ready.pages, ready.address.as_deref()).await?;
        let message = record.message.answered(answer);
        let waits = message.state == State::Claimed;
        self.keep((&Record { message, provider, ..record }, version + 1)).await?;
        if waits { Err(StoreError::Busy.into()) } else { Ok(()) }
    }

    /// Puts it into the app, or hands it to a provider.
    async fn hand_over(
        &self,
        record: &Record,
        written: &Written,
        pages: &Pages,
        address: Option<&str>,
    ) -> Result<providers::Answered, Failure> {
        let (dispatcher, member) = (self.dispatcher, &self.read.known.member);
        if let templates::Body::Inbox(words) = &written.body {
            let (whose, said) = ((member, record.id.as_str()), (words.as_str(), written.locale.as_str()));
            let times = (record.made_at, dispatcher.now());
            let there = dispatcher.store().put_inbox(dispatcher.keys(), whose, said, times).await?;
            return Ok((if there { Answer::Accepted } else { Answer::Refused("erased") }, None));
        }
        let document = self.read.programmes.at(self.read.now).document();
        let letter = Letter {
            id: &record.id,
            address: address.unwrap_or_default(),
            sender: document.channel.get(self.does.name()),
            body: &written.body,
            unsubscribe: pages.preferences.as_deref().filter(|_| self.intended.purpose == Purpose::Marketing),
        };
        Ok(dispatcher.providers.send(letter).await)
    }

    async fn keep(&self, kept: (&Record, u64)) -> Result<(), Failure> {
        let setting = Setting { programmes: &self.read.programmes, now: self.dispatcher.now() };
        let told: Vec<_> = kept.0.told().into_iter().collect();
        let what = (told.as_slice(), self.operation);
        let written = self.dispatcher.store().keep_message(kept, what, setting).await?;
        if written { Ok(()) } else { Err(StoreError::Busy.into()) }
    }
}

/// A hash of what is said.
fn hash(written: Option<&Written>) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(written.map(|written| written.body.whole()).unwrap_or_default()).into();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    first
}
