//! The table `vouchers`, which `redeem` alone may read and write.
//!
//! | item | what it holds |
//! |---|---|
//! | `v#HASH` | a voucher, by the hash of its code: `member`, `redemption`, `reward`, `state`, `expires_at`, `ttl`, and `a`, its check |
//! | `secret` | `secret`: what codes are made with; made once, when the first is needed |
//!
//! A voucher is always put whole, with a check over all of it: in another state only in the place of exactly what was issued. So
//! whatever was changed in one shows before it is used, and nothing is read before it is voided: the ledger knows what it must be.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::ledger::membership::Gone;
use domain::ledger::refusal::Refused;
use domain::ledger::voucher::{Issued, Shown, UsingVoucher, Voucher, VoucherCode, VoucherState};
use domain::planted;
use jiff::{SignedDuration, Timestamp};

use crate::attribute::{Item, as_bytes, as_instant, as_number, as_text, bytes, instant, number, text};
use crate::catalogue::{NEW, put_new_item};
use crate::check::{checked, put_check};
use crate::error::{Damage, contradicts, damaged};
use crate::{Store, StoreError, table};

/// How long a voucher is kept after its last day.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

impl Store {
    /// The secret under which voucher codes are derived. It is made when it is first needed and never changes, so it is read once.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn voucher_secret(&self) -> Result<[u8; 32], StoreError> {
        if let Some(secret) = self.voucher_secret.get() {
            return Ok(*secret);
        }
        let secret = match self.shared_item(&self.tables.vouchers, table::VOUCHER_SECRET).await? {
            Some(item) => decode_secret(&item)?,
            None => self.keep_voucher_secret(random()?).await?,
        };
        Ok(*self.voucher_secret.get_or_init(|| secret))
    }

    /// Keeps a secret for voucher codes, unless there is one; the one that is kept.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn keep_voucher_secret(&self, secret: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let put = self.dynamodb.put_item().table_name(&self.tables.vouchers).condition_expression(NEW);
        let put = put.item(table::ID, text(table::VOUCHER_SECRET)).item("secret", bytes(&secret));
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match put.send().await {
            Ok(_) => Ok(secret),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(decode_secret(failed.item.as_ref().ok_or_else(|| damaged("secret").of(table::VOUCHERS))?)?)
                }
                _ => Err(error.into()),
            },
        }
    }

    /// A voucher, read strongly; none if there is none.
    ///
    /// # Errors
    /// It is not what was written, or what DynamoDB says.
    pub async fn voucher(&self, code: &VoucherCode) -> Result<Option<Voucher>, StoreError> {
        let item = self.shared_item(&self.tables.vouchers, &table::voucher(code.hash())).await?;
        item.map(|item| decode_voucher(code.hash(), &item)).transpose()
    }

    /// The vouchers of a member that are shown, newest first, with their codes: as a till would find them.
    ///
    /// # Errors
    /// One is not what was written, or what DynamoDB says.
    pub async fn vouchers_of(
        &self,
        member: &MemberId,
        shown: Shown,
    ) -> Result<Result<Vec<(VoucherCode, Voucher)>, Gone>, StoreError> {
        let kept = |issued: &Issued| ends(issued.expires_at) > shown.now();
        let redeemed = match self.recorded_since(member, shown.since()).await? {
            Ok(redeemed) => redeemed,
            Err(gone) => return Ok(Err(gone)),
        };
        let issued = redeemed.iter().rev().filter_map(|entry| shown.voucher_of(entry));
        let issued: Vec<Issued> = issued.filter(kept).collect();
        if issued.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let secret = self.voucher_secret().await?;
        let codes = issued.iter().map(|issued| VoucherCode::derive(&secret, member, issued));
        let codes: Vec<VoucherCode> = codes.collect();
        let ids: Vec<String> = codes.iter().map(|code| table::voucher(code.hash())).collect();
        let found = self.items_of(&self.tables.vouchers, table::ID, &ids, true).await?;
        let found: HashMap<String, Item> = found.into_iter().collect();
        let vouchers = codes.into_iter().zip(ids).map(|(code, id)| {
            let voucher = decode_voucher(code.hash(), found.get(&id).unwrap_or(&Item::new()))?;
            Ok((code, voucher))
        });
        vouchers.collect::<Result<_, StoreError>>().map(Ok)
    }

    /// The code of a voucher, and the voucher as it was issued.
    pub(crate) async fn issued(&self, member: &MemberId, issued: &Issued) -> Result<(Hash, Voucher), StoreError> {
        let code = VoucherCode::derive(&self.voucher_secret().await?, member, issued);
        let Issued { redemption, reward, expires_at, .. } = issued.clone();
        let state = VoucherState::Issued;
        Ok((code.hash(), Voucher { member: member.clone(), redemption, reward, expires_at, state }))
    }

    /// Puts a new voucher.
    pub(crate) fn issue(&self, code: Hash, voucher: &Voucher) -> Result<TransactWriteItem, BuildError> {
        // A code of 80 bits that exists already is this very voucher, written by a try whose answer was lost.
        put_new_item(&self.tables.vouchers, encode(code, voucher))
    }

    /// Puts a voucher in another state in the place of exactly what it was.
    pub(crate) fn turn(
        &self,
        code: Hash,
        found: &Voucher,
        state: VoucherState,
    ) -> Result<TransactWriteItem, BuildError> {
        let turned = encode(code, &Voucher { state, ..found.clone() });
        let put = Put::builder().table_name(&self.tables.vouchers).set_item(Some(turned));
        if state == VoucherState::Void && planted!("bug-voucher-voided-though-used") {
            return Ok(TransactWriteItem::builder().put(put.build()?).build());
        }
        let Instead { condition, names, values } = Instead::of(&encode(code, found));
        let put = put.set_expression_attribute_names(Some(names)).set_expression_attribute_values(Some(values));
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(TransactWriteItem::builder().put(put.condition_expression(condition).build()?).build())
    }

    /// Why a voucher is not what it must be.
    pub(crate) fn why_not_issued(code: Hash, item: Option<&Item>) -> Result<Refused, StoreError> {
        let wrong = |damage: Damage| StoreError::VoucherDamaged { voucher: code, damage: damage.of(table::VOUCHERS) };
        match decode_voucher(code, item.ok_or_else(|| wrong(damaged(table::ID)))?)?.state {
            VoucherState::Used => Ok(UsingVoucher::VoucherUsed.into()),
            VoucherState::Void => Ok(UsingVoucher::VoucherNotValid { state: "void" }.into()),
            VoucherState::Issued => Err(wrong(contradicts("state"))), // whole, and another than the ledger knows
        }
    }
}

