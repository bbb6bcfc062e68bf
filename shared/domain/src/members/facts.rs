//! What is told of members. Of values only those that no person can be found by.

use crate::kernel::event::facts;

/// Why an account is closed: the member left.
pub const LEFT: &str = "left";

/// The same: the member died.
pub const DECEASED: &str = "deceased";

facts! { MemberFact:
    /// Somebody became a member.
    MemberEnrolled = "perennial.mem.memberenrolled.v1" {
        /// The source that said so.
        source: String = "shop".into(),
    }
    /// A member can be known by one identifier more.
    IdentifierLinked = "perennial.mem.identifierlinked.v1" {
        /// Of which kind: `phone`, `email`, `card`, `wecom`, `device`, or `external:SOURCE`.
        kind: String = "phone".into(),
        /// The source that presented it.
        source: String = "app".into(),
    }
    /// An identifier is a member's no more.
    IdentifierUnlinked = "perennial.mem.identifierunlinked.v1" {
        /// Of which kind.
        kind: String = "phone".into(),
        /// The source that said so, or presented it for another.
        source: String = "app".into(),
        /// Why: `moved`, or `unlinked`.
        because: String = "moved".into(),
    }
    /// Two members say that the same is theirs: a person decides.
    IdentityConflictDetected = "perennial.mem.identityconflictdetected.v1" {
        /// The conflict.
        conflict: String = "2f1c7d7dd5a14e6b8f7b0c7c33aa5d01".into(),
    }
    /// Something else is known of a member.
    ProfileUpdated = "perennial.mem.profileupdated.v1" {
        /// Which fields; never what they say.
        fields: Vec<String> = vec!["given_name".into()],
        /// The source that said so.
        source: String = "crm".into(),
    }
    /// A member agreed to something.
    ConsentGiven = "perennial.mem.consentgiven.v1" {
        /// To what.
        purpose: String = "marketing".into(),
        /// By which channel, if the purpose has any.
        channel: Option<String> = Some("email".into()),
        /// Under which version of its text.
        version: Option<u32> = Some(1),
    }
    /// A member agreed to something by a channel that has to be confirmed.
    ConsentPending = "perennial.mem.consentpending.v1" {
        /// To what.
        purpose: String = "marketing".into(),
        /// By which channel.
        channel: Option<String> = Some("email".into()),
    }
    /// A member took a consent back.
    ConsentWithdrawn = "perennial.mem.consentwithdrawn.v1" {
        /// Of what.
        purpose: String = "marketing".into(),
        /// By which channel, if the purpose has any.
        channel: Option<String> = Some("email".into()),
    }
    /// Two members are one.
    MembersMerged = "perennial.mem.membersmerged.v1" {
        /// Who survives.
        survivor: String = "m-1".into(),
        /// Who was absorbed.
        absorbed: String = "m-2".into(),
        /// The name of the merge.
        merge: String = "2f1c7d7dd5a14e6b8f7b0c7c33aa5d01".into(),
    }
    /// Two members who had been made one are two again.
    MembersUnmerged = "perennial.mem.membersunmerged.v1" {
        /// Who stood for both.
        survivor: String = "m-1".into(),
        /// Who had been absorbed.
        absorbed: String = "m-2".into(),
        /// The name of the merge.
        merge: String = "2f1c7d7dd5a14e6b8f7b0c7c33aa5d01".into(),
    }
    /// A member earns and spends nothing for now.
    MemberSuspended = "perennial.mem.membersuspended.v1" {
    }
    /// A member is active again.
    MemberReactivated = "perennial.mem.memberreactivated.v1" {
    }
    /// A member has left, and may come back for some days.
    MemberClosed = "perennial.mem.memberclosed.v1" {
        /// Why: `left`, or `deceased`, and then nobody writes there any more.
        because: String = "left".into(),
    }
    /// Somebody wants a member erased.
    ErasureRequested = "perennial.mem.erasurerequested.v1" {
        /// When it is carried out, if nobody takes it back.
        due: String = "2026-06-18T02:00:00Z".into(),
    }
    /// A member has done nothing for long, and is erased on a date if that stays so.
    DormantPurgeNotified = "perennial.mem.dormantpurgenotified.v1" {
        /// The local date.
        purge_on: String = "2026-06-02".into(),
        /// There is a channel by which the member can be told.
        reachable: bool = true,
    }
    /// A member was erased: whoever keeps something of the member deletes it, and of those it stood for.
    MemberErased = "perennial.mem.membererased.v1" {
        /// The receipt.
        receipt: String = "m-1.1".into(),
        /// For whom the member stood.
        absorbed: Vec<String> = vec!["m-2".into()],
    }
    /// Everything that is known of a member can be had, by the member alone.
    DataExported = "perennial.mem.dataexported.v1" {
        /// The export.
        export: String = "m-1.1".into(),
    }
    /// A member was given a tag by hand.
    TagAdded = "perennial.mem.tagadded.v1" {
        /// Which.
        tag: String = "vip-care".into(),
        /// `manual`: by hand.
        kind: String = "manual".into(),
        /// Its last local day.
        until: String = "2026-12-31".into(),
    }
    /// A tag by hand was taken from a member.
    TagRemoved = "perennial.mem.tagremoved.v1" {
        /// Which.
        tag: String = "vip-care".into(),
        /// `manual`: by hand.
        kind: String = "manual".into(),
    }
    /// Somebody has seen or done what is noted: for those who look after it.
    AuditRecorded = "perennial.gov.auditrecorded.v1" {
        /// Who, as what: `agent:agent-7`.
        actor: String = "agent:agent-7".into(),
        /// What: `unmasking`.
        what: String = "unmasking".into(),
        /// Names of what it was about; never what they say.
        of: Vec<String> = vec!["phone".into()],
    }
    /// A code is to be sent to an identifier of a member.
    VerificationWanted = "perennial.mem.verificationwanted.v1" {
        /// The verification, from which the code follows for those who send it.
        verification: String = "9b1f0c6a5e2d47388c7a1be0d2f43c65".into(),
        /// The number of the identifier among the member's.
        identifier: u32 = 2,
    }
}
