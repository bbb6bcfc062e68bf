//! Activities: CloudEvents 1.0 in, what they earned out.

use std::collections::BTreeMap;

use domain::kernel::id::{ContentHash, FactName, MemberId, OperationId};
use domain::kernel::quantity::{Minor, Points};
use domain::kernel::stamp::Stamp;
use domain::kernel::time::to_millisecond;
use domain::ledger::command::{Command, Instruction};
use domain::ledger::doer::Doer;
use domain::ledger::earning::order::{Activity, Line, Order};
use domain::ledger::entry::Detail;
use domain::ledger::lines::LineKind;
use domain::ledger::pockets::Movement;
use domain::planted;
use domain::programme::activity::{ACTIVITY_REVERSED, ORDER_PAID};
use domain::programme::compiled::Programmes;
use domain::programme::condition::Scalar;
use jiff::Timestamp;
use lambda::wire::{Balance, EntryView, Explanation, member, short, within};
use lambda::{Failure, NamesMember, Problem, shaped};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Done, StoreError};

use super::refund::RefundReply;
use super::returned::{self, ReturnData};

/// A fact about a member: a CloudEvents 1.0 event in JSON. `(source, id)` is its business key, for ever: the same event
/// again is answered again and credited once.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityEvent {
    /// Always `1.0`.
    pub specversion: String,
    /// The event's id, unique within its source.
    pub id: String,
    /// Where it comes from.
    pub source: String,
    /// What happened: `order.paid`, or another activity that the programme declares.
    pub r#type: String,
    /// The member's id.
    pub subject: String,
    /// When it happened. At most 30 days ago and 5 minutes ahead, in the default programme.
    pub time: Timestamp,
    /// Always `application/json`, if given.
    #[serde(default)]
    pub datacontenttype: Option<String>,
    /// Not read.
    #[serde(default)]
    pub dataschema: Option<String>,
    /// W3C trace context; not kept.
    #[serde(default)]
    pub traceparent: Option<String>,
    /// W3C trace context; not kept.
    #[serde(default)]
    pub tracestate: Option<String>,
    /// An order for `order.paid`, else `{"attributes": {...}}`.
    #[serde(default)]
    #[schemars(with = "ActivityData")]
    pub data: Value,
    /// Only from an admin: why the event is accepted although it is too old.
    #[serde(default)]
    pub backdatereason: Option<String>,
}

/// What an event says, by its type.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "it only gives the schema of `data`; which one applies is known from `type`")]
enum ActivityData {
    Order(OrderData),
    Behaviour(BehaviourData),
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BehaviourData {
    /// Attributes that the programme declares for the activity.
    #[serde(default)]
    attributes: BTreeMap<String, Scalar>,
}

/// A paid order. All amounts are in minor units of the programme's currency. The basis of points is lines - discount -
/// points paid - gift card - shipping. Each of those but shipping may stand on a line, on the order, or both; what stands on
/// the order is spread over the lines.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OrderData {
    /// The shop's order id, unique within the brand, or within the source where the programme says `order_ids = "source"`.
    order_id: String,
    /// ISO 4217 code; must be the programme's.
    currency: String,
    /// What was sold, as charged; 1 to 200 lines, or none if something is returned.
    lines: Vec<LineData>,
    /// Discounts on the whole order.
    #[serde(default)]
    discount_minor: i64,
    /// The part paid with points.
    #[serde(default)]
    points_paid_minor: i64,
    /// The part paid with gift cards.
    #[serde(default)]
    gift_card_minor: i64,
    /// Shipping contained in the lines.
    #[serde(default)]
    shipping_minor: i64,
    /// Taxes contained in the lines.
    #[serde(default)]
    tax_minor: i64,
    /// What the same ticket takes back of the member's earlier orders, in the same write; then it may sell nothing.
    #[serde(default)]
    returns: Vec<ReturnData>,
    /// The order was taken back whole, and is paid anew: later than that, and under an event id of its own.
    #[serde(default)]
    reopens: bool,
    /// Attributes that the programme declares for orders.
    #[serde(default)]
    attributes: BTreeMap<String, Scalar>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LineData {
    /// What the line cost altogether.
    amount_minor: i64,
    /// What was sold.
    #[serde(default)]
    sku: Option<String>,
    /// How many pieces, at least one.
    #[serde(default)]
    quantity: Option<i64>,
    /// What the line is.
    #[serde(default)]
    kind: LineKindData,
    /// Discounts on this line.
    #[serde(default)]
    discount_minor: i64,
    /// The part of it paid with points.
    #[serde(default)]
    points_paid_minor: i64,
    /// The part of it paid with gift cards.
    #[serde(default)]
    gift_card_minor: i64,
    /// Taxes contained in it.
    #[serde(default)]
    tax_minor: i64,
    /// Attributes that the programme declares for lines.
    #[serde(default)]
    attributes: BTreeMap<String, Scalar>,
}

/// What a line is.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum LineKindData {
    /// Something that was bought.
    #[default]
    Goods,
    /// Its delivery: earns only by rules that say so, and gift cards pay for it last.
    Shipping,
}

