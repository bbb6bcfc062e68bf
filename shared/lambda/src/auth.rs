//! Who may do what. API Gateway has checked the token and its scope for the route; the function checks the role, and that
//! a member touches only its own account.

use std::collections::HashMap;

use domain::kernel::id::MemberId;
use domain::ledger::doer::Doer;
use serde::{Deserialize, Serialize};

use crate::Problem;

/// What somebody is. A token carries exactly one of these in its scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A member of the programme; the token's subject is the member id.
    Member,
    /// The shop's systems.
    Partner,
    /// A service agent.
    Agent,
    /// An agent who answers for departments: whatever an agent may, a lead may.
    Lead,
    /// An operator.
    Admin,
    /// Someone who may look at the ledger and nothing else.
    Auditor,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Member, Self::Partner, Self::Agent, Self::Lead, Self::Admin, Self::Auditor];

    /// As in a token.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Partner => "partner",
            Self::Agent => "agent",
            Self::Lead => "lead",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }

    /// Is it an agent's, or a lead's?
    #[must_use]
    pub const fn is_agent(self) -> bool {
        matches!(self, Self::Agent | Self::Lead)
    }

    fn is_among(self, roles: &[Self]) -> bool {
        roles.contains(&self) || (self == Self::Lead && roles.contains(&Self::Agent))
    }

    /// The scopes of a token for this role: the role, and every scope that it may use.
    #[must_use]
    pub fn scopes(self) -> Vec<&'static str> {
        let may = SCOPES.iter().filter(|(_, roles)| self.is_among(roles)).map(|(scope, _)| scope.name());
        std::iter::once(self.name()).chain(may).collect()
    }
}

/// What a route needs; exactly one per route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Report activities.
    ActivitiesWrite,
    /// Report returns.
    RefundsWrite,
    /// Correct by hand.
    AdjustmentsWrite,
    /// Approve corrections.
    AdjustmentsApprove,
    /// Ask what would happen.
    QuotesRead,
    /// Redeem.
    RedemptionsWrite,
    /// Take redemptions back.
    ReversalsWrite,
    /// Hold points, and release them.
    HoldsWrite,
    /// Spend held points.
    HoldsCapture,
    /// Donate.
    DonationsWrite,
    /// Use vouchers.
    VouchersUse,
    /// See what can be had.
    RewardsRead,
    /// Change how much of it there is.
    RewardsWrite,
    /// See balances and entries.
    LedgerRead,
    /// Set tiers by hand.
    TiersWrite,
    /// Use benefits.
    BenefitsUse,
    /// See orders and their refunds.
    OrdersRead,
    /// Move an order that was credited to the wrong member.
    OrdersMove,
    /// Enrol members.
    MembersEnrol,
    /// Look up who is known by something.
    MembersFind,
    /// See members.
    MembersRead,
    /// Change what is known of members.
    MembersWrite,
    /// See and change what members agree to.
    ConsentsWrite,
    /// See which systems report, and how well.
    SourcesRead,
    /// Suspend members, and lift that.
    MembersSuspend,
    /// See what is masked.
    MembersUnmask,
    /// See who has looked, and what became of erasures.
    PrivacyRead,
    /// Have members erased, and take that back.
    PrivacyRequest,
    /// Keep erasures waiting.
    PrivacyManage,
    /// Decide whose an identifier is, make two members one, and two again.
    MembersMerge,
    /// Import files.
    ImportsRun,
    /// Read what one was told in the app.
    InboxRead,
    /// See what is done for members.
    CareRead,
    /// See what will be done for members.
    CarePreview,
    /// Stop journeys and channels, and let them go on.
    CareAdmin,
    /// Invite members to surveys.
    SurveysInvite,
    /// See what members were asked and answered.
    SurveysRead,
    /// Read what members wrote.
    VoiceText,
    /// Decide on what members wish.
    SuggestionsWrite,
    /// Open tickets.
    TicketsOpen,
    /// See tickets.
    TicketsRead,
    /// Write to tickets, and answer.
    TicketsReply,
    /// Work on tickets.
    TicketsWork,
    /// Give something on the spot.
    GrantsWrite,
    /// Agree to what others give.
    GrantsApprove,
    /// Say who works at the desk.
    DeskManage,
}

