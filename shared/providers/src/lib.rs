//! Those who carry messages: SES for mail, End User Messaging for text messages. Each is asked once, and what it answers is said by what it
//! means. Nothing of a message is logged.

use std::error::Error;
use std::io;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag};
use domain::messages::Answer;
use domain::programme::sending::Sender;

/// How long a provider may take. It is asked once: a second try is decided by what is known of the first.
const CALL: Duration = Duration::from_secs(5);

/// The providers.
#[derive(Debug)]
pub struct Providers {
    mail: aws_sdk_sesv2::Client,
    texts: aws_sdk_pinpointsmsvoicev2::Client,
    number: Option<String>,
}

/// A message with everything that is needed to send it: for the moment of sending, and no longer.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    /// Which message: providers say it again in what they tell of it.
    pub id: &'a str,
    /// Where it goes.
    pub address: &'a str,
    /// Who sends.
    pub sender: Option<&'a Sender>,
    /// What it says.
    pub body: &'a templates::Body,
    /// The page on which the member takes back what it agreed to, if it is marketing.
    pub unsubscribe: Option<&'a str>,
}

/// What a provider answers: what it means, and what it calls the message.
pub type Answered = (Answer, Option<String>);

impl Providers {
    /// On any configuration; text messages come from `number`, and none are sent without it.
    #[must_use]
    pub fn new(aws: &SdkConfig, number: Option<String>) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(CALL)
            .operation_timeout(CALL)
            .build();
        let once = aws.to_builder().retry_config(RetryConfig::disabled()).timeout_config(timeouts).build();
        let (mail, texts) = (aws_sdk_sesv2::Client::new(&once), aws_sdk_pinpointsmsvoicev2::Client::new(&once));
        Self { mail, texts, number }
    }

    /// Hands a letter to the provider of its kind.
    pub async fn send(&self, letter: Letter<'_>) -> Answered {
        match letter.body {
            templates::Body::Mail { .. } => self.mail(letter).await,
            templates::Body::Sms(words) => self.text(letter, words).await,
            // No programme can name a sender of these yet, and what is in the app is put there.
            templates::Body::Push { .. } | templates::Body::Inbox(_) => (Answer::Refused("no_address"), None),
        }
    }

    async fn mail(&self, letter: Letter<'_>) -> Answered {
        let from = letter.sender.and_then(|sender| sender.from.as_ref());
        let (Some(from), Ok(message)) = (from, message(letter)) else { return (Answer::Refused("account"), None) };
        let Ok(tag) = MessageTag::builder().name("m").value(letter.id).build() else {
            return (Answer::Refused("content"), None);
        };
        let call = self.mail.send_email().from_email_address(from).email_tags(tag);
        let call = call.destination(Destination::builder().to_addresses(letter.address).build());
        match call.content(EmailContent::builder().simple(message).build()).send().await {
            Ok(sent) => (Answer::Accepted, sent.message_id),
            Err(error) => (meaning(&error), None),
        }
    }

    async fn text(&self, letter: Letter<'_>, words: &str) -> Answered {
        let Some(number) = &self.number else { return (Answer::Refused("account"), None) };
        let call = self.texts.send_text_message().origination_identity(number).message_body(words);
        let call = call.destination_phone_number(letter.address);
        match call.context("m", letter.id).send().await {
            Ok(sent) => (Answer::Accepted, sent.message_id),
            Err(error) => (meaning(&error), None),
        }
    }
}

fn message(letter: Letter<'_>) -> Result<Message, BuildError> {
    let templates::Body::Mail { subject, text, html } = letter.body else { return Ok(Message::builder().build()) };
    let content = |words: &str| Content::builder().data(words).charset("UTF-8").build();
    let body = Body::builder().text(content(text)?).html(content(html)?).build();
    let mut message = Message::builder().subject(content(subject)?).body(body);
    if let Some(page) = letter.unsubscribe {
        // A mailbox's own button withdraws at once. Source: RFC 8058.
        let header = |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build();
        message = message.headers(header("List-Unsubscribe", &format!("<{page}>"))?);
        message = message.headers(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?);
    }
    Ok(message.build())
}

/// What it means that a provider did not say yes. Where nobody knows whether it has the message, that is said.
fn meaning<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Answer {
    let answer = match error {
        SdkError::ConstructionFailure(_) => Answer::Refused("content"),
        SdkError::DispatchFailure(failure) if failure.as_connector_error().is_some_and(|error| never_opened(error)) => {
            Answer::Throttled
        }
        SdkError::ServiceError(refused) => {
            said(refused.raw().status().as_u16(), refused.err().code().unwrap_or_default())
        }
        _ => Answer::Ambiguous,
    };
    tracing::warn!(?answer, "a provider did not take a message"); // its own words may repeat an address
    answer
}

/// What a status and a code mean.
fn said(status: u16, code: &str) -> Answer {
    let has = |words: &[&str]| words.iter().any(|word| code.contains(word));
    match status {
        429 => Answer::Throttled,
        _ if has(&["Throttl", "TooManyRequests", "LimitExceeded"]) => Answer::Throttled,
        400..500 if has(&["Account", "AccessDenied", "NotFound", "NotVerified"]) => Answer::Refused("account"),
        400..500 if has(&["Rejected"]) => Answer::Refused("content"),
        400..500 => Answer::Refused("invalid_address"),
        _ => Answer::Ambiguous,
    }
}

/// Was there never a connection on which something could have been said?
fn never_opened(error: &(dyn Error + 'static)) -> bool {
    let mut source = Some(error);
    while let Some(error) = source {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused) {
            return true;
        }
        // What an error of the system wraps is not among its sources.
        let wrapped = io.and_then(io::Error::get_ref).map(|inner| inner as &(dyn Error + 'static));
        source = wrapped.or_else(|| error.source());
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: messages 2
    #[test]
    fn what_a_provider_answers_is_said_by_what_it_means() {
        for (status, code, answer) in [
            (400, "BadRequestException", Answer::Refused("invalid_address")),
            (400, "MessageRejected", Answer::Refused("content")),
            (403, "AccountSuspendedException", Answer::Refused("account")),
            (400, "MailFromDomainNotVerifiedException", Answer::Refused("account")),
            (400, "ResourceNotFoundException", Answer::Refused("account")), // there is no such number to send from
            (429, "TooManyRequestsException", Answer::Throttled),
            (400, "ThrottlingException", Answer::Throttled),
            (500, "InternalServerException", Answer::Ambiguous),
            (503, "", Answer::Ambiguous),
        ] {
            assert_eq!(said(status, code), answer, "{status} {code}");
        }
    }

    #[test]
    fn a_connection_that_was_refused_carried_nothing() {
        let refused = io::Error::other(io::Error::from(io::ErrorKind::ConnectionRefused));
        assert!(never_opened(&refused));
        assert!(!never_opened(&io::Error::from(io::ErrorKind::ConnectionReset)));
    }
}
