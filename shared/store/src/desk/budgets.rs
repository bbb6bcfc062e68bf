//! Budgets of emergency packs: read before a decision, and moved with it, each under its limit.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{TransactWriteItem, Update};
use domain::desk::{Moves, Used};
use domain::kernel::id::MemberId;
use domain::kernel::time::{Month, add_days, day_number};
use domain::planted;
use domain::programme::desk::emergency::EmergencyPack;
use domain::programme::setting::Setting;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::attribute::{Item, as_number, number, text};
use crate::table::{DESK, TTL};
use crate::{Store, StoreError};

/// How long a budget is kept after it was last moved.
const KEPT_DAYS: i32 = 400;

/// Who gives what.
#[derive(Debug, Clone, Copy)]
pub struct Gives<'a> {
    /// Who.
    pub agent: &'a str,
    /// To whom.
    pub member: &'a MemberId,
    /// Of which item.
    pub item: &'a str,
    /// How many of it there are, if it has a stock.
    pub stock: Option<u32>,
}

/// What a decision moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Who gives.
    pub agent: String,
    /// To whom.
    pub member: MemberId,
    /// Of which item.
    pub item: String,
    /// How many of it there are, if it has a stock.
    pub stock: Option<u32>,
    /// What moves.
    pub moves: Moves,
}

/// A number that moves, and how high it may be afterwards.
#[derive(Debug, Default)]
struct Sum {
    n: i64,
    most: Option<i64>,
}

fn month_key(month: Month) -> String {
    format!("b#month#{month}")
}

fn agent_key(agent: &str, date: Date) -> String {
    format!("b#agent#{date}#{agent}")
}

fn member_key(member: &MemberId) -> String {
    format!("b#member#{member}")
}

fn item_key(item: &str) -> String {
    format!("s#{item}")
}

/// The date of a number of [`day_number`].
fn date_of(number: i64) -> Option<Date> {
    let epoch = Date::constant(1970, 1, 1);
    let off = i32::try_from(number).ok()?.checked_sub(day_number(epoch))?;
    epoch.checked_add(off.days()).ok()
}