impl Scope {
    /// As in a token and in the template.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ActivitiesWrite => "activities:write",
            Self::RefundsWrite => "refunds:write",
            Self::AdjustmentsWrite => "adjustments:write",
            Self::AdjustmentsApprove => "adjustments:approve",
            Self::QuotesRead => "quotes:read",
            Self::RedemptionsWrite => "redemptions:write",
            Self::ReversalsWrite => "reversals:write",
            Self::HoldsWrite => "holds:write",
            Self::HoldsCapture => "holds:capture",
            Self::DonationsWrite => "donations:write",
            Self::VouchersUse => "vouchers:use",
            Self::RewardsRead => "rewards:read",
            Self::RewardsWrite => "rewards:write",
            Self::LedgerRead => "ledger:read",
            Self::TiersWrite => "tiers:write",
            Self::BenefitsUse => "benefits:use",
            Self::OrdersRead => "orders:read",
            Self::OrdersMove => "orders:move",
            Self::MembersEnrol => "members:enrol",
            Self::MembersFind => "members:find",
            Self::MembersRead => "members:read",
            Self::MembersWrite => "members:write",
            Self::ConsentsWrite => "consents:write",
            Self::SourcesRead => "sources:read",
            Self::MembersSuspend => "members:suspend",
            Self::MembersMerge => "members:merge",
            Self::MembersUnmask => "members:unmask",
            Self::PrivacyRead => "privacy:read",
            Self::ImportsRun => "imports:run",
            Self::PrivacyRequest => "privacy:request",
            Self::PrivacyManage => "privacy:manage",
            Self::InboxRead => "inbox:read",
            Self::CareRead => "care:read",
            Self::CarePreview => "care:preview",
            Self::CareAdmin => "care:admin",
            Self::SurveysInvite => "surveys:invite",
            Self::SurveysRead => "surveys:read",
            Self::VoiceText => "voice:text",
            Self::SuggestionsWrite => "suggestions:write",
            Self::TicketsOpen => "tickets:open",
            Self::TicketsRead => "tickets:read",
            Self::TicketsReply => "tickets:reply",
            Self::TicketsWork => "tickets:work",
            Self::GrantsWrite => "grants:write",
            Self::GrantsApprove => "grants:approve",
            Self::DeskManage => "desk:manage",
        }
    }
}

