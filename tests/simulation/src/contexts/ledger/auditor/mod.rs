//! The auditor: follows what is stored, write by write, and works every ledger out again with decoders, hashes and arithmetic
//! of its own. It shares nothing with the product: a mistake there cannot be made here, too.
//!
//! After each step it looks at what was written; at the end it begins again and reads everything.

mod asked;
mod attribute;
mod books;
mod brought;
mod by_hand;
mod calendar;
mod canonical;
mod checkpoints;
mod entry;
mod facts;
mod files;
mod holds;
mod items;
mod member;
mod parked;
mod remembered;
mod said;
mod scores;
mod seal;
mod standings;
mod tiers;
mod transfers;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::database::Change;
pub(crate) use asked::Asked;
use attribute::string;
pub(crate) use books::Books;
pub use calendar::Place;
pub(crate) use calendar::{boundary, live_in};
pub(crate) use entry::{Detail, Entry};
pub(crate) use files::wrong as not_brought;
use items::{Account, Page};
pub(crate) use member::Member;

/// What there is of each reward that is limited.
pub(crate) const STOCK: [(&str, i64); 3] = [("drink", 10_000), ("toy", 200), ("sticker", 3)];

/// What the auditor has seen.
#[derive(Default)]
pub(crate) struct Auditor {
    members: BTreeMap<String, Member>,
    pages: BTreeMap<(String, u64), Page>,
    /// Pieces by shard.
    stock: BTreeMap<String, i64>,
    /// Pieces laid in so far, by stock.
    given: BTreeMap<String, i64>,
    /// What was laid in by hand: of what, and how many.
    laid_in: BTreeMap<String, (String, i64)>,
    /// Vouchers: whose, of what, and their state.
    vouchers: BTreeMap<String, (String, String, String)>,
    checkpoints: checkpoints::Checkpoints,
    facts: facts::Facts,
    /// The days on which members were seen doing something that the ledger does not tell.
    seen: BTreeMap<String, BTreeSet<i64>>,
}

type Wrong = Vec<String>;

impl Auditor {
    /// Reads everything anew.
    pub(crate) fn from_scratch(dump: impl Fn(&str) -> Vec<Value>) -> (Self, Wrong) {
        let mut auditor = Self::default();
        let mut wrong = Vec::new();
        for item in dump("FactsTable") {
            wrong.extend(auditor.facts.see(&Value::Null, &item));
        }
        for item in dump("SignalsTable") {
            auditor.see_signal(&item);
        }
        for item in dump("StockTable") {
            wrong.extend(auditor.see_stock(&Value::Null, &item));
        }
        for item in dump("VouchersTable") {
            wrong.extend(auditor.see_voucher(&Value::Null, &item));
        }
        let mut pages: BTreeMap<String, Vec<Page>> = BTreeMap::new();
        for item in dump("PagesTable") {
            let member = string(&item, "member");
            match items::page(&item) {
                Ok(page) => pages.entry(member).or_default().push(page),
                Err(error) => wrong.push(format!("a page of {member}: {error}")),
            }
        }
        for item in dump("AccountsTable") {
            let name = string(&item, "member");
            match sealed(&item) {
                Ok(record) => {
                    let mut member = auditor.unwritten(&name);
                    let mut entries = record
                        .recent
                        .iter()
                        .chain(pages.get(&name).into_iter().flatten().flat_map(|page| &page.entries));
                    if entries.any(|entry| entry.absorbs().is_some()) {
                        member.seen.extend(auditor.seen.values().flatten()); // whoever is read later may be one of them
                    }
                    let found = enter_all(
                        &mut member,
                        (&name, &record),
                        pages.remove(&name).unwrap_or_default(),
                        &auditor.facts,
                    );
                    let facts = member.entries.iter().flat_map(|entry| auditor.facts.enter(&name, entry));
                    wrong.extend(found.into_iter().chain(facts).map(|what| format!("{name}: {what}")));
                    auditor.members.insert(name, member);
                }
                Err(error) => wrong.push(format!("{name}: {error}")),
            }
        }
        // Notes first: their order in time is not known any more.
        let (notes, days): (Vec<Value>, Vec<Value>) =
            dump("CheckpointsTable").into_iter().partition(|item| string(item, "of") == "notes");
        for item in notes.iter().chain(&days) {
            wrong.extend(auditor.checkpoints.see(&Value::Null, item));
        }
        wrong.extend(auditor.check_shared());
        wrong.extend(transfers::wrong(&auditor.members));
        wrong.extend(holds::wrong(&auditor.members));
        wrong.extend(by_hand::wrong(&auditor.members));
        (auditor, wrong)
    }

