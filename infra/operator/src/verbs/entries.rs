//! `entries`: a member's whole ledger, decoded for an operator, its hash chain checked.

use std::path::{Path, PathBuf};

use domain::kernel::id::MemberId;
use domain::ledger::entry::{Detail, Entry};
use domain::ledger::granted::Granted;
use domain::ledger::opening;
use domain::ledger::proof::{Heads, difference};
use domain::programme::compiled::Programmes;
use domain::programme::setting::Setting;
use domain::standing::record::TierChange;
use jiff::{Timestamp, Unit};
use sam::machine::Clock;
use store::Record;

use super::tables::Tables;
use crate::say;

#[derive(clap::Args)]
pub struct Entries {
    /// The member.
    member: MemberId,
    /// One canonical JSON line per entry instead of a table.
    #[arg(long)]
    json: bool,
    /// What the points come to at this instant, such as 2011-12-10T00:00:00Z, if nothing but time happens; now if absent.
    #[arg(long, value_name = "INSTANT")]
    as_of: Option<Timestamp>,
    #[command(flatten)]
    tables: Tables,
    /// The template whose tables a local platform runs.
    #[arg(long, value_name = "FILE", default_value = "template.yaml")]
    template: PathBuf,
}

impl Entries {
    /// The template, if it is about a local platform.
    pub(super) fn local(&self) -> Option<&Path> {
        self.tables.are_local().then_some(&self.template)
    }

    pub(super) async fn perform(self, data: &Path) -> anyhow::Result<()> {
        let store = self.tables.store(data, &self.template).await?;
        let (record, entries) = store.whole_ledger(&self.member).await?;
        anyhow::ensure!(record.account.sequence > 0, "{} has no account", self.member);
        let as_of = self.as_of.unwrap_or_else(|| Clock::System.now());
        if let Some(newest) = entries.last().filter(|newest| self.as_of.is_some() && newest.recorded_at > as_of) {
            anyhow::bail!(
                "--as-of {as_of}: the newest entry is of {}, and time goes on from there",
                newest.recorded_at
            );
        }
        if self.json {
            for entry in &entries {
                say!("{}", entry.canonical())?;
            }
            return Ok(());
        }
        say!(
            "{:>4}  {:<24}  {:<20} {:>10} {:>10} {:>10}  what",
            "no",
            "recorded",
            "kind",
            "by time",
            "points",
            "balance"
        )?;
        for entry in &entries {
            say!("{}", line(entry))?;
        }
        let programmes = store.programmes(&Programmes::default()).await?;
        say!("\n{}", verdict(&record, &entries, Setting { programmes: &programmes, now: as_of }))?;
        Ok(())
    }
}

fn line(entry: &Entry) -> String {
    let (kind, what) = match &entry.detail {
        Detail::Earn { activity, order, trace, .. } => {
            let rules: Vec<String> = trace.iter().map(|(rule, points)| format!("{rule} {points}")).collect();
            let order = order.as_ref().map_or_else(String::new, |order| format!(" {order}"));
            ("earn", format!("{activity}{order}: {}", rules.join(", ")))
        }
        Detail::Refund { order, amount_minor, .. } => ("refund", format!("{amount_minor} of order {order}")),
        Detail::Redeem { reward, quantity, cause, .. } => {
            ("redeem", format!("{quantity} x {reward}{}", given(cause.as_deref())))
        }
        Detail::Reverse { redemption, points, .. } => ("reverse", format!("{points} of entry {redemption}")),
        Detail::Hold { order, value_minor, .. } => ("hold", format!("{value_minor} of order {order}")),
        Detail::Capture { hold, order, .. } => ("capture", format!("hold {hold} for order {order}")),
        Detail::Release { hold } => ("release", format!("hold {hold}")),
        Detail::Adjust { reason, .. } => ("adjust", reason.clone()),
        Detail::AdjustmentRequest { points, reason } => ("adjustment request", format!("{points}, {reason}")),
        Detail::Settle => ("settle", String::new()),
        Detail::Benefit { benefit, tier, cause } => {
            ("benefit", format!("{benefit} of {tier}{}", given(cause.as_deref())))
        }
        Detail::BenefitReversal { used, benefit } => ("benefit reversal", format!("{benefit} of entry {used}")),
        Detail::VoucherUse { redemption, reward } => ("voucher use", format!("{reward} of entry {redemption}")),
        Detail::GrantRefused { what: Granted::Reward(what) | Granted::Benefit(what), code, cause } => {
            ("grant refused", format!("{what} for {cause}: {}", code.name()))
        }
        Detail::ActivityReversal { earning, activity, reason, .. } => {
            let reason = reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
            ("activity reversal", format!("{activity} of entry {earning}{reason}"))
        }
        Detail::Evaluate { score, .. } => {
            ("evaluate", score.as_ref().map_or_else(String::new, |score| format!("segment {}", score.segment)))
        }
        Detail::Standing { state, reason, posted } => {
            let reason = reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
            let facts = if posted.is_empty() { String::new() } else { format!(", {} facts posted", posted.len()) };
            ("standing", format!("{state}{reason}{facts}"))
        }
        Detail::Opening { name, part, rows, .. } => ("opening", opening::line(name, *part, *rows)),
        Detail::OpeningWithdrawn { source, part, opening } => {
            ("opening withdrawn", format!("{part} from {source}, of entry {opening}"))
        }
        Detail::TransferOut { to, merge, .. } => ("transfer out", format!("to {to}, merge {merge}")),
        Detail::TransferIn { from, merge, .. } => ("transfer in", format!("from {from}, merge {merge}")),
        Detail::Closed { because, released, expired, forgiven } => {
            ("closed", format!("{because}: {expired} expired, {released} of them held, {forgiven} of debt forgiven"))
        }
        Detail::Floor { tier, until, reason, .. } => ("floor", format!("{tier} until {until}, {reason}")),
    };
    let tiers: String = entry.tier_changes().map(tier_words).collect();
    let by = entry.by.as_ref().map(|by| format!(", by {}", by.who)).unwrap_or_default();
    let why = entry.by.as_ref().and_then(|by| by.backdate_reason.as_ref());
    let why = why.map(|why| format!(" because {why}")).unwrap_or_default();
    let what = format!("{what}{tiers}{by}{why}");
    let (at, points, settled) = (entry.recorded_at.to_string(), entry.points().0, entry.settled_points().0);
    format!("{:>4}  {at:<24}  {kind:<20} {settled:>10} {points:>10} {:>10}  {what}", entry.sequence, entry.balance.0)
}

/// What something was given for.
fn given(cause: Option<&str>) -> String {
    cause.map(|cause| format!(", for {cause}")).unwrap_or_default()
}

fn tier_words(change: &TierChange) -> String {
    let TierChange { change, from, tier, status, needed, .. } = change;
    format!("; {from} > {tier}: {} with {status} of {needed}", change.name())
}

/// Do the entries alone give the account, and is the chain whole?
fn verdict(record: &Record, entries: &[Entry], setting: Setting<'_>) -> String {
    let account = &record.account;
    let verdict = match difference(account, entries, &[], &Heads::new()) {
        None => "The hash chain is whole, and the entries give the balance.".to_owned(),
        Some(what) => format!("DAMAGED: the entries do not give the account: {what}."),
    };
    let pockets = account.settled(setting).0.pockets;
    format!(
        "as of {}: active {}, pending {}, held {}, debt {}\nhead {}\n{verdict}",
        setting.now.round(Unit::Second).unwrap_or(setting.now),
        pockets.active_points(),
        pockets.pending_points(),
        pockets.held_points(),
        pockets.debt,
        account.head,
    )
}