/// Which roles may use which scope: the whole of authorisation, in one table.
pub const SCOPES: [(Scope, &[Role]); 46] = {
    use Role::{Admin, Agent, Auditor, Lead, Member, Partner};
    [
        (Scope::ActivitiesWrite, &[Partner, Admin]),
        (Scope::RefundsWrite, &[Partner, Admin]),
        (Scope::AdjustmentsWrite, &[Admin]),
        (Scope::AdjustmentsApprove, &[Admin]),
        (Scope::QuotesRead, &[Member, Partner, Agent, Admin]),
        (Scope::RedemptionsWrite, &[Member, Partner, Agent, Admin]),
        (Scope::ReversalsWrite, &[Partner, Agent, Admin]),
        (Scope::HoldsWrite, &[Member, Partner, Agent, Admin]),
        (Scope::HoldsCapture, &[Partner, Admin]),
        (Scope::DonationsWrite, &[Member, Partner, Agent, Admin]),
        (Scope::VouchersUse, &[Partner, Agent, Admin]),
        (Scope::RewardsRead, &[Member, Partner, Agent, Admin]),
        (Scope::RewardsWrite, &[Admin]),
        (Scope::LedgerRead, &[Member, Partner, Agent, Admin, Auditor]),
        (Scope::TiersWrite, &[Admin]),
        (Scope::BenefitsUse, &[Member, Partner, Agent, Admin]),
        (Scope::OrdersRead, &[Partner, Agent, Admin, Auditor]),
        (Scope::OrdersMove, &[Agent, Admin]),
        (Scope::MembersEnrol, &[Member, Partner, Agent, Admin]),
        (Scope::MembersFind, &[Partner, Agent, Admin]),
        (Scope::MembersRead, &[Member, Partner, Agent, Admin, Auditor]),
        (Scope::MembersWrite, &[Member, Partner, Agent, Admin]),
        (Scope::ConsentsWrite, &[Member, Partner, Agent, Admin]),
        (Scope::SourcesRead, &[Admin, Auditor]),
        (Scope::MembersSuspend, &[Lead, Admin]),
        (Scope::MembersMerge, &[Agent, Admin]),
        (Scope::MembersUnmask, &[Agent, Admin]),
        (Scope::PrivacyRead, &[Member, Admin, Auditor]),
        (Scope::ImportsRun, &[Partner, Admin]),
        (Scope::PrivacyRequest, &[Member, Agent, Admin]),
        (Scope::PrivacyManage, &[Admin]),
        (Scope::InboxRead, &[Member]),
        (Scope::CareRead, &[Member, Agent, Admin]),
        (Scope::CarePreview, &[Lead, Admin]),
        (Scope::CareAdmin, &[Admin]),
        (Scope::SurveysInvite, &[Partner, Admin]),
        (Scope::SurveysRead, &[Member, Agent, Admin]),
        (Scope::VoiceText, &[Agent, Admin]),
        (Scope::SuggestionsWrite, &[Admin]),
        (Scope::TicketsOpen, &[Member, Partner, Agent, Admin]),
        (Scope::TicketsRead, &[Member, Agent, Admin]),
        (Scope::TicketsReply, &[Member, Agent, Admin]),
        (Scope::TicketsWork, &[Agent, Admin]),
        (Scope::GrantsWrite, &[Agent]),
        (Scope::GrantsApprove, &[Lead, Admin]),
        (Scope::DeskManage, &[Admin]),
    ]
};

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The token's subject.
    pub subject: String,
    /// Its role.
    pub role: Role,
}

/// Why nobody is known who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// There is no token.
    NoToken,
    /// The token names nobody, or at too great a length.
    NoSubject,
    /// None of its scopes is a role.
    NoRole,
    /// More than one is.
    SeveralRoles,
}

impl Unknown {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::NoToken => "a token is needed: Authorization: Bearer ...",
            Self::NoSubject => "the token's `sub` must have 1 to 128 bytes",
            Self::NoRole => "the token has no role among its scopes; exactly one is needed",
            Self::SeveralRoles => "the token has several roles among its scopes; exactly one is needed",
        }
    }
}

/// The scopes that a claim gives: words, or a list as API Gateway writes one, `[admin ledger:read]`.
fn words(claim: &str) -> impl Iterator<Item = &str> {
    let between = |letter: char| letter.is_whitespace() || ",[]\"".contains(letter);
    claim.split(between).filter(|word| !word.is_empty())
}

impl Principal {
    /// As entries name it; a member's own requests name nobody.
    #[must_use]
    pub fn doer(&self) -> Option<Doer> {
        (self.role != Role::Member).then(|| Doer::new(self.named()))
    }

    /// As logs and jobs name it: `admin:ada`.
    #[must_use]
    pub fn named(&self) -> String {
        format!("{}:{}", self.role.name(), self.subject)
    }

    /// Who may record a fact that is too old.
    #[must_use]
    pub fn backdates(&self) -> Option<Doer> {
        self.doer().filter(|_| self.role == Role::Admin)
    }

