//! `POST /v1/vouchers/{code}/uses`: a voucher is used at a till, once.

use domain::ledger::voucher::{VoucherCode, used_before};
use lambda::{App, Failure, Keyed, Problem, Reply, Request};

use crate::wire::{Nothing, VoucherUseReply};

pub(crate) async fn use_one(app: &App, request: &Request) -> Result<Reply, Failure> {
    let code: VoucherCode = request.parameter("code", "voucher")?;
    let Keyed { body: Nothing {}, stamp } = request.keyed_for(("code", &code.to_string()), app.now())?;
    let by = stamp.operation.to_string();
    let (used, voucher) = app.store().use_voucher(&code, &by, app.now()).await?;
    let voucher = voucher.ok_or_else(|| Problem::not_found("voucher"))?;
    if !used {
        used_before(&voucher, &by)?;
    }
    Ok(Reply::ok(&VoucherUseReply { member: voucher.member, reward: voucher.reward }).replayed(!used))
}
