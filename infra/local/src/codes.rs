//! Codes and links that are sent to members. On this machine nobody sends them: whoever develops asks for them here.

use anyhow::Context as _;
use aws_config::SdkConfig;
use domain::kernel::id::MemberId;
use domain::members::link::Purpose;
use domain::programme::channel::Channel;
use lambda::{Clock, Private, Settings};
use sam::template::Stack;
use store::Jitter;

/// The function that holds the keys of members, as the template names it.
fn private(stack: &Stack) -> anyhow::Result<Settings> {
    let function = stack.functions.iter().find(|function| function.binary == member::FUNCTION.name);
    let function = function.context("the template has no function member")?;
    Ok(Settings::from(|name| function.environment.get(name).cloned())?)
}

/// The code that was sent to an identifier of a member last, by its number. None if none was.
///
/// # Errors
/// The platform does not answer.
pub async fn sent(
    aws: &SdkConfig,
    stack: &Stack,
    (member, n): (&MemberId, u32),
    clock: Clock,
) -> anyhow::Result<Option<String>> {
    let app = Private::new(aws, private(stack)?, clock, Jitter::random()).await?;
    Ok(app.store().sent_code(app.keys(), member, n, app.now()).await?)
}

/// The address of a member's page, as a channel sends it if one is named.
///
/// # Errors
/// The platform does not answer.
pub async fn page(
    aws: &SdkConfig,
    stack: &Stack,
    (member, channel): (&MemberId, Option<Channel>),
    clock: Clock,
) -> anyhow::Result<String> {
    let app = Private::new(aws, private(stack)?, clock, Jitter::random()).await?;
    let purpose = channel.map_or(Purpose::Preferences, Purpose::SentBy);
    Ok(format!("/p/{}", app.store().link(app.keys(), (member, purpose), app.now()).await?))
}