    /// Sees what one step has written.
    pub(crate) fn see(&mut self, changes: &[Change]) -> Wrong {
        let mut wrong = Vec::new();
        for change in changes.iter().filter(|change| change.table == "FactsTable") {
            wrong.extend(self.facts.see(&change.before, &change.after));
        }
        for Change { table, before, after } in changes.iter().filter(|change| change.table != "FactsTable") {
            let found = match table.as_str() {
                "AccountsTable" => self.see_account(before, after),
                "PagesTable" => self.see_page(before, after),
                "CheckpointsTable" => self.checkpoints.see(before, after),
                "StockTable" => self.see_stock(before, after),
                "VouchersTable" => self.see_voucher(before, after),
                "SignalsTable" => self.see_signal(after),
                _ => Vec::new(),
            };
            let key = match table.as_str() {
                "CatalogueTable" | "StockTable" | "VouchersTable" => "id",
                "CheckpointsTable" => "at",
                _ => "member",
            };
            let who = string(after, key);
            wrong.extend(found.into_iter().map(|what| format!("{who}: {what}")));
        }
        if changes.iter().filter(|change| change.table == "AccountsTable").count() > 1 {
            wrong.extend(transfers::wrong(&self.members));
        }
        if changes.iter().any(|change| {
            !matches!(change.table.as_str(), "PagesTable" | "CheckpointsTable" | "FactsTable" | "SignalsTable")
        }) {
            wrong.extend(self.check_shared());
        }
        wrong
    }

    /// The members whose ledgers are known.
    pub(crate) fn members(&self) -> &BTreeMap<String, Member> {
        &self.members
    }

    /// A member's entries, oldest first.
    pub(crate) fn entries(&self, member: &str) -> &[Entry] {
        self.members.get(member).map_or(&[], |member| &member.entries)
    }

    /// The entry of an id.
    pub(crate) fn entry(&self, id: &str) -> Option<&Entry> {
        let (member, sequence) = id.rsplit_once('.')?;
        self.entries(member).get(sequence.parse::<usize>().ok()?.checked_sub(1)?)
    }

    /// Members for whom another stands, whoever stands for that one.
    pub(crate) fn merged(&self, into: &str) -> Vec<&str> {
        let standing = self.members.iter().filter(|(_, member)| Member::into(member) == Some(into));
        standing.flat_map(|(name, _)| std::iter::once(name.as_str()).chain(self.merged(name))).collect()
    }

    /// Pieces of a reward that are left.
    pub(crate) fn left(&self, reward: &str) -> i64 {
        self.shards(reward).map(|(_, left)| left).sum()
    }

    /// The shards of a reward's stock.
    pub(crate) fn shards(&self, reward: &str) -> impl Iterator<Item = (&str, i64)> {
        let prefix = format!("c#{reward}#");
        let shards = self.stock.iter().filter(move |(shard, _)| shard.starts_with(&prefix));
        shards.map(|(shard, left)| (shard.as_str(), *left))
    }

    /// Members to whose accounts time has done something that is not written yet.
    pub(crate) fn overdue(&self, now: i64) -> Vec<&str> {
        self.members.iter().filter(|(_, member)| member.is_due(now)).map(|(name, _)| name.as_str()).collect()
    }

    /// Refunds that should have lapsed by an instant.
    pub(crate) fn lapsing(&self, now: i64) -> impl Iterator<Item = String> {
        self.facts.lapsing(now)
    }

    /// Reversals that came before their fact, and what should have become of them and has not.
    pub(crate) fn reversed(&self) -> Vec<String> {
        self.facts.reversed()
    }

    /// Is a refund kept that came before its order?
    pub(crate) fn is_parked(&self, order: &str, refund: &str) -> bool {
        self.facts.keeps(order, refund)
    }

    /// What an evaluation at an instant would still change: nothing, where the chain has done its work.
    pub(crate) fn unevaluated(&self, now: i64) -> Vec<String> {
        let seen = |name: &str| {
            let all = self.merged(name).into_iter().chain([name]);
            all.filter_map(|name| self.seen.get(name)?.last().copied()).max()
        };
        let left =
            |(name, member): (&String, &Member)| Some(format!("{name}: {}", member.unevaluated(seen(name), now)?));
        self.members.iter().filter_map(left).collect()
    }

    /// What is wrong with the checkpoints when every day on which something was written is closed.
    pub(crate) fn check_checkpoints(&self) -> Vec<String> {
        self.checkpoints.wrong(&self.members)
    }

    /// How many entries there are in all ledgers.
    pub(crate) fn count(&self) -> usize {
        self.members.values().map(|member| member.entries.len()).sum()
    }