impl Store {
    /// What has been used of the budgets of whoever gives.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn budgets_used(&self, gives: Gives<'_>, setting: Setting<'_>) -> Result<Used, StoreError> {
        let today = setting.programmes.at(setting.now).zone().date(setting.now);
        let keys = [
            month_key(Month::of(today)),
            agent_key(gives.agent, today),
            member_key(gives.member),
            item_key(gives.item),
        ];
        let found = self.items_of(self.tables.of(&DESK)?, DESK.hash, &keys, true).await?;
        let [month, agent, member, item] = keys;
        let of = |key: &str| {
            let item = found.iter().find(|(id, _)| id == key).map(|(_, item)| item);
            item.and_then(|item: &Item| item.get("n")).map(|value| as_number::<i64>(Some(value), "n")).transpose()
        };
        let used = || {
            let given = of(&item)?.unwrap_or_default();
            Ok(Used {
                agent_today: of(&agent)?.unwrap_or_default(),
                member_last: of(&member)?.and_then(date_of),
                month_minor: of(&month)?.unwrap_or_default(),
                stock: gives
                    .stock
                    .map(|stock| u32::try_from(i64::from(stock).saturating_sub(given)).unwrap_or_default()),
            })
        };
        used().map_err(|damage: crate::error::Damage| damage.of(DESK.name).into())
    }

    /// How often an agent gave on the local date, what was spent in the local month, and how many of each item were given.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn budgets_of(
        &self,
        agent: &str,
        items: &[&str],
        setting: Setting<'_>,
    ) -> Result<(i64, i64, BTreeMap<String, i64>), StoreError> {
        let today = setting.programmes.at(setting.now).zone().date(setting.now);
        let (month, day) = (month_key(Month::of(today)), agent_key(agent, today));
        let mut keys = vec![month.clone(), day.clone()];
        keys.extend(items.iter().map(|item| item_key(item)));
        let found = self.items_of(self.tables.of(&DESK)?, DESK.hash, &keys, true).await?;
        let numbers = found.into_iter().map(|(key, item)| Ok((key, as_number(item.get("n"), "n")?)));
        let numbers: Result<BTreeMap<String, i64>, crate::error::Damage> = numbers.collect();
        let numbers = numbers.map_err(|damage| damage.of(DESK.name))?;
        let of = |key: &str| numbers.get(key).copied().unwrap_or_default();
        let given = items.iter().map(|item| ((*item).to_owned(), of(&item_key(item)))).collect();
        Ok((of(&day), of(&month), given))
    }

    /// The writes of what decisions move, a number once: where one cannot move, none does.
    pub(super) fn move_budgets(
        &self,
        moved: &[Moved],
        (pack, last): (Option<&EmergencyPack>, Option<Date>),
        now: Timestamp,
    ) -> Result<Vec<TransactWriteItem>, StoreError> {
        if planted!("bug-grant-unmoved") {
            return Ok(Vec::new());
        }
        let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
        let mut dates: BTreeMap<String, TransactWriteItem> = BTreeMap::new();
        let mut add = |key: String, n: i64, most: Option<i64>| {
            let sum = sums.entry(key).or_default();
            (sum.n, sum.most) = (sum.n.saturating_add(n), sum.most.or(most));
        };
        for Moved { agent, member, item, stock, moves } in moved {
            let gives = moves.agent_count > 0;
            let most = |most: Option<i64>| most.filter(|_| gives);
            add(month_key(moves.month), moves.cost_minor, most(pack.map(|pack| pack.monthly_budget_minor)));
            add(agent_key(agent, moves.date), moves.agent_count, most(pack.map(|pack| i64::from(pack.per_agent_day))));
            add(item_key(item), moves.pieces, most(stock.map(i64::from)));
            let limited = pack.is_some_and(|pack| pack.per_member_30d > 0);
            let to = match (gives, last) {
                (true, _) if limited => Some(moves.date),
                (false, Some(last)) if last == moves.date => None,
                _ => continue,
            };
            // Of a member the first is what counts: what is given now, before what is given back.
            let key = member_key(member);
            if let Entry::Vacant(place) = dates.entry(key.clone()) {
                place.insert(self.date(&key, (last, to), now)?);
            }
        }
        let sums = sums.into_iter().filter(|(_, sum)| sum.n != 0);
        let sums = sums.map(|(key, sum)| self.sum(&key, &sum, now)).collect::<Result<Vec<_>, StoreError>>()?;
        Ok(sums.into_iter().chain(dates.into_values()).collect())
    }

    fn budget(
        &self,
        key: &str,
        now: Timestamp,
    ) -> Result<aws_sdk_dynamodb::types::builders::UpdateBuilder, StoreError> {
        let update = Update::builder().table_name(self.tables.of(&DESK)?).key(DESK.hash, text(key));
        let update = update.expression_attribute_names("#n", "n");
        // What is in stock stays as long as there is any.
        if key.starts_with("s#") {
            return Ok(update);
        }
        let update = update.expression_attribute_names("#ttl", TTL);
        Ok(update.expression_attribute_values(":ttl", number(add_days(now, KEPT_DAYS).as_second())))
    }

    fn sum(&self, key: &str, sum: &Sum, now: Timestamp) -> Result<TransactWriteItem, StoreError> {
        let update = self.budget(key, now)?.expression_attribute_values(":n", number(sum.n));
        let expression = if key.starts_with("s#") { "ADD #n :n" } else { "SET #ttl = :ttl ADD #n :n" };
        let update = update.update_expression(expression);
        let update = match sum.most {
            Some(most) => update
                .condition_expression("attribute_not_exists(#n) OR #n <= :room")
                .expression_attribute_values(":room", number(most.saturating_sub(sum.n))),
            None => update,
        };
        written(update)
    }

    /// When a member got something last: as it was read, and as it is to be.
    fn date(
        &self,
        key: &str,
        (read, to): (Option<Date>, Option<Date>),
        now: Timestamp,
    ) -> Result<TransactWriteItem, StoreError> {
        let update = self.budget(key, now)?;
        let update = match to {
            Some(to) => update
                .update_expression("SET #n = :to, #ttl = :ttl")
                .expression_attribute_values(":to", number(day_number(to))),
            None => update.update_expression("SET #ttl = :ttl REMOVE #n"),
        };
        let update = match read {
            Some(read) => {
                update.condition_expression("#n = :read").expression_attribute_values(":read", number(day_number(read)))
            }
            None => update.condition_expression("attribute_not_exists(#n)"),
        };
        written(update)
    }
}

fn written(update: aws_sdk_dynamodb::types::builders::UpdateBuilder) -> Result<TransactWriteItem, StoreError> {
    let update: Result<Update, BuildError> = update.build();
    Ok(TransactWriteItem::builder().update(update?).build())
}
