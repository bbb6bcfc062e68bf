//! The one place that reads the environment.

use store::table::{
    CARE, CLAIMS, DESK, ERASURES, INBOX, MEMBER_JOBS, MEMBER_KEYS, MEMBER_LOG, MEMBERS, MESSAGES, SIGNALS, SURVEYS,
    TICKET_LOG, TICKETS,
};
use store::{Table, Tables};
use tracing::level_filters::LevelFilter;

use crate::boot::BootError;

/// Tables of contexts, and what tells their names to the functions that use them.
const CONTEXTS: [(Table, &str); 14] = [
    (SURVEYS, "SURVEYS_TABLE"),
    (TICKETS, "TICKETS_TABLE"),
    (TICKET_LOG, "TICKET_LOG_TABLE"),
    (DESK, "DESK_TABLE"),
    (MESSAGES, "MESSAGES_TABLE"),
    (INBOX, "INBOX_TABLE"),
    (CARE, "CARE_TABLE"),
    (MEMBERS, "MEMBERS_TABLE"),
    (CLAIMS, "CLAIMS_TABLE"),
    (MEMBER_LOG, "MEMBER_LOG_TABLE"),
    (MEMBER_KEYS, "MEMBER_KEYS_TABLE"),
    (MEMBER_JOBS, "MEMBER_JOBS_TABLE"),
    (ERASURES, "ERASURES_TABLE"),
    (SIGNALS, "SIGNALS_TABLE"),
];

/// What a function is told by the template.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The names of the tables.
    pub tables: Tables,
    /// The queue of `tier-evaluation`; only the router is told.
    pub tier_queue: Option<String>,
    /// The queue of `member`; only who sends to it is told.
    pub members_queue: Option<String>,
    /// The queue of `care-journey`; only the router is told.
    pub care_queue: Option<String>,
    /// The queue of what is sent to members; only the router is told.
    pub deliver_queue: Option<String>,
    /// The queue of `service-desk`; only the router is told.
    pub desk_queue: Option<String>,
    /// The queue of what members are given; only the router is told.
    pub grants_queue: Option<String>,
    /// The queue of facts to earn from; only the router is told.
    pub ingest_queue: Option<String>,
    /// The queue of `survey-intake`; only the router is told.
    pub voice_queue: Option<String>,
    /// KMS's key that wraps all others; only who reads personal data is told.
    pub member_key: Option<String>,
    /// The number that text messages come from, as End User Messaging calls it; only who sends them is told.
    pub sms_number: Option<String>,
    /// The bucket of files with personal data; only who reads and writes those is told.
    pub private_bucket: Option<String>,
    /// The queue of steps of imports; only who takes them is told.
    pub imports_queue: Option<String>,
    /// The region; Lambda always tells it.
    pub region: Option<String>,
    /// Where to reach AWS instead of its own endpoints: an emulator's.
    pub endpoint: Option<String>,
    /// The root certificates that endpoints are expected to be certified by, in PEM; absent: Amazon's.
    pub roots: Option<String>,
}

impl Settings {
    /// From the process's environment. `TRUSTED_ROOTS` may name a file of root certificates.
    ///
    /// # Errors
    /// A variable is missing, or the file cannot be read.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Result<Self, BootError> {
        let roots = std::env::var("TRUSTED_ROOTS").ok().map(std::fs::read_to_string);
        let roots = roots.transpose().map_err(BootError::Roots)?;
        Ok(Self { roots, ..Self::from(|name| std::env::var(name).ok())? })
    }

    /// From any source of variables.
    ///
    /// # Errors
    /// A variable is missing.
    pub fn from(variable: impl Fn(&str) -> Option<String>) -> Result<Self, BootError> {
        let required = |name: &'static str| variable(name).ok_or(BootError::Missing(name));
        let tables = Tables {
            accounts: required("ACCOUNTS_TABLE")?,
            pages: required("PAGES_TABLE")?,
            catalogue: required("CATALOGUE_TABLE")?,
            stock: required("STOCK_TABLE")?,
            vouchers: required("VOUCHERS_TABLE")?,
            facts: required("FACTS_TABLE")?,
            checkpoints: required("CHECKPOINTS_TABLE")?,
            contexts: CONTEXTS.iter().filter_map(|(table, name)| Some((table.name, variable(name)?))).collect(),
        };
        let (region, endpoint) = (variable("AWS_REGION"), variable("AWS_ENDPOINT_URL"));
        let (tier_queue, members_queue) = (variable("TIER_QUEUE_URL"), variable("MEMBERS_QUEUE_URL"));
        let (care_queue, deliver_queue) = (variable("CARE_QUEUE_URL"), variable("DELIVER_QUEUE_URL"));
        let grants_queue = variable("GRANTS_QUEUE_URL");
        let (desk_queue, voice_queue) = (variable("DESK_QUEUE_URL"), variable("VOICE_QUEUE_URL"));
        let ingest_queue = variable("INGEST_QUEUE_URL");
        let (member_key, sms_number) = (variable("MEMBER_KEY"), variable("SMS_NUMBER"));
        let (private_bucket, imports_queue) = (variable("PRIVATE_BUCKET"), variable("IMPORTS_QUEUE_URL"));
        Ok(Self {
            tables,
            tier_queue,
            members_queue,
            care_queue,
            deliver_queue,
            grants_queue,
            desk_queue,
            ingest_queue,
            voice_queue,
            member_key,
            sms_number,
            private_bucket,
            imports_queue,
            region,
            endpoint,
            roots: None,
        })
    }
}

/// How to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Logging {
    /// The least that is logged.
    pub(crate) level: LevelFilter,
    /// One JSON object a line.
    pub(crate) json: bool,
}

impl Logging {
    /// As Lambda's logging controls say; without them informational lines, as text.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn from_env() -> Self {
        Self::from(|name| std::env::var(name).ok())
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> Self {
        let level = variable("AWS_LAMBDA_LOG_LEVEL").and_then(|level| match level.as_str() {
            "FATAL" => Some(LevelFilter::ERROR), // tracing knows nothing worse
            level => level.parse().ok(),
        });
        let json = variable("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json"));
        Self { level: level.unwrap_or(LevelFilter::INFO), json }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(level: Option<&str>, format: Option<&str>, expected: (LevelFilter, bool)) {
        let told = |name: &str| if name.ends_with("LEVEL") { level } else { format };
        let logging = Logging::from(|name| told(name).map(str::to_owned));
        assert_eq!((logging.level, logging.json), expected);
    }

    #[test]
    fn logs_are_written_as_lambda_asks_for_them() {
        check(Some("WARN"), Some("JSON"), (LevelFilter::WARN, true));
        check(Some("FATAL"), Some("Text"), (LevelFilter::ERROR, false));
        check(None, None, (LevelFilter::INFO, false));
    }
}
