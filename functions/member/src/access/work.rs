//! What is gathered, part by part: each step begins from what the job says, so it may be done again, and by anybody.

use std::time::Duration;

use domain::kernel::id::MemberId;
use domain::members::access::{AccessExport, Place};
use domain::members::telling::Rules;
use domain::programme::setting::Setting;
use lambda::{Failure, Private};
use serde_json::{Value, json};
use store::{StoreError, StoredMember};
use tokio::time::Instant;

use super::archive::pack;
use super::files::{named, names};
use super::gathering::Gathering;

/// What a step may take: with less time left the next one is another invocation's.
const STEP: Duration = Duration::from_secs(4);

/// The message that an export goes on.
pub(crate) fn message(member: &MemberId) -> Value {
    json!({ "access": member })
}

/// Does what is to be done next, whatever the message said, until all is done or time is short: true if anything was.
pub(crate) async fn go_on(app: &Private, member: &MemberId, deadline: Instant) -> Result<bool, Failure> {
    let programmes = app.programmes().await?;
    let mut worked = false;
    loop {
        let Some((mut export, read)) = app.store().access_export(member).await? else { return Ok(worked) };
        if export.rests() {
            return Ok(worked);
        }
        if worked && Instant::now() + STEP > deadline {
            app.tell_members(&message(member)).await?;
            return Ok(true);
        }
        let now = app.now();
        let Ok(stored) = app.store().member(app.keys(), member, now).await? else {
            forget(app, member).await?; // somebody was erased between two steps
            return Ok(true);
        };
        let people: Vec<MemberId> = stored.member.everybody().cloned().collect();
        let before: Vec<String> = export.parts_at().collect();
        if export.begins_anew(&people) {
            for part in before {
                app.bucket()?.delete(&part).await?;
            }
        }
        let put = match export.next(names()) {
            Some(name) => gather(app, &mut export, (name, &stored)).await?,
            None => {
                let rules = Rules::of(programmes.at(now), now);
                let first = || rules.members.locales.first().map(String::as_str);
                let locale = stored.member.locale.as_deref().or_else(first).unwrap_or_default();
                let (bytes, archive) = pack(app, &export, locale, now).await?;
                app.bucket()?.put(&export.archive_at(), bytes).await?;
                export.archive = Some(archive);
                export.archive_at()
            }
        };
        worked = true;
        let setting = Setting { programmes: &programmes, now };
        if !app.store().keep_access(&export, read, setting).await? {
            // Another message is ahead, and goes on; or the member is gone, and what was put goes too.
            let there = app.store().access_export(member).await?;
            if there.is_none_or(|(there, _)| there.gone.is_some()) {
                app.bucket()?.delete(&put).await?;
            }
            return Ok(true);
        }
        if export.rests() {
            for part in export.parts_at() {
                app.bucket()?.delete(&part).await?;
            }
        }
    }
}

/// Reads the next part of a file and puts it; where it is.
async fn gather(
    app: &Private,
    export: &mut AccessExport,
    (name, stored): (&str, &StoredMember),
) -> Result<String, Failure> {
    let file = named(name).ok_or_else(|| StoreError::bug("a file has no name"))?;
    let programmes = app.programmes().await?;
    let Place { person, after } = export.place.clone();
    let people: Vec<&MemberId> = stored.member.everybody().collect();
    let whose = people.get(person).copied().unwrap_or(&stored.member.id);
    let from = Gathering { app, programmes: &programmes, stored, whose, as_of: export.as_of };
    let part = (file.read)(&from, after.as_deref()).await?;
    let at = export.part_at(name, export.part(name));
    app.bucket()?.put(&at, part.text.into_bytes()).await?;
    export.took(name, part.rows, part.after, if file.of_each { people.len() } else { 1 });
    Ok(at)
}

/// Removes what was gathered of a member and of others for whom it stands no more: nobody is given what is another's.
pub(crate) async fn part(app: &Private, member: &MemberId) -> Result<(), Failure> {
    let programmes = app.programmes().await?;
    let Ok(everybody) = app.store().everybody(member).await? else { return Ok(()) };
    let Some((mut export, read)) = app.store().access_export(member).await? else { return Ok(()) };
    let gone = export.parts(&everybody);
    for place in &gone {
        app.bucket()?.delete(place).await?;
    }
    let setting = Setting { programmes: &programmes, now: app.now() };
    if !gone.is_empty() && !app.store().keep_access(&export, read, setting).await? {
        return Err(StoreError::Busy.into());
    }
    Ok(())
}

/// Removes whatever a member was given: how many archives and parts there were.
pub(crate) async fn forget(app: &Private, member: &MemberId) -> Result<u64, Failure> {
    let programmes = app.programmes().await?;
    let Some((mut export, read)) = app.store().access_export(member).await? else { return Ok(0) };
    let (bucket, places) = (app.bucket()?, export.everything_at(names()));
    // They are counted before the first goes, so that whoever goes on after a crash says the same.
    if export.gone.is_none() {
        let mut files = 0;
        for place in &places {
            files += u64::from(bucket.size(place).await?.is_some());
        }
        export.forget(files);
        // Whoever is at work on a part finds that it is gone, and removes what it has put.
        let setting = Setting { programmes: &programmes, now: app.now() };
        if !app.store().keep_access(&export, read, setting).await? {
            return Err(StoreError::Busy.into());
        }
    }
    for place in &places {
        bucket.delete(place).await?;
    }
    Ok(export.gone.unwrap_or_default())
}
