//! What is known of all members, gathered part by part into a file (rule: import 17).

use domain::kernel::id::MemberId;
use domain::members::exporting::{Content, Export, Listed};
use domain::members::telling::Rules;
use domain::programme::compiled::Programme;
use domain::programme::setting::Setting;
use intake::{Sorted, export_head};
use lambda::{Failure, Private};
use store::StoreError;
use store::table::DUE_SHARDS;

use crate::exports::{Gathering, conflicts};

/// The most members of a part.
const PART: usize = 500;

fn file(export: &Export, name: &str) -> String {
    format!("exports/{}/{name}", export.id)
}

fn part(number: u32) -> String {
    format!("part-{number:05}.jsonl")
}

/// Where the whole of an export is.
#[must_use]
pub fn whole(export: &Export) -> String {
    file(export, &format!("{}.csv", export.kind.name()))
}

/// Gathers the next part, or puts the parts together. Is there more to be done?
///
/// # Errors
/// The bucket or the store does not answer; what is done by then is done again.
pub async fn gather(app: &Private, id: &str) -> Result<bool, Failure> {
    let Some((mut export, version)) = app.store().export(id).await?.filter(|(export, _)| !export.done) else {
        return Ok(false);
    };
    let programmes = app.programmes().await?;
    let setting = Setting { programmes: &programmes, now: app.now() };
    let programme = programmes.at(setting.now);
    if export.kind == Content::Conflicts {
        let rows = conflicts(app.store()).await?;
        keep(app, &mut export, &rows).await?;
        finish(app, &mut export, programme).await?;
    } else if export.shard < DUE_SHARDS {
        let (store, keys) = (app.store(), app.keys());
        let gathering = Gathering { store, keys, kind: export.kind, source: export.source.clone(), setting };
        let rows = match export.listed {
            Some(listed) => {
                let some = app.bucket()?.get(&file(&export, &list(listed))).await?.unwrap_or_default();
                let some: Vec<MemberId> =
                    serde_json::from_slice(&some).map_err(|_no_list| StoreError::bug("a list of members is none"))?;
                export.took_list();
                gathering.rows(&some).await?
            }
            None => shards(app, &mut export, &gathering).await?,
        };
        keep(app, &mut export, &rows).await?;
    } else {
        finish(app, &mut export, programme).await?;
    }
    Ok(app.store().keep_export(&export, version, setting).await? && !export.done)
}

/// What there is of the members of as many shards as a part has room for; those of a shard that has more are listed, once.
async fn shards(app: &Private, export: &mut Export, gathering: &Gathering<'_>) -> Result<Vec<Sorted>, Failure> {
    let (mut rows, mut members) = (Vec::new(), 0);
    while export.shard < DUE_SHARDS && members < PART {
        let some = app.store().members_of(export.shard).await?;
        if some.len() > PART {
            let lists = some.chunks(PART);
            export.lists(app.now(), u32::try_from(lists.len()).unwrap_or(u32::MAX));
            for (done, some) in (0..).zip(lists) {
                let Some(listed) = export.listed.map(|listed| Listed { done, ..listed }) else { break };
                let text = serde_json::to_vec(some).map_err(|_never| StoreError::bug("ids are not JSON"))?;
                app.bucket()?.put(&file(export, &list(listed)), text).await?;
            }
            break;
        }
        members += some.len();
        rows.extend(gathering.rows(&some).await?);
        export.passed();
    }
    Ok(rows)
}

/// The next list of members of a shard.
fn list(Listed { at, done, .. }: Listed) -> String {
    format!("members-{}-{done:05}.json", at.as_millisecond())
}

/// Keeps a part.
async fn keep(app: &Private, export: &mut Export, rows: &[Sorted]) -> Result<(), Failure> {
    let lines: Result<Vec<String>, _> = rows.iter().map(serde_json::to_string).collect();
    let lines = lines.map_err(|_never| StoreError::bug("a row is not JSON"))?;
    app.bucket()?.put(&file(export, &part(export.parts)), lines.join("\n").into_bytes()).await?;
    export.kept(u32::try_from(rows.len()).unwrap_or(u32::MAX));
    Ok(())
}

/// Puts the parts together, in the order of what members are called.
async fn finish(app: &Private, export: &mut Export, programme: &Programme) -> Result<(), Failure> {
    let mut rows: Vec<Sorted> = Vec::new();
    for number in 0..export.parts {
        let lines = app.bucket()?.get(&file(export, &part(number))).await?.unwrap_or_default();
        for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            rows.push(serde_json::from_slice(line).map_err(|_no_row| StoreError::bug("a row of an export is none"))?);
        }
    }
    rows.sort();
    let mut text = export_head(export.kind, Rules::of(programme, app.now()).schema);
    text.extend(rows.into_iter().map(|(_, row)| row));
    app.bucket()?.put(&whole(export), text.into_bytes()).await?;
    export.done = true;
    Ok(())
}