impl ActivityEvent {
    /// The longest order, in lines.
    const MAX_LINES: usize = 200;

    /// An event as it is told. Where it has another shape, what is wrong with its data is told too.
    ///
    /// # Errors
    /// 422 with everything that is wrong, each with its place.
    pub fn read(json: &Value) -> Result<Self, Problem> {
        let event = shaped::<Self>(json);
        if event.is_ok() {
            return event;
        }
        let source = json["source"].as_str().unwrap_or_default();
        let data = json["type"].as_str().map_or(Ok(()), |kind| Said::of(kind, source, &json["data"]).map(drop));
        Problem::unless([event.as_ref().map(drop).map_err(Clone::clone), data])?;
        event
    }

    /// About whom it is, if nothing is wrong with what stands around its data.
    pub(super) fn envelope(&self) -> Result<MemberId, Problem> {
        let json = self.datacontenttype.as_deref().is_none_or(|kind| kind.starts_with("application/json"));
        let member = member("/subject", &self.subject);
        let must = |holds: bool, place: &str, what: &str| {
            if holds { Ok(()) } else { Err(Problem::invalid(place, what)) }
        };
        Problem::unless([
            must(self.specversion == "1.0", "/specversion", "must be \"1.0\""),
            must(json, "/datacontenttype", "must be application/json"),
            short("/id", &self.id),
            short("/source", &self.source),
            short("/type", &self.r#type),
            must(self.r#type != ACTIVITY_REVERSED, "/type", "is reported at /v1/activities/reversals"),
            member.as_ref().map(drop).map_err(Clone::clone),
            self.backdatereason.as_deref().map_or(Ok(()), |reason| short("/backdatereason", reason)),
            must(to_millisecond(self.time) >= Timestamp::UNIX_EPOCH, "/time", "must not lie before 1970"),
        ])?;
        member
    }

    /// As a command for a member, reported by somebody who may record it though it is too old, if there is one.
    ///
    /// # Errors
    /// 422 with a pointer to the field.
    pub fn to_instruction(&self, backdates: Option<Doer>) -> Result<(MemberId, Instruction), Problem> {
        let (member, data) = (self.envelope(), Said::of(&self.r#type, &self.source, &self.data));
        let (of_member, of_data) = (member.as_ref().map(drop), data.as_ref().map(drop));
        Problem::unless([of_member.map_err(Clone::clone), of_data.map_err(Clone::clone)])?;
        let (member, Said { order, returns, attributes }) = (member?, data?);
        let occurred_at = to_millisecond(self.time);
        let backdate_reason = self.backdatereason.clone();
        if backdate_reason.is_some() && backdates.is_none() {
            return Err(Problem::forbidden("only an admin may give a backdatereason"));
        }
        let by = backdates.filter(|_| backdate_reason.is_some()).map(|doer| Doer { backdate_reason, ..doer });
        let time = (!planted!("bug-time-unsaid")).then(|| occurred_at.to_string());
        let said = json!({"type": self.r#type, "subject": self.subject, "time": time, "data": self.data});
        let stamp = Stamp {
            operation: OperationId::of_event(&self.source, &self.id),
            content: ContentHash::of(&said),
            occurred_at,
        };
        let ticket = order.as_ref().map_or("", |order| order.order_id.as_str());
        let legs = returned::legs(&returns, (ticket, &self.source), stamp)?;
        let activity = Activity { activity: self.r#type.clone(), attributes, order, past: None };
        let fact = activity.order.as_ref().map(|order| FactName::order(&order.order_id));
        let fact = Some(fact.unwrap_or_else(|| FactName::event(&self.source, &self.id)));
        Ok((member, Instruction { stamp, fact, by, command: Command::Earn(activity), legs }))
    }
}

/// What an event's data say.
#[derive(Default)]
struct Said {
    /// The order, if it is about one.
    order: Option<Order>,
    /// What the same ticket takes back.
    returns: Vec<ReturnData>,
    attributes: BTreeMap<String, Scalar>,
}

impl Said {
    /// Of an event of a type, from a source.
    fn of(kind: &str, source: &str, data: &Value) -> Result<Self, Problem> {
        let within = |problem: Problem| problem.within("/data");
        if kind == ORDER_PAID {
            let data: OrderData = shaped(data).map_err(within)?;
            let (returns, attributes) = (data.returns.clone(), data.attributes.clone());
            return Ok(Self { order: Some(data.into_order(source)?), returns, attributes });
        }
        if data.is_null() {
            return Ok(Self::default());
        }
        let BehaviourData { attributes } = shaped(data).map_err(|problem| {
            if data.get("order_id").is_none() || data.get("lines").is_none() {
                return within(problem);
            }
            Problem::invalid("/type", format!("`{kind}` has no order in its data, `{ORDER_PAID}` has"))
        })?;
        Ok(Self { attributes, ..Self::default() })
    }
}

impl OrderData {
    /// Everything that is wrong with it.
    fn check(&self) -> Result<(), Problem> {
        let fewest = usize::from(self.returns.is_empty());
        let few = (fewest..=ActivityEvent::MAX_LINES).contains(&self.lines.len());
        let amounts = [
            ("discount_minor", self.discount_minor),
            ("points_paid_minor", self.points_paid_minor),
            ("gift_card_minor", self.gift_card_minor),
            ("shipping_minor", self.shipping_minor),
            ("tax_minor", self.tax_minor),
        ];
        let amounts = amounts.map(|(name, amount)| within(&format!("/data/{name}"), amount, 0..=Minor::LIMIT));
        let lines = self.lines.iter().take(ActivityEvent::MAX_LINES).enumerate();
        let checks = [
            short("/data/order_id", &self.order_id),
            if few { Ok(()) } else { Err(Problem::invalid("/data/lines", "an order has 1 to 200 lines")) },
        ];
        let lines = lines.map(|(place, line)| line.check(&format!("/data/lines/{place}")));
        Problem::unless(checks.into_iter().chain(amounts).chain(lines))
    }

    fn into_order(self, source: &str) -> Result<Order, Problem> {
        self.check()?;
        let lines = self.lines.into_iter().map(LineData::into_line).collect();
        let order = Order {
            order_id: self.order_id,
            source: source.to_owned(),
            currency: self.currency,
            lines,
            discount: Minor(self.discount_minor),
            points_paid: Minor(self.points_paid_minor),
            gift_card: Minor(self.gift_card_minor),
            shipping: Minor(self.shipping_minor),
            tax: Minor(self.tax_minor),
            reopens: self.reopens,
        };
        within("/data/lines", order.gross().0, 0..=Minor::LIMIT)?;
        Ok(order)
    }
}

impl LineData {
    /// Everything that is wrong with it, at its place.
    fn check(&self, place: &str) -> Result<(), Problem> {
        let long = self.sku.as_ref().is_some_and(|sku| sku.chars().count() > 128);
        let amounts = [
            ("amount_minor", self.amount_minor),
            ("discount_minor", self.discount_minor),
            ("points_paid_minor", self.points_paid_minor),
            ("gift_card_minor", self.gift_card_minor),
            ("tax_minor", self.tax_minor),
        ];
        let amounts = amounts.map(|(name, amount)| within(&format!("{place}/{name}"), amount, 0..=Minor::LIMIT));
        let checks = [
            if long { Err(Problem::invalid(format!("{place}/sku"), "has at most 128 characters")) } else { Ok(()) },
            within(&format!("{place}/quantity"), self.quantity.unwrap_or(1), 1..=1_000_000),
        ];
        let own = ["sku", "quantity", "amount_minor"].into_iter().filter(|name| self.attributes.contains_key(*name));
        let own = own.map(|name| format!("{place}/attributes/{name}"));
        let own = own.map(|place| Err(Problem::invalid(place, "is a field of the line itself")));
        Problem::unless(amounts.into_iter().chain(checks).chain(own))
    }

    fn into_line(self) -> Line {
        Line {
            amount: Minor(self.amount_minor),
            sku: self.sku.unwrap_or_default(),
            quantity: self.quantity.unwrap_or(1),
            kind: match self.kind {
                LineKindData::Goods => LineKind::Goods,
                LineKindData::Shipping => LineKind::Shipping,
            },
            discount: Minor(self.discount_minor),
            points_paid: Minor(self.points_paid_minor),
            gift_card: Minor(self.gift_card_minor),
            tax: Minor(self.tax_minor),
            attributes: self.attributes,
        }
    }
}

/// What an activity earned, and why.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ActivityReply {
    /// The entry in the ledger.
    pub(crate) entry: EntryView,
    /// Points earned.
    pub(crate) points: Points,
    /// Status points credited beside.
    pub(crate) status_points: Points,
    /// Why there are none: `member_suspended`. What it earned waits, and is posted when the suspension ends, if the programme says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) because: Option<&'static str>,
    /// When the points can be spent; absent if at once, or if there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) activates_at: Option<Timestamp>,
    /// When they expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<Timestamp>,
    /// What the same ticket took back of earlier orders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) returns: Vec<RefundReply>,
    /// The balance right after.
    pub(crate) balance: Balance,
    /// Every rule that was considered.
    pub(crate) explanation: Explanation,
}

impl ActivityReply {
    /// From what was recorded.
    ///
    /// # Errors
    /// 500: the entry is no earning, or its version is not loaded.
    pub(crate) fn new(member: &MemberId, done: &Done, programmes: &Programmes) -> Result<Self, Failure> {
        let explanation = Explanation::of(&done.entry, programmes);
        let explanation = explanation.ok_or_else(|| StoreError::bug("an entry cannot be explained"))?;
        let Detail::Earn { inputs, trace, status, .. } = &done.entry.detail else {
            return Err(StoreError::bug("an activity made another entry").into());
        };
        let waits = inputs.suspended;
        let lot = done.entry.movements.iter().find_map(|movement| match *movement {
            Movement::Pending { activates_at, expires_at, .. } => Some((Some(activates_at), expires_at)),
            Movement::Active { expires_at, points } if points.is_positive() => Some((None, expires_at)),
            _ => None,
        });
        Ok(Self {
            entry: EntryView::new(member, &done.entry, programmes),
            points: if waits { Points::ZERO } else { trace.values().copied().sum() },
            status_points: if waits { Points::ZERO } else { *status },
            because: waits.then_some("member_suspended"),
            activates_at: lot.and_then(|(activates_at, _)| activates_at),
            expires_at: lot.map(|(_, expires_at)| expires_at),
            returns: done.legs.iter().map(|leg| RefundReply::of(member, leg)).collect::<Result<_, _>>()?,
            balance: Balance::of(&done.pockets),
            explanation,
        })
    }
}

impl NamesMember for ActivityEvent {
    fn member(&self) -> Result<MemberId, Problem> {
        member("/subject", &self.subject)
    }
}
