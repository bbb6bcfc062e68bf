//! Balances, statements, entries with their explanation and proof. Reads only.

mod wire;

use std::sync::LazyLock;

use domain::kernel::canonical::Hash;
use domain::kernel::id::EntryId;
use domain::kernel::refusal::Refusal as _;
use domain::ledger::account::Account;
use domain::ledger::membership::{Gone, Membership};
use domain::ledger::outlook::outlook;
use domain::planted;
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use jiff::Timestamp;
use lambda::wire::{BalanceReply, EntryView, Explanation, LotsReply, SegmentReply, TierReply};
use lambda::{
    Access, App, Failure, Function, Key, Method, Problem, Reply, Request, Role, Route, Scope, Shape, Whose, anything,
    call, reply,
};
use wire::{EntriesReply, EntryReply, Proof};

const READ: Access = Access::Of(Scope::LedgerRead, Whose::Path("member_id"));

const ROUTES: &[Route<App>] = &[
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/balance",
        id: "getBalance",
        says: "The balance now; in the past, by what had been recorded then; or later, if nothing but time happens.",
        access: READ,
        key: Key::Read,
        shape: Shape::asked(
            &[("as_of", "An RFC 3339 instant; now if absent")],
            &[reply::<BalanceReply>(200, "The balance")],
        ),
        refuses: &[Gone::CODES],
        call: call!(balance),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/entries",
        id: "listEntries",
        says: "The statement, newest entry first.",
        access: READ,
        key: Key::Read,
        shape: Shape::asked(
            &[("limit", "How many, 1 to 100; 20 if absent"), ("after", "What `next` of the last answer said")],
            &[reply::<EntriesReply>(200, "Entries")],
        ),
        refuses: &[Gone::CODES],
        call: call!(entries),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/lots",
        id: "listLots",
        says: "What expires when, and what activates when.",
        access: READ,
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<LotsReply>(200, "Lots")]),
        refuses: &[Gone::CODES],
        call: call!(lots),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/tier",
        id: "getTier",
        says: "The tier: since when, until when, what keeps it, what is missing to the next, and what it entitles to.",
        access: READ,
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<TierReply>(200, "The tier")]),
        refuses: &[Gone::CODES],
        call: call!(tier),
    },
    Route {
        method: Method::Get,
        path: "/v1/members/{member_id}/segment",
        id: "getSegment",
        says: "RFM-LS scores with what they are worked out from, the segment and the tags.",
        access: READ,
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<SegmentReply>(200, "The segment")]),
        refuses: &[Gone::CODES],
        call: call!(segment),
    },
    Route {
        method: Method::Get,
        path: "/v1/entries/{entry_id}",
        id: "getEntry",
        says: "One entry, why it is what it is, and its link in the hash chain.",
        access: Access::Of(Scope::LedgerRead, Whose::Entry("entry_id")),
        key: Key::Read,
        shape: Shape::asked(&[], &[reply::<EntryReply>(200, "The entry")]),
        refuses: &[Gone::CODES],
        call: call!(entry),
    },
    Route {
        method: Method::Get,
        path: "/openapi.json",
        id: "getOpenApi",
        says: "This document.",
        access: Access::Open,
        key: Key::Read,
        shape: Shape::asked(&[], &[anything(200, "OpenAPI 3.1")]),
        refuses: &[],
        call: call!(document),
    },
];

/// The function.
pub const FUNCTION: Function<App> =
    Function { name: "account", routes: ROUTES, queues: &[], streams: &[], schedules: &[] };

/// The API's description, made from the routes of all functions.
async fn document(_: &App, request: &Request) -> Result<Reply, Failure> {
    const DOCUMENT: &str = include_str!("../openapi.json");
    static TAG: LazyLock<String> = LazyLock::new(|| Hash::of(DOCUMENT).to_string());
    Ok(Reply::public(request, DOCUMENT, &TAG))
}