    /// From the claims of a checked token. Identity providers call the scopes `scope` or `scp`; whatever there is counts.
    pub(crate) fn from_claims(claims: &HashMap<String, String>) -> Result<Self, Unknown> {
        let subject = claims.get("sub").filter(|subject| (1..=128).contains(&subject.len()));
        let subject = subject.ok_or(Unknown::NoSubject)?;
        let scopes: Vec<&str> =
            ["scope", "scp"].into_iter().filter_map(|name| claims.get(name)).flat_map(|claim| words(claim)).collect();
        let mut roles = Role::ALL.into_iter().filter(|role| scopes.contains(&role.name()));
        match (roles.next(), roles.next()) {
            (Some(role), None) => Ok(Self { subject: subject.clone(), role }),
            (None, _) => Err(Unknown::NoRole),
            (Some(_), Some(_)) => Err(Unknown::SeveralRoles),
        }
    }

    /// May this principal do this?
    ///
    /// # Errors
    /// 403 `forbidden`.
    pub fn may(&self, scope: Scope) -> Result<(), Problem> {
        let permitted = SCOPES.iter().any(|(listed, roles)| *listed == scope && self.role.is_among(roles));
        if permitted { Ok(()) } else { Err(Problem::forbidden("this role may not do that")) }
    }

    /// May this principal do this to this member's account? A member only to its own.
    ///
    /// # Errors
    /// 403 `forbidden`.
    pub fn may_for(&self, scope: Scope, member: &MemberId) -> Result<(), Problem> {
        self.may(scope)?;
        if self.role != Role::Member || self.subject == member.as_str() {
            return Ok(());
        }
        Err(Problem::forbidden("a member sees only its own account"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(scope: &str) -> HashMap<String, String> {
        [("sub".to_owned(), "m-1".to_owned()), ("scope".to_owned(), scope.to_owned())].into()
    }

    #[test]
    fn a_token_has_exactly_one_role() {
        assert_eq!(Principal::from_claims(&claims("member ledger:read")).unwrap().role, Role::Member);
        assert_eq!(Principal::from_claims(&claims("ledger:read")), Err(Unknown::NoRole));
        assert_eq!(Principal::from_claims(&claims("")), Err(Unknown::NoRole));
        assert_eq!(Principal::from_claims(&claims("member admin ledger:read")), Err(Unknown::SeveralRoles));
        assert_eq!(Principal::from_claims(&HashMap::new()), Err(Unknown::NoSubject));
    }

    #[test]
    fn scopes_are_read_however_they_are_written() {
        for text in ["admin ledger:read", "[admin ledger:read]", "[\"admin\",\"ledger:read\"]", "[admin, ledger:read]"]
        {
            for name in ["scope", "scp"] {
                let claims = [("sub".to_owned(), "ada".to_owned()), (name.to_owned(), text.to_owned())].into();
                assert_eq!(Principal::from_claims(&claims).unwrap().role, Role::Admin, "{name}: {text}");
            }
        }
        let mut both = claims("[admin]");
        both.insert("scp".to_owned(), "member".to_owned());
        assert_eq!(Principal::from_claims(&both), Err(Unknown::SeveralRoles), "neither claim hides the other");
        assert_eq!(Principal::from_claims(&claims("administrator")), Err(Unknown::NoRole));
    }

    #[test]
    fn a_member_sees_only_itself() {
        let member = Principal { subject: "m-1".into(), role: Role::Member };
        let (own, other) = ("m-1".parse().unwrap(), "m-2".parse().unwrap());
        assert!(member.may_for(Scope::LedgerRead, &own).is_ok());
        assert!(member.may_for(Scope::LedgerRead, &other).is_err());
        assert!(member.may_for(Scope::ActivitiesWrite, &own).is_err(), "nobody earns by saying so");
        let auditor = Principal { subject: "a".into(), role: Role::Auditor };
        assert!(auditor.may_for(Scope::LedgerRead, &other).is_ok());
        assert!(auditor.may(Scope::RedemptionsWrite).is_err());
    }
}
