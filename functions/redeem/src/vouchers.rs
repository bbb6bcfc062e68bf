//! `POST /v1/vouchers/{code}/uses`: a voucher is used at a till, once.

use domain::ledger::voucher::{Voucher, VoucherCode, use_voucher};
use lambda::{App, Failure, Keyed, Problem, Reply, Request};

use crate::wire::{Nothing, VoucherUseReply};

pub(crate) async fn use_one(app: &App, request: &Request) -> Result<Reply, Failure> {
    let code: VoucherCode = request.parameter("code", "voucher")?;
    let Keyed { body: Nothing {}, stamp } = request.keyed_for(("code", &code.to_string()), app.now())?;
    let (by, now) = (stamp.operation.to_string(), app.now());
    let voucher = app.store().voucher(&code).await?.ok_or_else(|| Problem::not_found("voucher"))?;
    let replayed = use_voucher(&voucher, &by, now)?
        || match app.store().use_voucher(&code, &voucher, &by).await? {
            Some(meanwhile) => use_voucher(&meanwhile, &by, now)?,
            None => false,
        };
    let Voucher { member, reward, .. } = voucher;
    Ok(Reply::ok(&VoucherUseReply { member: member.to_string(), reward }).replayed(replayed))
}
