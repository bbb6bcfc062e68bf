//! `GET /v1/notices/{id}/{version}`: what members are shown before they agree.

use domain::kernel::canonical::Hash;
use lambda::{Failure, Private, Problem, Reply, Request};

use crate::wire::notice::NoticeReply;

pub(crate) async fn get(app: &Private, request: &Request) -> Result<Reply, Failure> {
    let (id, version): (String, u32) = (request.parameter("id", "notice")?, request.parameter("version", "notice")?);
    let locale: Option<String> = request.query("locale", "a language")?;
    let programmes = app.programmes().await?;
    let document = programmes.at(app.now()).document();
    let text = document.consent_text.iter().find(|text| text.id == id && text.version == version);
    let text = text.ok_or_else(|| Problem::not_found("notice"))?;
    let locales: Vec<&str> = locale.iter().chain(&document.members.locales).map(String::as_str).collect();
    let reply = NoticeReply::new(text, &locales).ok_or_else(|| Problem::not_found("notice"))?;
    let json = serde_json::to_string(&reply).map_err(|_never| Problem::not_found("notice"))?;
    Ok(Reply::public(request, &json, &Hash::of(&json).to_string()))
}
