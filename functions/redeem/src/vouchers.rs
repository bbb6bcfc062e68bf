//! `POST /v1/vouchers/{code}/uses`: a voucher is used at a till, once.

use domain::refusal::Refusal;
use domain::voucher::VoucherCode;
use lambda::wire::{Nothing, VoucherUseReply};
use lambda::{App, Keyed, Problem, Reply, Request, Scope};
use store::VoucherUse;

pub(crate) async fn use_one(app: &App, request: &Request) -> Result<Reply, Problem> {
    request.principal()?.may(Scope::VouchersUse)?;
    let code: VoucherCode = request.parameter("code", "voucher")?;
    let Keyed { stamp, .. }: Keyed<Nothing> = request.keyed(app.now())?;
    match app.store().use_voucher(&code, &stamp.operation.to_string(), app.now()).await? {
        VoucherUse::Used(voucher) => Ok(Reply::ok(&VoucherUseReply { member: voucher.member, reward: voucher.reward })),
        VoucherUse::AlreadyUsed => Err(Refusal::VoucherUsed.into()),
        VoucherUse::NotValid(state) => Err(Refusal::VoucherNotValid { state }.into()),
        VoucherUse::Unknown => Err(Problem::not_found("voucher")),
    }
}
