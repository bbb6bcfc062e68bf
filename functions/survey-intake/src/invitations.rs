//! `POST /v1/invitations`: members are invited by hand, a hundred at most.

use domain::kernel::id::MemberId;
use domain::programme::voice::survey::Trigger;
use domain::voice::About;
use lambda::{Failure, Problem, Reply, Request};
use surveys::Wanted;

use crate::context::Surveyor;
use crate::wire::invitation::{InvitationsReply, InvitationsRequest, Outcome};

/// The most members at once.
const MOST: usize = 100;

pub(crate) async fn post(surveyor: &Surveyor, request: &Request) -> Result<Reply, Failure> {
    let InvitationsRequest { survey, batch, members } = request.body()?;
    let surveys = surveyor.surveys().await?;
    let survey = surveys.programme().survey(&survey).cloned();
    let survey = survey.ok_or_else(|| Problem::invalid("/survey", "there is no such survey"))?;
    let by_hand = survey.trigger == Trigger::Manual;
    let shaped = (1..=64).contains(&batch.len()) && batch.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'|');
    let some = (1..=MOST).contains(&members.len());
    Problem::unless([
        if by_hand { Ok(()) } else { Err(Problem::invalid("/survey", "is not sent by hand")) },
        if shaped { Ok(()) } else { Err(Problem::invalid("/batch", "has 1 to 64 visible letters, and no `|`")) },
        if some { Ok(()) } else { Err(Problem::invalid("/members", "are 1 to 100")) },
    ])?;
    let mut outcomes = Vec::with_capacity(members.len());
    for member in &parsed(&members)? {
        let cause = format!("manual:{batch}");
        let correlation = domain::kernel::id::OperationId::of_fact(&survey.id, &cause, member.as_str()).to_string();
        let wanted = Wanted { survey: &survey, member, cause, correlation, about: About::default() };
        let invited = surveys.ask(wanted, &mut surveyor.patience(request.deadline)).await?;
        outcomes.push(Outcome::new(member, &survey.id, &batch, invited));
    }
    Ok(Reply::ok(&InvitationsReply { outcomes }))
}

/// The ids of members, as they are sent.
pub(crate) fn parsed(members: &[String]) -> Result<Vec<MemberId>, Problem> {
    let parse = |(place, member): (usize, &String)| {
        let member: Result<MemberId, String> = member.parse();
        member.map_err(|_words| Problem::invalid(format!("/members/{place}"), "is no member's id"))
    };
    members.iter().enumerate().map(parse).collect()
}
