//! Members: by what they are known, what is known of them, and what they agree to. Personal data is read here, and sealed wherever it lies.

mod access;
mod asked;
mod conflicts;
mod consents;
mod enrolments;
mod erasing;
mod erasures;
mod identifiers;
mod looks;
mod lookups;
mod merges;
mod messages;
mod notices;
mod pages;
mod profiles;
mod quality;
mod sources;
mod speaker;
mod standings;
mod tags;
mod tick;
mod told;
mod trail;
mod view;
mod wire;

use domain::kernel::refusal::{InvalidField, Missing, Refusal as _};
use domain::ledger::membership::Gone;
use domain::ledger::transfer::Transferring;
use domain::members::enrolment::Enrolling;
use domain::members::erasing::Erasing;
use domain::members::finding::Finding;
use domain::members::leaving::Unlinking;
use domain::members::looking::Looking;
use domain::members::merging::{Merging, Unmerging};
use domain::members::settling::Settling;
use domain::members::standing::Standing;
use domain::members::tag::Tagging;
use domain::members::telling::Telling;
use domain::members::unreadable::Unreadable;
use domain::members::verification::Verifying;
use domain::members::viewing::Viewing;
use domain::programme::source::Sourcing;
use lambda::{
    Access, Consumer, Function, Key, Method, Private, Route, Run, Scope, Shape, Whose, anything, call, reply,
};
use wire::access::{AccessReply, AccessRequest};
use wire::conflict::{ConflictsReply, ResolutionReply, ResolutionRequest};
use wire::consent::{ConsentsReply, ConsentsRequest};
use wire::enrolment::{EnrolReply, EnrolRequest};
use wire::erasure::{ErasureReply, ErasureRequest, HoldRequest};
use wire::identifier::{CodeRequest, CodeSentReply, LinkReply, LinkRequest, UnlinkReply, VerifiedReply};
use wire::look::{LookReply, LookRequest, LooksReply};
use wire::merge::{MergeReply, MergeRequest, UnmergeReply, UnmergeRequest};
use wire::profile::{ChangeReply, ChangeRequest, MemberReply};
use wire::source::{QualityReply, SourcesReply};
use wire::standing::{StandingReply, StandingRequest};
use wire::tag::{DictionaryReply, TagRequest, TagsReply};

