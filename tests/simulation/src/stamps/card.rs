//! An aggregate of the tests' own, in no product: a card on which stamps are collected and swapped for gifts. It has one of
//! everything that an aggregate can have.
//!
//! | | |
//! |---|---|
//! | claim | the number printed on a card is one member's only |
//! | counter | gifts, over shards |
//! | rows | one for every stamp |
//! | time | stamps lapse thirty days after the last one |

use std::borrow::Cow;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::change::{Aggregate, Change, Claim, Counter, Effect, Key, Owner, Row, Said};
use domain::kernel::event::Fact;
use domain::kernel::id::MemberId;
use domain::kernel::refusal::{Class, Code, Codes, Refusal, Reused};
use domain::programme::setting::Setting;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};
use store::aggregate::{Ring, Stored};
use store::{Damage, Item, Table, Wrong};

pub(crate) const CARDS: Table = Table { name: "cards", context: "stamps", hash: "member", range: None };
pub(crate) const LOG: Table = Table { name: "card-log", context: "stamps", hash: "member", range: Some("seq") };
pub(crate) const NUMBERS: Table = Table { name: "card-numbers", context: "stamps", hash: "claim", range: None };
pub(crate) const GIFTS: Table = Table { name: "gifts", context: "stamps", hash: "id", range: None };

/// What a full card holds.
pub(crate) const FULL: u32 = 6;
/// What a gift costs.
pub(crate) const PRICE: u32 = 2;
/// Over how many shards gifts are spread.
pub(crate) const SHARDS: u32 = 4;
/// How long stamps last after the last one, in hours.
pub(crate) const LASTS_HOURS: i64 = 30 * 24;

/// A card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) member: MemberId,
    pub(crate) number: Option<String>,
    pub(crate) stamps: u32,
    pub(crate) gifts: u32,
    /// Stamps ever collected: rows are counted by it.
    pub(crate) collected: u32,
    pub(crate) lapses_at: Option<Timestamp>,
}

/// What can be asked of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Ask {
    Collect,
    Swap,
    GiveBack,
    Link(String),
    Unlink,
}

/// What is told of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CardFact {
    Collected { stamps: u32 },
    Filled,
    Swapped { gifts: u32 },
    Lapsed { stamps: u32 },
}

impl Fact for CardFact {
    const TYPES: &'static [(&'static str, &'static str)] = &[
        ("perennial.stamps.collected.v1", "A stamp was collected."),
        ("perennial.stamps.filled.v1", "The card is full."),
        ("perennial.stamps.swapped.v1", "Stamps were swapped for a gift."),
        ("perennial.stamps.lapsed.v1", "Stamps have lapsed."),
    ];

    fn kind(&self) -> &'static str {
        let place = match self {
            Self::Collected { .. } => 0,
            Self::Filled => 1,
            Self::Swapped { .. } => 2,
            Self::Lapsed { .. } => 3,
        };
        Self::TYPES[place].0
    }

    fn data(&self) -> Value {
        match self {
            Self::Collected { stamps } | Self::Lapsed { stamps } => json!({ "stamps": stamps }),
            Self::Filled => json!({ "gift": null }),
            Self::Swapped { gifts } => json!({ "gifts": gifts }),
        }
    }

    fn examples() -> Vec<Self> {
        vec![Self::Collected { stamps: 1 }, Self::Filled, Self::Swapped { gifts: 1 }, Self::Lapsed { stamps: 3 }]
    }
}

/// Why a card refuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Refused {
    CardFull,
    TooFewStamps,
    NoGifts,
    NumberTaken,
    WrongState,
    KeyReused,
}

impl Refused {
    const ALL: [Self; 6] =
        [Self::CardFull, Self::TooFewStamps, Self::NoGifts, Self::NumberTaken, Self::WrongState, Self::KeyReused];
    const OWN: [Code; 6] = {
        const fn conflict(code: &'static str) -> Code {
            Code { code, class: Class::Conflict, words: code }
        }
        [
            conflict("card_full"),
            conflict("too_few_stamps"),
            conflict("no_gifts"),
            conflict("number_taken"),
            conflict("wrong_state"),
            conflict("idempotency_key_reused"),
        ]
    };
}

impl From<Reused> for Refused {
    fn from(Reused::KeyReused: Reused) -> Self {
        Self::KeyReused
    }
}

impl Refusal for Refused {
    const CODES: Codes = Codes { own: &Self::OWN, others: &[] };

    fn code(&self) -> &'static str {
        let place = Self::ALL.iter().position(|refused| refused == self);
        place.map_or("", |place| Self::OWN[place].code)
    }

    fn class(&self) -> Class {
        Class::Conflict
    }

    fn words(&self) -> Cow<'static, str> {
        self.code().into()
    }

    fn field(&self) -> Option<&str> {
        None
    }

    fn data(&self) -> Map<String, Value> {
        Map::new()
    }
}

impl Aggregate for Card {
    type Fact = CardFact;
    type Refusal = Refused;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.member)
    }

    fn denied(effect: &Effect) -> Refused {
        match effect {
            Effect::Take { .. } | Effect::Return { .. } => Refused::NoGifts,
            Effect::Claim { .. } => Refused::NumberTaken,
            Effect::Unclaim { .. } | Effect::Row(_) => Refused::WrongState,
        }
    }
}

