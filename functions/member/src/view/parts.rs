//! The parts of the view, and who asks for them.

use domain::members::viewing::Viewing;
use futures_util::future::join_all;
use lambda::{Failure, Private, Problem, Reply, Request};

use super::looking::{Part, View};
use super::{answers, desk, ledger, person};
use crate::wire::view::ViewReply;

/// The parts. A context plugs in by a line here.
const PARTS: &[Part] = &[
    Part { name: "profile", source: "members", read: |view| Box::pin(person::profile(view)) },
    Part { name: "identifiers", source: "members", read: |view| Box::pin(person::identifiers(view)) },
    Part { name: "consents", source: "members", read: |view| Box::pin(person::consents(view)) },
    Part { name: "tags", source: "members", read: |view| Box::pin(person::tags(view)) },
    Part { name: "balance", source: "ledger", read: |view| Box::pin(ledger::balance(view)) },
    Part { name: "lots", source: "ledger", read: |view| Box::pin(ledger::lots(view)) },
    Part { name: "tier", source: "ledger", read: |view| Box::pin(ledger::tier(view)) },
    Part { name: "segment", source: "ledger", read: |view| Box::pin(ledger::segment(view)) },
    Part { name: "benefits", source: "ledger", read: |view| Box::pin(ledger::benefits(view)) },
    Part { name: "rewards", source: "ledger", read: |view| Box::pin(ledger::rewards(view)) },
    Part { name: "vouchers", source: "ledger", read: |view| Box::pin(ledger::vouchers(view)) },
    Part { name: "orders", source: "ledger", read: |view| Box::pin(ledger::orders(view)) },
    Part { name: "surveys", source: "voice", read: |view| Box::pin(answers::surveys(view)) },
    Part { name: "tickets", source: "desk", read: |view| Box::pin(desk::tickets(view)) },
    Part { name: "trail", source: "signals", read: |view| Box::pin(person::trail(view)) },
];

/// The parts that are asked for, in their own order; all of them if none is named.
fn wanted(request: &Request) -> Result<Vec<&'static Part>, Failure> {
    let Some(named) = request.query::<String>("parts", "names of parts")? else { return Ok(PARTS.iter().collect()) };
    let named: Vec<&str> = named.split(',').map(str::trim).collect();
    if named.iter().any(|name| !PARTS.iter().any(|part| part.name == *name)) {
        let known = PARTS.iter().map(|part| part.name).collect();
        return Err(Problem::refused(&Viewing::UnknownPart { known }).into());
    }
    Ok(PARTS.iter().filter(|part| named.contains(&part.name)).collect())
}

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let wanted = wanted(request)?;
    let programmes = app.programmes().await?;
    let view = View::of(app, request, &programmes).await?;
    let read = join_all(wanted.iter().map(|part| view.part(part))).await;
    let parts = wanted.iter().map(|part| part.name.to_owned()).zip(read).collect();
    Ok(Reply::ok(&ViewReply::new(&view.member, view.asked, parts)))
}