    fn see_account(&mut self, before: &Value, after: &Value) -> Wrong {
        let name = string(after, "member");
        let record = match sealed(after) {
            Ok(record) => record,
            Err(error) => return vec![error],
        };
        let unwritten = self.unwritten(&name);
        let absorbed = record.recent.iter().filter_map(Entry::absorbs).filter_map(|from| self.members.get(from));
        let seen: BTreeSet<i64> = absorbed.flat_map(|from| &from.seen).copied().collect();
        let member = self.members.entry(name.clone()).or_insert(unwritten);
        member.seen.extend(seen);
        let mut wrong = Vec::new();
        if record.version != member.version + 1 {
            wrong.push(format!("version {} is written over {}", record.version, member.version));
        }
        if before.is_null() != (member.version == 0) {
            wrong.push("the account was made twice".to_owned());
        }
        member.version = record.version;
        for entry in &record.recent {
            match usize::try_from(entry.sequence).ok().and_then(|place| member.entries.get(place.checked_sub(1)?)) {
                Some(known) if known == entry => {}
                Some(_) => wrong.push(format!("entry {} is another than it was", entry.sequence)),
                None => {
                    let before = self.facts.paid_back(&name, entry);
                    wrong.extend(before.as_ref().err().cloned());
                    wrong.extend(member.enter(entry, before.unwrap_or_default()));
                    wrong.extend(self.facts.enter(&name, entry));
                }
            }
        }
        let sealed = record.sealed;
        if record.recent.first().is_some_and(|first| first.sequence != sealed + 1) {
            wrong.push(format!("entries are missing after {sealed}"));
        }
        let newest = self.pages.range((name.clone(), 0)..=(name.clone(), sealed)).next_back();
        let ends = newest.and_then(|(_, page)| page.entries.last()).map_or(0, |entry| entry.sequence);
        if ends != sealed {
            wrong.push(format!("sealed until {sealed}, where the pages end at {ends}"));
        }
        wrong.extend(member.agrees(&record));
        wrong
    }

    /// A member of whom no account has been written.
    fn unwritten(&self, name: &str) -> Member {
        let mut member = Member::default();
        member.seen.extend(self.seen.get(name).into_iter().flatten());
        member
    }

    fn see_signal(&mut self, item: &Value) -> Wrong {
        let (name, place) = (string(item, "member"), string(item, "at"));
        let at = place.split_once('#').and_then(|(at, _)| at.parse().ok());
        let day = at.map(calendar::day_of).filter(|_| item["c"]["BOOL"] == true);
        self.seen.entry(name.clone()).or_default().extend(day);
        // It counts for whoever stands for the member, too.
        let mut whose = Some(name);
        while let Some(member) = whose.and_then(|name| self.members.get_mut(&name)) {
            member.seen.extend(day);
            whose = Member::into(member).map(str::to_owned);
        }
        Wrong::new()
    }

    fn see_page(&mut self, before: &Value, after: &Value) -> Wrong {
        let name = string(after, "member");
        let page = match items::page(after) {
            Ok(page) => page,
            Err(error) => return vec![error],
        };
        let mut wrong = Vec::new();
        if !before.is_null() {
            wrong.push("a page has changed".to_owned());
        }
        let known = self.entries(&name);
        let first = page.entries[0].sequence;
        let place = usize::try_from(first).unwrap_or_default().saturating_sub(1);
        if known.get(place..place + page.entries.len()) != Some(&page.entries[..]) {
            wrong.push(format!("the page from {first} is not what was entered"));
        }
        let previous = place.checked_sub(1).and_then(|place| known.get(place)).map(|entry| entry.recorded_at);
        if page.previous_at != previous {
            wrong.push(format!("the page from {first} says {:?} comes before, not {previous:?}", page.previous_at));
        }
        self.pages.insert((name, first), page);
        wrong
    }

    fn see_stock(&mut self, before: &Value, after: &Value) -> Wrong {
        let id = string(after, "id");
        let whole = |name: &str| after[name]["N"].as_str().and_then(|number| number.parse::<i64>().ok());
        if let Some(given) = whole("given").filter(|_| id.starts_with("c#")) {
            self.given.insert(id[2..].to_owned(), given);
            return Vec::new();
        }
        if let Some(add) = whole("add").filter(|_| id.starts_with("r#")) {
            self.laid_in.insert(id, (string(after, "stock"), add));
            return if before.is_null() { Vec::new() } else { vec!["what was laid in is said anew".to_owned()] };
        }
        if id.starts_with("c#") {
            let left = after["n"]["N"].as_str().and_then(|left| left.parse().ok()).unwrap_or(-1);
            self.stock.insert(id, left);
            return if left < 0 { vec![format!("{left} are left")] } else { Vec::new() };
        }
        Vec::new()
    }

    fn see_voucher(&mut self, before: &Value, after: &Value) -> Wrong {
        let id = string(after, "id");
        if id.starts_with("v#") {
            let (was, is) = (string(before, "state"), string(after, "state"));
            self.vouchers.insert(id, (string(after, "member"), string(after, "reward"), is.clone()));
            let in_order = matches!((was.as_str(), is.as_str()), ("", _) | ("issued", "used" | "void"));
            return if in_order { Vec::new() } else { vec![format!("a voucher that was {was} is {is}")] };
        }
        Vec::new()
    }