impl Card {
    fn number(&self, number: &str) -> (Claim, Owner) {
        (Claim { table: NUMBERS.name, key: Key::of(number) }, Owner(self.member.to_string()))
    }

    /// Stamps that have lapsed by a time.
    pub(crate) fn settled(&self, now: Timestamp) -> (Self, Option<CardFact>) {
        if self.lapses_at.is_none_or(|at| at > now) {
            return (self.clone(), None);
        }
        let lapsed = CardFact::Lapsed { stamps: self.stamps };
        (Self { stamps: 0, lapses_at: None, ..self.clone() }, Some(lapsed))
    }

    /// What time has done.
    pub(crate) fn pass(&self, setting: Setting<'_>) -> Change<Self> {
        let (card, lapsed) = self.settled(setting.now);
        lapsed.into_iter().fold(Change::to(card), Change::telling)
    }

    /// The decision.
    pub(crate) fn decide(&self, ask: &Ask, setting: Setting<'_>) -> Result<Change<Self>, Refused> {
        let gifts = || Counter { table: GIFTS.name, name: "gift".to_owned() };
        let change = self.pass(setting);
        let mut card = change.state.clone();
        Ok(match ask {
            Ask::Collect if card.stamps >= FULL => return Err(Refused::CardFull),
            Ask::Collect => {
                (card.stamps, card.collected) = (card.stamps + 1, card.collected + 1);
                card.lapses_at = Some(setting.now + SignedDuration::from_hours(LASTS_HOURS));
                let fields = json!({ "at": setting.now, "stamps": card.stamps });
                let key = Key::pair(card.member.as_str(), format!("{:06}", card.collected));
                let row = Row { table: LOG.name, key, fields: fields.as_object().cloned().unwrap_or_default() };
                let mut change = Change { state: card.clone(), ..change }.with(Effect::Row(row));
                change = change.telling(CardFact::Collected { stamps: card.stamps });
                if card.stamps == FULL { change.telling(CardFact::Filled) } else { change }
            }
            Ask::Swap if card.stamps < PRICE => return Err(Refused::TooFewStamps),
            Ask::Swap => {
                (card.stamps, card.gifts) = (card.stamps - PRICE, card.gifts + 1);
                card.lapses_at = card.lapses_at.filter(|_| card.stamps > 0);
                let swapped = CardFact::Swapped { gifts: card.gifts };
                let said = Said::new(format!("gift {}", card.gifts));
                let change = Change { state: card, ..change }.telling(swapped).saying(said);
                change.with(Effect::Take { counter: gifts(), shards: SHARDS, n: 1 })
            }
            Ask::GiveBack if card.gifts == 0 => return Err(Refused::WrongState),
            Ask::GiveBack => {
                card.gifts -= 1;
                Change { state: card, ..change }.with(Effect::Return { counter: gifts(), shards: SHARDS, n: 1 })
            }
            Ask::Link(_) if card.number.is_some() => return Err(Refused::WrongState),
            Ask::Link(number) => {
                let (claim, owner) = card.number(number);
                card.number = Some(number.clone());
                Change { state: card, ..change }.with(Effect::Claim { claim, owner })
            }
            Ask::Unlink => {
                let number = card.number.take().ok_or(Refused::WrongState)?;
                let (claim, owner) = card.number(&number);
                Change { state: card, ..change }.with(Effect::Unclaim { claim, owner })
            }
        })
    }
}

impl Stored for Card {
    const TABLE: Table = CARDS;
    const BESIDE: &'static [Table] = &[LOG, NUMBERS, GIFTS];
    const LARGEST: usize = 2048;
    const KEEPS: Ring = Ring::SHORT;

    fn new(key: &Key) -> Self {
        let member = key.hash.parse().expect("a card's key is a member");
        Self { member, number: None, stamps: 0, gifts: 0, collected: 0, lapses_at: None }
    }

    fn encode(&self, item: &mut Item) {
        let mut put = |name: &str, value| item.insert(name.to_owned(), value);
        for (name, count) in [("s", self.stamps), ("g", self.gifts), ("c", self.collected)] {
            put(name, AttributeValue::N(count.to_string()));
        }
        if let Some(number) = &self.number {
            put("n", AttributeValue::S(number.clone()));
        }
        if let Some(at) = self.lapses_at {
            put("l", AttributeValue::N(at.as_millisecond().to_string()));
        }
    }

    fn decode(key: &Key, item: &Item) -> Result<Self, Damage> {
        fn whole<T: std::str::FromStr>(item: &Item, name: &'static str) -> Result<T, Damage> {
            let text = item.get(name).and_then(|value| value.as_n().ok());
            let damage = Damage { table: CARDS.name, attribute: name, kind: Wrong::Unreadable };
            text.and_then(|text| text.parse().ok()).ok_or(damage)
        }
        let lapses_at = item.contains_key("l").then(|| whole(item, "l")).transpose()?;
        Ok(Self {
            number: item.get("n").and_then(|value| value.as_s().ok()).cloned(),
            stamps: whole(item, "s")?,
            gifts: whole(item, "g")?,
            collected: whole(item, "c")?,
            lapses_at: lapses_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
            ..Self::new(key)
        })
    }

    fn due(&self, _: Setting<'_>) -> Option<Timestamp> {
        self.lapses_at
    }
}