const ROUTES: &[Route<Private>] = &[
    Route {
        method: Method::Post,
        path: "/v1/members",
        id: "enrolMember",
        says: "Enrol somebody, or say more of somebody who is known: by what the source calls them, or by what is verified.",
        access: Access::Of(Scope::MembersEnrol, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<EnrolRequest>(&[
            reply::<EnrolReply>(200, "The member was known"),
            reply::<EnrolReply>(201, "The member is new"),
        ]),
        refuses: &[Enrolling::CODES, Sourcing::CODES, Unreadable::CODES, InvalidField::CODES],
        call: call!(enrolments::post),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/lookups",
        id: "lookUpMember",
        says: "Who is known by a phone number, an address, a card or what a source calls them.",
        access: Access::Of(Scope::MembersFind, Whose::Nobody),
        key: Key::Read,
        shape: Shape::of::<wire::lookup::LookupRequest>(&[reply::<wire::lookup::LookupReply>(200, "The member")]),
        refuses: &[Finding::CODES, Unreadable::CODES, InvalidField::CODES],
        call: call!(lookups::post),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}",
        id: "getMember",
        says: "What is known of a member, each value with where it came from; as much as the caller may see.",
        access: Access::Of(Scope::MembersRead, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<MemberReply>(200, "The member")]),
        refuses: &[Finding::CODES],
        call: call!(profiles::get),
    },
    Route {
        method: Method::Patch,
        path: "/v1/members/{member_id}",
        id: "changeMember",
        says: "Say something of a member: fields, zone, language, countries. What counts more is kept.",
        access: Access::Of(Scope::MembersWrite, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::of::<ChangeRequest>(&[reply::<ChangeReply>(200, "Said")]),
        refuses: &[Finding::CODES, Telling::CODES, Sourcing::CODES, InvalidField::CODES],
        call: call!(profiles::patch),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/consents",
        id: "listConsents",
        says: "What a member agrees to, per purpose and channel, and what is allowed by it.",
        access: Access::Of(Scope::ConsentsWrite, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(
            &[("page", "true: with the address of the member's page of preferences, which needs no sign-in")],
            &[reply::<ConsentsReply>(200, "Consents")],
        ),
        refuses: &[Finding::CODES],
        call: call!(consents::get),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/consents",
        id: "recordConsents",
        says: "Record what a member agrees to or takes back; what is older than what is known changes nothing.",
        access: Access::Of(Scope::ConsentsWrite, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::of::<ConsentsRequest>(&[reply::<ConsentsReply>(200, "Recorded")]),
        refuses: &[Finding::CODES, Telling::CODES, Sourcing::CODES, InvalidField::CODES],
        call: call!(consents::post),
    },
    // ---- where a member stands ----
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/suspension",
        id: "suspendMember",
        says: "Suspend a member: nothing is earned and nothing is spent until the reactivation; what is earned meanwhile waits.",
        access: Access::Of(Scope::MembersSuspend, Whose::Path("member_id")),
        key: Key::Header,
        shape: Shape::of::<StandingRequest>(&[reply::<StandingReply>(200, "Suspended")]),
        refuses: &[Finding::CODES, Standing::CODES, Gone::CODES],
        call: call!(standings::suspend),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/reactivation",
        id: "reactivateMember",
        says: "Lift a suspension, and post what was earned meanwhile; or open an account again that was closed a while ago.",
        access: Access::Of(Scope::MembersSuspend, Whose::Path("member_id")),
        key: Key::Header,
        shape: Shape::of::<StandingRequest>(&[reply::<StandingReply>(200, "Active")]),
        refuses: &[Finding::CODES, Standing::CODES, Gone::CODES],
        call: call!(standings::reactivate),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/closing",
        id: "closeMember",
        says: "Close an account: for a while everything can be brought back. A member closes alone, others say why.",
        access: Access::Of(Scope::MembersWrite, Whose::Path("member_id")),
        key: Key::Header,
        shape: Shape::of::<StandingRequest>(&[reply::<StandingReply>(200, "Closed")]),
        refuses: &[Finding::CODES, Standing::CODES, Gone::CODES],
        call: call!(standings::close),
    },
    // Whose an identifier is, and tags by hand.
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/identifiers",
        id: "linkIdentifier",
        says: "Say by what a member is known, too. What is another's stays there, or a person decides.",
        access: Access::Of(Scope::MembersWrite, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::of::<LinkRequest>(&[reply::<LinkReply>(200, "What became of it")]),
        refuses: &[Enrolling::CODES, Sourcing::CODES, Unreadable::CODES, InvalidField::CODES],
        call: call!(identifiers::post),
    },
    Route {
        method: Method::Delete,
        path: "/v1/members/{member_id}/identifiers/{n}",
        id: "unlinkIdentifier",
        says: "Take an identifier from a member; the last by which the member can be found, if that is meant.",
        access: Access::Of(Scope::MembersWrite, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::asked(
            &[("confirm", "true: though it is the last by which the member can be found")],
            &[reply::<UnlinkReply>(200, "It is not the member's")],
        ),
        refuses: &[Finding::CODES, Unlinking::CODES],
        call: call!(identifiers::delete),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/identifiers/{n}/verifications",
        id: "sendCode",
        says: "Have a code of six digits sent to an identifier: good for ten minutes, three an hour.",
        access: Access::Of(Scope::MembersWrite, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<CodeSentReply>(202, "It is on its way")]),
        refuses: &[Finding::CODES, Verifying::CODES],
        call: call!(identifiers::send),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/identifiers/{n}/confirmations",
        id: "sayCode",
        says: "Say the code that was sent: the identifier is verified.",
        access: Access::Of(Scope::MembersWrite, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::of::<CodeRequest>(&[reply::<VerifiedReply>(200, "Verified")]),
        refuses: &[Finding::CODES, Verifying::CODES, InvalidField::CODES],
        call: call!(identifiers::confirm),
    },
    Route {
        method: Method::Get,
        path: "/v1/conflicts",
        id: "listConflicts",
        says: "Identifiers of which two members say that they are theirs, until a person decides.",
        access: Access::Of(Scope::MembersMerge, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(
            &[("after", "the `next` of the page before")],
            &[reply::<ConflictsReply>(200, "Conflicts")],
        ),
        refuses: &[],
        call: call!(conflicts::list),
    },
    Route {
        method: Method::Post,
        path: "/v1/conflicts/{conflict_id}/resolution",
        id: "resolveConflict",
        says: "Decide whose the identifiers of a conflict are. An agent proposes it to who may decide.",
        access: Access::Of(Scope::MembersMerge, Whose::Nobody),
        key: Key::Business,
        shape: Shape::of::<ResolutionRequest>(&[
            reply::<ResolutionReply>(200, "Decided"),
            reply::<ResolutionReply>(202, "Proposed"),
        ]),
        refuses: &[Missing::CODES, Settling::CODES, Merging::CODES, Transferring::CODES, InvalidField::CODES],
        call: call!(conflicts::resolve),
    },
    Route {
        method: Method::Put,
        path: "/v1/members/{member_id}/tags/{tag}",
        id: "giveTag",
        says: "Give a member a tag by hand, until a local day; again only lengthens.",
        access: Access::Of(Scope::MembersWrite, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::of::<TagRequest>(&[reply::<TagsReply>(200, "Given")]),
        refuses: &[Finding::CODES, Tagging::CODES, InvalidField::CODES],
        call: call!(tags::put),
    },
    Route {
        method: Method::Delete,
        path: "/v1/members/{member_id}/tags/{tag}",
        id: "takeTag",
        says: "Take a tag by hand from a member.",
        access: Access::Of(Scope::MembersWrite, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<TagsReply>(200, "Taken")]),
        refuses: &[Finding::CODES, Tagging::CODES],
        call: call!(tags::delete),
    },
    Route {
        method: Method::Get,
        path: "/v1/tags",
        id: "listTags",
        says: "The tag dictionary: what each means, and who answers for it.",
        access: Access::Of(Scope::MembersRead, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<DictionaryReply>(200, "The dictionary")]),
        refuses: &[],
        call: call!(tags::list),
    },
    // What members are shown, and who has looked at them.
    Route {
        method: Method::Get,
        path: "/v1/notices/{id}/{version}",
        id: "getNotice",
        says: "A version of the notice, or of a text that members agree to, in a language.",
        access: Access::Open,
        key: Key::Read,
        shape: Shape::asked(
            &[("locale", "the language; the programme's first if absent or not there")],
            &[reply::<wire::notice::NoticeReply>(200, "The text")],
        ),
        refuses: &[Missing::CODES],
        call: call!(notices::get),
    },
    Route {
        method: Method::Get,
        path: "/p/{token}",
        id: "showPreferences",
        says: "The page on which a member sees what it agrees to: for whoever has the link. It changes nothing.",
        access: Access::Open,
        key: Key::Read,
        shape: Shape::page(wire::page::ASKED, &[anything(200, "The page")]),
        refuses: &[],
        call: call!(pages::get),
    },
    Route {
        method: Method::Post,
        path: "/p/{token}",
        id: "changePreferences",
        says: "What the page sends: a consent given, withdrawn or confirmed; everything withdrawn; a copy of all data, or that it be deleted. An old link withdraws, and nothing else.",
        access: Access::Open,
        key: Key::Business,
        shape: Shape::form::<wire::notice::PageForm>(wire::page::FORM, &[anything(200, "The page, afterwards")]),
        refuses: &[],
        call: call!(pages::post),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/unmasking",
        id: "unmaskMember",
        says: "See what is masked, with a reason. That it was seen is noted before it is answered; an agent sees so much a day.",
        access: Access::Of(Scope::MembersUnmask, Whose::Path("member_id")),
        key: Key::Business,
        shape: Shape::of::<LookRequest>(&[reply::<LookReply>(200, "What was asked for")]),
        refuses: &[Finding::CODES, Looking::CODES, InvalidField::CODES],
        call: call!(looks::post),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/looks",
        id: "listLooks",
        says: "Who has looked at what is masked of a member, the newest first.",
        access: Access::Of(Scope::PrivacyRead, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(&[("after", "the `next` of the page before")], &[reply::<LooksReply>(200, "Looks")]),
        refuses: &[Finding::CODES],
        call: call!(looks::list),
    },
    // ---- a member is erased ----
    Route {
        method: Method::Post,
        path: "/v1/privacy/erasures",
        id: "requestErasure",
        says: "Have a member erased: after days in which it can be taken back, or at once. Everything personal goes, for ever.",
        access: Access::Of(Scope::PrivacyRequest, Whose::Body),
        key: Key::Business,
        shape: Shape::of::<ErasureRequest>(&[reply::<ErasureReply>(202, "It is on its way")]),
        refuses: &[Finding::CODES, Erasing::CODES, InvalidField::CODES],
        call: call!(erasures::post),
    },
    Route {
        method: Method::Get,
        path: "/v1/privacy/erasures/{erasure_id}",
        id: "getErasure",
        says: "How far an erasure is: what was done when, what stays and why.",
        access: Access::Of(Scope::PrivacyRead, Whose::Entry("erasure_id")),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<ErasureReply>(200, "The erasure")]),
        refuses: &[Missing::CODES],
        call: call!(erasures::get),
    },
    Route {
        method: Method::Post,
        path: "/v1/privacy/erasures/{erasure_id}/revocation",
        id: "revokeErasure",
        says: "Take an erasure back before it is carried out: everything is as it was.",
        access: Access::Of(Scope::PrivacyRequest, Whose::Entry("erasure_id")),
        key: Key::Business,
        shape: Shape::asked(&[], &[reply::<ErasureReply>(200, "It is taken back")]),
        refuses: &[Missing::CODES, Finding::CODES, Erasing::CODES],
        call: call!(erasures::revoke),
    },
    Route {
        method: Method::Put,
        path: "/v1/privacy/erasures/{erasure_id}/hold",
        id: "holdErasure",
        says: "Keep an erasure waiting until a local date is over; then it is carried out by itself. One can be held before it is asked for.",
        access: Access::Of(Scope::PrivacyManage, Whose::Entry("erasure_id")),
        key: Key::Business,
        shape: Shape::of::<HoldRequest>(&[reply::<ErasureReply>(202, "It waits")]),
        refuses: &[Missing::CODES, Finding::CODES, Erasing::CODES, InvalidField::CODES],
        call: call!(erasures::hold),
    },
    // ---- a member is given everything that is known ----
    Route {
        method: Method::Post,
        path: "/v1/privacy/exports",
        id: "requestExport",
        says: "Have everything that is known of a member put together, for the member. Asked again within a day it is the same.",
        access: Access::Of(Scope::PrivacyRequest, Whose::Body),
        key: Key::Business,
        shape: Shape::of::<AccessRequest>(&[reply::<AccessReply>(202, "It is on its way")]),
        refuses: &[Finding::CODES, InvalidField::CODES],
        call: call!(access::post),
    },
    Route {
        method: Method::Get,
        path: "/v1/privacy/exports/{export_id}",
        id: "getExport",
        says: "How far it is, what is in it, and, for the member alone, where it can be had.",
        access: Access::Of(Scope::PrivacyRequest, Whose::Entry("export_id")),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<AccessReply>(200, "The export")]),
        refuses: &[Missing::CODES, Finding::CODES],
        call: call!(access::get),
    },
    // ---- two members are one person ----
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/merge",
        id: "mergeMembers",
        says: "Two members are one person: everything of the other goes over, with its dates, and whatever names that one serves this one.",
        access: Access::Of(Scope::MembersMerge, Whose::Path("member_id")),
        key: Key::Header,
        shape: Shape::of::<MergeRequest>(&[
            reply::<MergeReply>(200, "Merged"),
            reply::<MergeReply>(202, "Waits for a second person, who asks for the same"),
        ]),
        refuses: &[Finding::CODES, Merging::CODES, Transferring::CODES, InvalidField::CODES],
        call: call!(merges::merge),
    },
    Route {
        method: Method::Post,
        path: "/v1/members/{member_id}/unmerge",
        id: "unmergeMembers",
        says: "Undo the newest merge of a member: what is still there of what the other had goes back.",
        access: Access::Of(Scope::MembersMerge, Whose::Path("member_id")),
        key: Key::Header,
        shape: Shape::of::<UnmergeRequest>(&[reply::<UnmergeReply>(200, "Two members again")]),
        refuses: &[Finding::CODES, Unmerging::CODES, Transferring::CODES, InvalidField::CODES],
        call: call!(merges::unmerge),
    },
    // ---- the systems that report ----
    Route {
        method: Method::Get,
        path: "/v1/sources",
        id: "listSources",
        says: "The systems that report: what for, what they send, how much of it, how late, what of it is refused, and how good it is.",
        access: Access::Of(Scope::SourcesRead, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<SourcesReply>(200, "Sources")]),
        refuses: &[],
        call: call!(sources::list),
    },
    Route {
        method: Method::Get,
        path: "/v1/sources/{source}/quality",
        id: "getSourceQuality",
        says: "How well a source keeps to what the programme expects of it, day by day.",
        access: Access::Of(Scope::SourcesRead, Whose::Nobody),
        key: Key::Read,
        shape: Shape::asked(
            &[
                ("from", "The first local date; six days before the last if absent"),
                ("to", "The last local date; today if absent"),
            ],
            &[reply::<QualityReply>(200, "Quality")],
        ),
        refuses: &[Missing::CODES],
        call: call!(sources::quality),
    },
    // ---- the view of a member ----
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/view",
        id: "getView",
        says: "One view of a member, from every context that knows something. A part that cannot be had says so; the rest is answered.",
        access: Access::Of(Scope::MembersRead, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(
            &[("parts", "Which parts, with commas in between: `balance,orders`; all of them if absent")],
            &[reply::<wire::view::ViewReply>(200, "The view")],
        ),
        refuses: &[Finding::CODES, Viewing::CODES],
        call: call!(view::get),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/trail",
        id: "getTrail",
        says: "What a member did and what was told of it, signals and facts, the newest first, at most 100 at once.",
        access: Access::Of(Scope::MembersRead, Whose::Path("member_id")),
        key: Key::Read,
        shape: Shape::asked(
            &[("after", "What `next` of the last answer said")],
            &[reply::<wire::trail::TrailReply>(200, "Signals and facts")],
        ),
        refuses: &[Finding::CODES],
        call: call!(trail::get),
    },
];

/// The function.
pub const FUNCTION: Function<Private> = Function {
    name: "member",
    routes: ROUTES,
    queues: &[Consumer { queue: "MembersQueue", wants: messages::WANTS, work: call!(messages::take, deadline) }],
    streams: &[],
    schedules: &[Run { work: call!(tick::run) }],
};
