//! `POST /v1/vouchers/{code}/uses`: a voucher is used at a till, once.

use domain::ledger::refusal::Refusal;
use domain::ledger::voucher::VoucherCode;
use lambda::wire::{Nothing, VoucherUseReply};
use lambda::{App, Keyed, Problem, Reply, Request, Scope};
use store::{Voucher, VoucherUse};

pub(crate) async fn use_one(app: &App, request: &Request) -> Result<Reply, Problem> {
    request.principal()?.may(Scope::VouchersUse)?;
    let code: VoucherCode = request.parameter("code", "voucher")?;
    let Keyed { stamp, .. }: Keyed<Nothing> = request.keyed(app.now())?;
    let used = |voucher: Voucher| Reply::ok(&VoucherUseReply { member: voucher.member, reward: voucher.reward });
    match app.store().use_voucher(&code, &stamp.operation.to_string(), app.now()).await? {
        VoucherUse::Used(voucher) => Ok(used(voucher)),
        VoucherUse::Repeated(voucher) => Ok(used(voucher).replayed(true)),
        VoucherUse::AlreadyUsed => Err(Refusal::VoucherUsed.into()),
        VoucherUse::NotValid(state) => Err(Refusal::VoucherNotValid { state }.into()),
        VoucherUse::Unknown => Err(Problem::not_found("voucher")),
    }
}