/// When the item of a voucher goes.
fn ends(expires_at: Timestamp) -> Timestamp {
    expires_at.saturating_add(KEPT).expect("a duration suits a timestamp")
}

/// That an item is exactly what it should be, as a condition.
struct Instead {
    condition: String,
    names: HashMap<String, String>,
    values: Item,
}

impl Instead {
    fn of(item: &Item) -> Self {
        let mut fields: Vec<_> = item.iter().collect();
        fields.sort_unstable_by_key(|(name, _)| name.as_str());
        let (mut parts, mut names, mut values) = (Vec::new(), HashMap::new(), Item::new());
        for (name, value) in fields {
            parts.push(format!("#{name} = :{name}"));
            names.insert(format!("#{name}"), name.clone());
            values.insert(format!(":{name}"), value.clone());
        }
        Self { condition: parts.join(" AND "), names, values }
    }
}

fn random() -> Result<[u8; 32], StoreError> {
    let mut secret = [0; 32];
    aws_lc_rs::rand::fill(&mut secret).map_err(|_unspecified| StoreError::bug("the system gives no randomness"))?;
    Ok(secret)
}

fn decode_secret(item: &Item) -> Result<[u8; 32], Damage> {
    as_bytes(item.get("secret"), "secret").map_err(|damage| damage.of(table::VOUCHERS))
}

fn encode(code: Hash, voucher: &Voucher) -> Item {
    let Voucher { member, redemption, reward, expires_at, state } = voucher;
    let state = match state {
        VoucherState::Issued => "issued",
        VoucherState::Used => "used",
        VoucherState::Void => "void",
    };
    let mut item: Item = [
        (table::ID.to_owned(), text(table::voucher(code))),
        ("member".to_owned(), text(member.as_str())),
        ("redemption".to_owned(), number(redemption)),
        ("reward".to_owned(), text(reward)),
        ("state".to_owned(), text(state)),
        ("expires_at".to_owned(), instant(*expires_at)),
        (table::TTL.to_owned(), number(ends(*expires_at).as_second())),
    ]
    .into();
    put_check(&mut item, &[]);
    item
}

fn decode_voucher(code: Hash, item: &Item) -> Result<Voucher, StoreError> {
    decode(item).map_err(|damage| StoreError::VoucherDamaged { voucher: code, damage: damage.of(table::VOUCHERS) })
}

fn decode(item: &Item) -> Result<Voucher, Damage> {
    let [] = checked(item)?;
    let text = |name| as_text(item.get(name), name);
    let state = match text("state")? {
        "issued" => VoucherState::Issued,
        "used" => VoucherState::Used,
        "void" => VoucherState::Void,
        _ => return Err(damaged("state")),
    };
    Ok(Voucher {
        member: text("member")?.parse().map_err(|_not_an_id| damaged("member"))?,
        redemption: as_number(item.get("redemption"), "redemption")?,
        reward: text("reward")?.to_owned(),
        expires_at: as_instant(item.get("expires_at"), "expires_at")?,
        state,
    })
}
