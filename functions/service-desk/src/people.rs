//! Agents, departments and budgets.

use domain::desk::{Record, is_name};
use domain::kernel::id::{ContentHash, OperationId};
use domain::kernel::stamp::Stamp;
use domain::kernel::time::Month;
use jiff::ToSpan;
use lambda::{Failure, Private, Problem, Reply, Request};
use serde_json::json;
use store::TicketsOf;

use crate::desk::Desk;
use crate::wire::desk::{
    AgentReply, AgentRequest, Budget, BudgetsReply, ItemView, ManagerReply, QueueView, QueuesReply, StatusRequest,
};

/// What is offered at once to somebody who comes; the next run does the rest.
const AT_ONCE: i32 = 10;

fn stamp(desk: &Desk<'_>, what: &str, agent: &str, content: &serde_json::Value) -> Stamp {
    let name = format!("{agent} {content}");
    let operation = OperationId::of_fact(what, &name, &desk.now.to_string());
    Stamp { operation, content: ContentHash::of(content), occurred_at: desk.now }
}

pub(crate) async fn put(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let agent: String = request.parameter("agent", "agent")?;
    if agent == "me" || !is_name(&agent) {
        return Err(Problem::not_found("agent").into());
    }
    let body: AgentRequest = request.body()?;
    let said = body.said()?;
    let desk = Desk::of(app, request.deadline).await?;
    let stamp = stamp(&desk, "putAgent", &agent, &json!(said));
    let mut patience = app.patience(request.deadline);
    let done = app.store().say_of_agent(&agent, &said, (stamp, desk.setting()), &mut patience).await?;
    let done = done.map_err(|refusal| Failure::refused(&refusal))?;
    Ok(Reply::ok(&AgentReply::new(&done.state)))
}

pub(crate) async fn status(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let body: StatusRequest = request.body()?;
    let status = body.status()?;
    let agent = request.principal()?.subject.as_str();
    let desk = Desk::of(app, request.deadline).await?;
    let stamp = stamp(&desk, "putStatus", agent, &json!(status));
    let mut patience = app.patience(request.deadline);
    let done = app.store().turn_agent(agent, status, (stamp, desk.setting()), &mut patience).await?;
    let Record { said, .. } = &done.as_ref().ok_or_else(|| Problem::not_found("agent"))?.state;
    if done.as_ref().is_some_and(|done| done.state.candidate().available) {
        desk.offer_waiting(&said.queues, AT_ONCE).await?;
    }
    let now = app.store().agent(agent).await?.ok_or_else(|| Problem::not_found("agent"))?;
    Ok(Reply::ok(&AgentReply::new(&now)))
}

pub(crate) async fn budgets(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let desk = Desk::of(app, request.deadline).await?;
    let (document, zone) = (desk.programme().document(), desk.programme().zone());
    let pack = document.emergency_pack.as_ref().ok_or_else(|| Problem::not_found("emergency pack"))?;
    let items: Vec<&str> = document.emergency_item.iter().map(|item| item.id.as_str()).collect();
    let agent = request.principal()?.subject.as_str();
    let (today, month, given) = app.store().budgets_of(agent, &items, desk.setting()).await?;
    let date = zone.date(desk.now);
    let tomorrow = zone.start_of(date.saturating_add(1.day()));
    let next = zone.start_of(Month::of(date).last_date().saturating_add(1.day()));
    let left =
        |id: &str, stock: u32| i64::from(stock).saturating_sub(given.get(id).copied().unwrap_or_default()).max(0);
    let items = document.emergency_item.iter().map(|item| ItemView {
        item: item.id.clone(),
        kind: item.kind.name(),
        cost_minor: item.unit_cost_minor,
        left: item.stock.map(|stock| left(&item.id, stock)),
    });
    Ok(Reply::ok(&BudgetsReply {
        agent_today: Budget { limit: i64::from(pack.per_agent_day), used: today, resets_at: tomorrow },
        month_minor: Budget { limit: pack.monthly_budget_minor, used: month, resets_at: next },
        per_case_minor: pack.per_case_minor,
        approval_above_minor: pack.approval_above_minor,
        items: items.collect(),
    }))
}

pub(crate) async fn queues(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let desk = Desk::of(app, request.deadline).await?;
    let agents = app.store().agents(Some("available")).await?;
    let mut queues = Vec::new();
    for queue in &desk.programme().document().desk_queue {
        let count = |of, due| app.store().count_tickets(of, due);
        let (all, nobodys) = (TicketsOf::Queue(&queue.id), TicketsOf::Unassigned(&queue.id));
        let there = agents.iter().filter(|agent| agent.said.queues.contains(&queue.id)).count();
        queues.push(QueueView {
            queue: queue.id.clone(),
            lead: queue.lead.clone(),
            open: count(all, None).await?,
            unassigned: count(nobodys, None).await?,
            overdue: count(all, Some(desk.now)).await?,
            available: u64::try_from(there).unwrap_or_default(),
        });
    }
    Ok(Reply::ok(&QueuesReply { queues }))
}

pub(crate) async fn manager(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let desk = Desk::of(app, request.deadline).await?;
    let member = desk.live(request.member()?).await?;
    let manager = app.store().manager(&member).await?;
    Ok(Reply::ok(&ManagerReply { member: member.to_string(), manager }))
}