/// The account of the member that the path names. Whoever is that member sees an empty one while nothing has happened yet; to
/// others there is no such member.
async fn account_at(app: &App, request: &Request, at: Timestamp, setting: Setting<'_>) -> Result<Account, Failure> {
    let member = request.member()?;
    match app.store().account_at(member, at, setting).await? {
        Some(account) => {
            read_by(request, account.membership == Membership::Erased)?;
            Ok(account)
        }
        None if request.principal()?.role == Role::Member => Ok(Account::new(member.clone())),
        None => Err(Problem::not_found("member").into()),
    }
}

/// Of somebody who was erased auditors alone read what is left.
fn read_by(request: &Request, erased: bool) -> Result<(), Problem> {
    if erased && request.principal()?.role != Role::Auditor {
        return Err(Problem::refused(&Gone::MemberErased));
    }
    Ok(())
}

/// The balance now, in the past, or as it will be if nothing but time happens.
async fn balance(app: &App, request: &Request) -> Result<Reply, Failure> {
    let now = app.now();
    let as_of: Timestamp = request.query("as_of", "an instant such as 2026-11-22T10:00:00Z")?.unwrap_or(now);
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now };
    let account = account_at(app, request, as_of, setting).await?;
    Ok(Reply::ok(&BalanceReply::new(&account, request.member()?, programmes.at(as_of), as_of)))
}

/// The lots: what expires when, what activates when.
async fn lots(app: &App, request: &Request) -> Result<Reply, Failure> {
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let account = account_at(app, request, setting.now, setting).await?;
    Ok(Reply::ok(&LotsReply::new(&account)))
}

/// The tier, and how it stands.
async fn tier(app: &App, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let account = account_at(app, request, setting.now, setting).await?;
    Ok(Reply::ok(&TierReply::new(member, outlook(&account, setting))))
}

/// The scores as they are today, worked out from the ledger.
async fn segment(app: &App, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let programme = programmes.at(setting.now);
    let (account, scored) = app.store().scored(member, setting).await?.ok_or_else(|| Problem::not_found("member"))?;
    read_by(request, account.membership == Membership::Erased)?;
    let scored = scored.ok_or_else(|| Problem::not_found("segment"))?;
    Ok(Reply::ok(&SegmentReply::new(member, scored, account.score.as_ref(), programme)))
}

/// The statement, newest first; `after` goes on where the last answer ended.
async fn entries(app: &App, request: &Request) -> Result<Reply, Failure> {
    let member = request.member()?;
    let limit: usize = request.query("limit", "a number from 1 to 100")?.unwrap_or(20);
    if !(1..=100).contains(&limit) {
        return Err(Problem::bad_request("invalid_parameter", "`limit` must be a number from 1 to 100").into());
    }
    let after: Option<EntryId> = request.query("after", "what `next` said")?;
    let foreign = after.as_ref().is_some_and(|after| after.member != *member);
    if foreign {
        return Err(Problem::bad_request("invalid_parameter", "`after` must be what `next` said").into());
    }
    let newest = after.map(|after| after.sequence - u64::from(!planted!("bug-statement-overlaps")));
    let page = app.store().entries(member, newest, limit).await?;
    read_by(request, page.erased)?;
    let role = request.principal()?.role;
    let programmes = app.programmes().await?;
    let next = page.next.map(|next| EntryId { member: member.clone(), sequence: next + 1 }.to_string());
    let entries =
        page.entries.iter().map(|entry| EntryView::new(member, entry, &programmes).told_to(role, entry)).collect();
    Ok(Reply::ok(&EntriesReply { entries, next }))
}

/// One entry, why it is what it is, and its link in the hash chain.
async fn entry(app: &App, request: &Request) -> Result<Reply, Failure> {
    let EntryId { member, sequence } = request.entry()?;
    let found = app.store().entry(member, *sequence).await?;
    let (entry, previous, erased) = found.ok_or_else(|| Problem::not_found("entry"))?;
    read_by(request, erased)?;
    let programmes: &Programmes = &*app.programmes().await?;
    let role = request.principal()?.role;
    Ok(Reply::ok(&EntryReply {
        explanation: Explanation::of(&entry, programmes),
        proof: Proof::new(&entry, previous),
        entry: EntryView::new(member, &entry, programmes).told_to(role, &entry),
    }))
}
