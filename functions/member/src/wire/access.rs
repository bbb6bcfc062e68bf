//! Exports of everything that is known of a member.

use domain::kernel::id::MemberId;
use domain::members::access::{AccessExport, Archive, Listed};
use jiff::Timestamp;
use lambda::{NamesMember, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::wire::reason::StatedReason;

/// Somebody wants everything that is known of a member, for the member.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessRequest {
    /// Of whom.
    member: String,
    /// Why: who asks on behalf of a member says so.
    #[serde(default)]
    pub(crate) reason: Option<StatedReason>,
}

impl NamesMember for AccessRequest {
    fn member(&self) -> Result<MemberId, Problem> {
        self.member.parse().map_err(|error: String| Problem::invalid("/member", error))
    }
}

/// An export.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct AccessReply {
    /// Its name.
    export: String,
    /// Of whom.
    member: String,
    /// `preparing`, `ready`, `expired`: the archive is gone; or `withdrawn`: it was of somebody else too, who is a member again.
    state: &'static str,
    /// When it was asked for; what was recorded later is not in it.
    as_of: Timestamp,
    /// Where the archive can be had, by `GET`: the member alone is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<LinkView>,
    /// Once the archive is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ExportReceipt>,
}

/// Where an archive can be had.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct LinkView {
    /// The address; it is signed, and whoever has it has the archive.
    url: String,
    /// Until when.
    until: Timestamp,
}

/// What was given.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ExportReceipt {
    /// When it was ready.
    ready_at: Timestamp,
    /// Until when the archive is kept.
    kept_until: Timestamp,
    /// The SHA-256 of the archive, in hexadecimal digits.
    sha256: String,
    /// How many bytes it has.
    bytes: u64,
    /// What is in it.
    files: Vec<ListedFile>,
}

/// A file of an archive.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ListedFile {
    /// Its name.
    name: String,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    sha256: String,
    /// How many bytes it has.
    bytes: u64,
    /// How many lines, or things.
    rows: u64,
}

impl AccessReply {
    pub(crate) fn new(export: &AccessExport, link: Option<(String, Timestamp)>, now: Timestamp) -> Self {
        let receipt = export.archive.as_ref().zip(export.kept_until());
        Self {
            export: export.id(),
            member: export.member.to_string(),
            state: export.state(now),
            as_of: export.as_of,
            link: link.map(|(url, until)| LinkView { url, until }),
            receipt: receipt.map(|(archive, kept_until)| ExportReceipt::new(archive, kept_until)),
        }
    }
}

impl ExportReceipt {
    fn new(archive: &Archive, kept_until: Timestamp) -> Self {
        let file = |listed: &Listed| {
            let Listed { name, sha256, bytes, rows } = listed.clone();
            ListedFile { name, sha256, bytes, rows }
        };
        Self {
            ready_at: archive.at,
            kept_until,
            sha256: archive.sha256.clone(),
            bytes: archive.bytes,
            files: archive.files.iter().map(file).collect(),
        }
    }
}
