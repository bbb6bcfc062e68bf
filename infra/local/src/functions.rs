//! The functions of the product, as the local platform starts them: by the name of the binary that is deployed.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use serde_json::Value;

use store::Tables;

use crate::clock::Clock;
use crate::template::{Function, Stack};

/// A future on the heap.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One deployed function: a payload in, a payload out, exactly as the Lambda runtime would hand it over.
pub type Handler = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, String>> + Send + Sync>;

/// What a function may know of its surroundings.
pub struct Surroundings {
    /// Its environment variables, from the template.
    pub environment: BTreeMap<String, String>,
    /// The way to the AWS services.
    pub aws: aws_config::SdkConfig,
    /// The time.
    pub clock: Clock,
    /// How long an invocation may take.
    pub timeout: Duration,
}

/// Starts a function.
pub type Boot = fn(Surroundings) -> BoxFuture<'static, anyhow::Result<Handler>>;

/// Every function this program contains, by the name of its binary.
pub fn registry() -> BTreeMap<&'static str, Boot> {
    BTreeMap::from([
        ("account", boot::account as Boot),
        ("earn", boot::earn as Boot),
        ("event-router", boot::event_router as Boot),
        ("reconciliation", boot::reconciliation as Boot),
        ("redeem", boot::redeem as Boot),
        ("tier-evaluation", boot::tier_evaluation as Boot),
        ("upkeep", boot::upkeep as Boot),
    ])
}

/// The tables of a stack, as its functions are told their names.
pub fn tables(stack: &Stack) -> Option<Tables> {
    let told = |function: &Function| lambda::Settings::from(|name| function.environment.get(name).cloned()).ok();
    stack.functions.iter().find_map(told).map(|settings| settings.tables)
}

/// How each is started: the same `App` and the same `handle` as in its bootstrap.
mod boot {
    use std::{sync::Arc, time::Duration};

    use lambda::{App, Clock, Settings, Trigger};
    use serde_json::Value;
    use store::Jitter;
    use tokio::time::Instant;

    use super::{BoxFuture, Handler, Surroundings};

    /// How long before the end of an invocation no write is begun any more, as in the bootstrap.
    const MARGIN: Duration = Duration::from_millis(300);

    /// A function, and how what it holds between invocations is made: an `App` unless it says otherwise.
    macro_rules! function {
        ($name:ident) => {
            function!($name, app);
        };
        ($name:ident, $context:ident) => {
            pub(super) fn $name(surroundings: Surroundings) -> BoxFuture<'static, anyhow::Result<Handler>> {
                Box::pin(async move {
                    let limit = surroundings.timeout.saturating_sub(MARGIN);
                    let context = Arc::new($context(surroundings).await?);
                    let handler: Handler = Arc::new(move |payload: Value| {
                        let context = Arc::clone(&context);
                        Box::pin(async move {
                            ::$name::handle(&context, Trigger::parse(payload, Instant::now() + limit)?).await
                        })
                    });
                    Ok(handler)
                })
            }
        };
    }

    function!(account);
    function!(earn);
    function!(event_router, router);
    function!(reconciliation, reconciler);
    function!(redeem);
    function!(tier_evaluation);
    function!(upkeep);

    fn settings(surroundings: &Surroundings) -> anyhow::Result<Settings> {
        Ok(Settings::from(|name| surroundings.environment.get(name).cloned())?)
    }

    fn clock(surroundings: Surroundings) -> Clock {
        let clock = surroundings.clock;
        Clock::new(move || clock.now())
    }

    async fn app(surroundings: Surroundings) -> anyhow::Result<App> {
        let (settings, aws) = (settings(&surroundings)?, surroundings.aws.clone());
        Ok(App::new(&aws, settings, clock(surroundings), Jitter::random()).await?)
    }

    async fn router(surroundings: Surroundings) -> anyhow::Result<::event_router::Router> {
        Ok(::event_router::Router::new(&surroundings.aws, settings(&surroundings)?)?)
    }

    async fn reconciler(surroundings: Surroundings) -> anyhow::Result<::reconciliation::Reconciler> {
        let (settings, aws) = (settings(&surroundings)?, surroundings.aws.clone());
        Ok(::reconciliation::Reconciler::new(&aws, settings, clock(surroundings)))
    }
}
