//! An erasure goes on: what the store does of it, and the files of who is gone.

use domain::kernel::id::MemberId;
use domain::members::receipt::{Receipt, Step};
use lambda::{Failure, Private};
use store::{Asking, Patience};

use crate::access;

/// Begins an erasure that is due, and does what there is to do of one that has begun: true if anything was.
pub(crate) async fn go_on(
    app: &Private,
    member: &MemberId,
    asking: Asking<'_>,
    patience: impl Fn() -> Patience,
) -> Result<bool, Failure> {
    // Whoever has begun already has no files when the rest is done; who begins here is gone on with once more.
    let before = remove_files(app, member, asking, &patience).await?;
    let went_on = app.store().go_on_erasing(member, asking, &mut patience()).await?;
    if !before && remove_files(app, member, asking, &patience).await? {
        app.store().go_on_erasing(member, asking, &mut patience()).await?;
    }
    Ok(went_on)
}

/// Removes the files of who is gone, and says so in the receipt: true if that was left to be done.
async fn remove_files(
    app: &Private,
    member: &MemberId,
    asking: Asking<'_>,
    patience: impl Fn() -> Patience,
) -> Result<bool, Failure> {
    let left = |receipt: &Receipt| !receipt.steps.contains_key(&Step::Files);
    let Some(receipt) = app.store().receipt_of(member).await?.filter(left) else { return Ok(false) };
    let (mut removed, mut left) = (0, false);
    for whose in receipt.everybody() {
        removed += access::forget(app, whose).await?;
        for id in app.store().imports_of(whose, asking.setting.now).await? {
            let Some((import, _)) = app.store().import(&id).await? else { continue };
            if import.goes_on() {
                left = true; // its rows are still to be written, but for those of who is gone: they are refused
                continue;
            }
            for place in import.files() {
                app.bucket()?.delete(&place).await?;
            }
            removed += 1;
        }
    }
    if left {
        return Ok(false); // the next run looks again
    }
    app.store().erasure_did(member, (Step::Files, removed), asking, &mut patience()).await?;
    Ok(true)
}
