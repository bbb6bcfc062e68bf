//! The functions of the product: as the local platform starts them, by the name of the binary that is deployed, and the routes they
//! answer.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use emulator::{Boot, BoxFuture, Handler, Surroundings};
use lambda::{App, Private, Settings, Trigger};
use sam::operation::{self, Operation};
use serde_json::Value;
use store::Jitter;
use tokio::time::Instant;

/// Every function this program contains, by the name of its binary.
pub fn registry() -> BTreeMap<&'static str, Boot> {
    let boots: [(&str, Boot); 13] = [
        (account::FUNCTION.name, |surroundings| start(surroundings, &account::FUNCTION, app)),
        (care_journey::FUNCTION.name, |surroundings| start(surroundings, &care_journey::FUNCTION, carer)),
        (earn::FUNCTION.name, |surroundings| start(surroundings, &earn::FUNCTION, app)),
        (import::FUNCTION.name, |surroundings| start(surroundings, &import::FUNCTION, importer)),
        (member::FUNCTION.name, |surroundings| start(surroundings, &member::FUNCTION, private)),
        (message_dispatch::FUNCTION.name, |surroundings| start(surroundings, &message_dispatch::FUNCTION, dispatcher)),
        (event_router::FUNCTION.name, |surroundings| start(surroundings, &event_router::FUNCTION, router)),
        (reconciliation::FUNCTION.name, |surroundings| start(surroundings, &reconciliation::FUNCTION, reconciler)),
        (redeem::FUNCTION.name, |surroundings| start(surroundings, &redeem::FUNCTION, app)),
        (service_desk::FUNCTION.name, |surroundings| start(surroundings, &service_desk::FUNCTION, private)),
        (survey_intake::FUNCTION.name, |surroundings| start(surroundings, &survey_intake::FUNCTION, surveyor)),
        (tier_evaluation::FUNCTION.name, |surroundings| start(surroundings, &tier_evaluation::FUNCTION, app)),
        (upkeep::FUNCTION.name, |surroundings| start(surroundings, &upkeep::FUNCTION, app)),
    ];
    boots.into()
}

/// Every route of the API, in the order of its document.
#[must_use]
pub fn operations() -> Vec<Operation> {
    let mut all = Vec::new();
    all.extend(operation::operations(&earn::FUNCTION));
    all.extend(operation::operations(&redeem::FUNCTION));
    all.extend(operation::operations(&account::FUNCTION));
    all.extend(operation::operations(&tier_evaluation::FUNCTION));
    all.extend(operation::operations(&member::FUNCTION));
    all.extend(operation::operations(&import::FUNCTION));
    all.extend(operation::operations(&care_journey::FUNCTION));
    all.extend(operation::operations(&message_dispatch::FUNCTION));
    all.extend(operation::operations(&survey_intake::FUNCTION));
    all.extend(operation::operations(&service_desk::FUNCTION));
    all
}

/// How long before the end of an invocation no write is begun any more, as in the bootstrap.
const MARGIN: Duration = Duration::from_millis(300);

/// Starts a function as its bootstrap does: the same context, the same `handle`.
fn start<C, F>(
    surroundings: Surroundings,
    function: &'static lambda::Function<C>,
    context: fn(Surroundings) -> F,
) -> BoxFuture<'static, anyhow::Result<Handler>>
where
    C: Send + Sync + 'static,
    F: Future<Output = anyhow::Result<C>> + Send + 'static,
{
    Box::pin(async move {
        let limit = surroundings.timeout.saturating_sub(MARGIN);
        let context = Arc::new(context(surroundings).await?);
        let handler: Handler = Arc::new(move |payload: Value| {
            let context = Arc::clone(&context);
            Box::pin(async move {
                let answer = match Trigger::parse(payload, Instant::now() + limit) {
                    Ok(trigger) => lambda::handle(function, &*context, trigger).await,
                    Err(unknown) => Err(unknown),
                };
                answer.map_err(|broken| broken.to_string())
            })
        });
        Ok(handler)
    })
}

fn settings(surroundings: &Surroundings) -> anyhow::Result<Settings> {
    Ok(Settings::from(|name| surroundings.environment.get(name).cloned())?)
}

fn clock(surroundings: Surroundings) -> lambda::Clock {
    let clock = surroundings.clock;
    lambda::Clock::new(move || clock.now())
}

async fn app(surroundings: Surroundings) -> anyhow::Result<App> {
    let (settings, aws) = (settings(&surroundings)?, surroundings.aws.clone());
    Ok(App::new(&aws, settings, clock(surroundings), Jitter::random()).await?)
}

async fn private(surroundings: Surroundings) -> anyhow::Result<Private> {
    let (settings, aws) = (settings(&surroundings)?, surroundings.aws.clone());
    Ok(Private::new(&aws, settings, clock(surroundings), Jitter::random()).await?)
}

async fn importer(surroundings: Surroundings) -> anyhow::Result<import::Importer> {
    let (settings, aws) = (settings(&surroundings)?, surroundings.aws.clone());
    Ok(import::Importer::new(&aws, settings, clock(surroundings), Jitter::random()).await?)
}

async fn carer(surroundings: Surroundings) -> anyhow::Result<care_journey::Carer> {
    let (settings, aws) = (settings(&surroundings)?, surroundings.aws.clone());
    Ok(care_journey::Carer::new(&aws, settings, clock(surroundings), Jitter::random()).await?)
}

async fn dispatcher(surroundings: Surroundings) -> anyhow::Result<message_dispatch::Dispatcher> {
    let (settings, aws) = (settings(&surroundings)?, surroundings.aws.clone());
    Ok(message_dispatch::Dispatcher::new(&aws, settings, clock(surroundings), Jitter::random()).await?)
}

async fn surveyor(surroundings: Surroundings) -> anyhow::Result<survey_intake::Surveyor> {
    let (settings, aws) = (settings(&surroundings)?, surroundings.aws.clone());
    Ok(survey_intake::Surveyor::new(&aws, settings, clock(surroundings), Jitter::random()).await?)
}

async fn router(surroundings: Surroundings) -> anyhow::Result<event_router::Router> {
    Ok(event_router::Router::new(&surroundings.aws, settings(&surroundings)?)?)
}

async fn reconciler(surroundings: Surroundings) -> anyhow::Result<reconciliation::Reconciler> {
    let (settings, aws) = (settings(&surroundings)?, surroundings.aws.clone());
    Ok(reconciliation::Reconciler::new(&aws, settings, clock(surroundings)))
}
