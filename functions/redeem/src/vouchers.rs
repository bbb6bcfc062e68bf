//! Vouchers: used at a till, once; and those that a member has.

use domain::ledger::command::{Command, Instruction};
use domain::ledger::voucher::{Shown, VoucherCode};
use domain::ledger::voucher_use::UseVoucher;
use lambda::{App, Failure, Keyed, Problem, Reply, Request, Role};

use crate::wire::{MemberVoucher, Nothing, VoucherUseReply, VouchersReply};

/// `GET /v1/members/{member_id}/vouchers`: what a till would find. Only the member reads the codes.
pub(crate) async fn get(app: &App, request: &Request) -> Result<Reply, Failure> {
    let (member, now) = (request.member()?, app.now());
    let own = request.principal()?.role == Role::Member;
    let shown = Shown::at(&*app.programmes().await?, now);
    let vouchers = app.store().vouchers_of(member, shown).await?.map_err(|gone| Problem::refused(&gone))?;
    let vouchers = vouchers.iter().map(|(code, voucher)| MemberVoucher::new(voucher, own.then_some(code), now));
    Ok(Reply::ok(&VouchersReply { vouchers: vouchers.collect() }))
}

/// `POST /v1/vouchers/{code}/uses`: a voucher is used at a till.
pub(crate) async fn use_one(app: &App, request: &Request) -> Result<Reply, Failure> {
    let code: VoucherCode = request.parameter("code", "voucher")?;
    let Keyed { body: Nothing {}, stamp } = request.keyed_for(("code", &code.to_string()), app.now())?;
    let voucher = app.store().voucher(&code).await?.ok_or_else(|| Problem::not_found("voucher"))?;
    let member = voucher.member.clone();
    let command = Command::UseVoucher(UseVoucher { code: code.hash(), voucher });
    let done = app.execute(&member, Instruction::keyed(stamp, command).by(request.doer()?), request.deadline).await??;
    Ok(Reply::ok(&VoucherUseReply::new(&done.member, &done)?).replayed(done.replayed))
}