    /// What is left of a stock and what members have of it is what there was; every redemption has its voucher.
    fn check_shared(&self) -> Wrong {
        let mut wrong = Vec::new();
        let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
        let mut used: BTreeMap<&str, i64> = BTreeMap::new();
        for (name, member) in &self.members {
            let (mut issued, mut void, mut spent_on) = (0, 0, 0);
            for entry in &member.entries {
                match &entry.detail {
                    Detail::Benefit { benefit, .. } => *used.entry(benefit.as_str()).or_default() += 1,
                    Detail::BenefitReversal { benefit, .. } => *used.entry(benefit.as_str()).or_default() -= 1,
                    _ => {}
                }
                if matches!(entry.detail, Detail::VoucherUse { .. }) {
                    spent_on += 1;
                }
                let (spent, sign) = match &entry.detail {
                    Detail::Redeem { .. } => (entry, 1),
                    Detail::Reverse { redemption, .. } => {
                        let place = usize::try_from(*redemption).unwrap_or_default().saturating_sub(1);
                        let Some(spent) = member.entries.get(place) else { continue };
                        (spent, -1)
                    }
                    _ => continue,
                };
                let Detail::Redeem { reward, quantity, voucher_expires_at, .. } = &spent.detail else { continue };
                *taken.entry(reward).or_default() += sign * i64::from(*quantity);
                if voucher_expires_at.is_some() {
                    if sign > 0 { issued += 1 } else { void += 1 }
                }
            }
            let own = |state: &str| {
                self.vouchers.values().filter(|(of, _, is)| of == name && (state.is_empty() || is == state)).count()
            };
            let found = (own(""), own("void"), own("used"));
            if found != (issued, void, spent_on) {
                let entered = (issued, void, spent_on);
                wrong
                    .push(format!("{name}: of vouchers (issued, void, used) there are {found:?}, entered {entered:?}"));
            }
        }
        for (benefit, stock) in [("closed-salon", 60), ("one-to-one", 30)] {
            let (left, used) =
                (self.left(&format!("benefit:{benefit}")), used.get(benefit).copied().unwrap_or_default());
            if self.stock.keys().any(|shard| shard.starts_with("c#benefit:")) && left + used != stock {
                wrong.push(format!("of {stock} {benefit}, {left} are left and {used} used"));
            }
        }
        for (reward, stock) in STOCK {
            let (left, taken) = (self.left(reward), taken.get(reward).copied().unwrap_or_default());
            let more: i64 = self.laid_in.values().filter(|(name, _)| name == reward).map(|(_, add)| add).sum();
            let stock = stock + more;
            if self.given.get(reward).is_some_and(|given| *given != stock) {
                wrong.push(format!("{:?} {reward} were given, not {stock}", self.given.get(reward)));
            }
            let prefix = format!("c#{reward}#");
            let offered = self.stock.keys().any(|shard| shard.starts_with(&prefix));
            if offered && left + taken != stock {
                wrong.push(format!("of {stock} {reward}, {left} are left and {taken} taken"));
            }
        }
        wrong
    }
}

/// An account as stored, if it is what was sealed.
fn sealed(item: &Value) -> Result<Account, String> {
    let account = items::account(item)?;
    seal::check(item, &account)?;
    Ok(account)
}

/// Puts the pages and the newest entries together and enters them one by one.
fn enter_all(
    member: &mut Member,
    (name, record): (&str, &Account),
    mut pages: Vec<Page>,
    facts: &facts::Facts,
) -> Wrong {
    let mut wrong = Vec::new();
    let enter =
        |member: &mut Member, entry: &Entry| member.enter(entry, facts.paid_back(name, entry).unwrap_or_default());
    member.version = record.version;
    pages.sort_by_key(|page| page.entries[0].sequence);
    let sealed = record.sealed;
    for page in pages {
        let first = page.entries[0].sequence;
        if first > sealed {
            // Left behind by a crash: it must equal the beginning of what is still recent.
            if !record.recent.starts_with(&page.entries) {
                wrong.push(format!("the page from {first} is neither sealed nor adoptable"));
            }
            continue;
        }
        for entry in &page.entries {
            wrong.extend(enter(member, entry));
        }
        if member.head != page.head {
            wrong.push(format!("the chain breaks in the page from {first}"));
        }
    }
    if member.sequence() != sealed {
        wrong.push(format!("sealed history ends at {} instead of {sealed}", member.sequence()));
    }
    for entry in &record.recent {
        wrong.extend(enter(member, entry));
    }
    wrong.extend(member.agrees(record));
    wrong
}
