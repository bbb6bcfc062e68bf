//! The OpenAPI 3.1 document, made from the types that requests are read into and replies are written from.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::wire::{
    ActivityEvent, ActivityReply, AdjustmentReply, AdjustmentRequest, BalanceReply, BatchReply, BatchRequest,
    BenefitUseReply, CaptureReply, DonationReply, DonationRequest, EntriesReply, EntryReply, HoldReply, HoldRequest,
    LotsReply, Nothing, QuoteReply, QuoteRequest, RedemptionReply, RedemptionRequest, RefundReply, RefundRequest,
    ReleaseReply, ReversalReply, ReversalRequest, RewardsReply, SegmentReply, TierFloorReply, TierFloorRequest,
    TierReply, VoucherUseReply,
};
use crate::{Problem, Request, Role, SCOPES, Scope};

type Describe = fn(&mut SchemaGenerator) -> Schema;

/// One route as the document describes it.
pub struct Operation {
    /// `POST`, `GET`.
    pub method: &'static str,
    /// The path, with `{parameters}`.
    pub path: &'static str,
    /// The scope that it needs; `None` for the document itself.
    pub scope: Option<Scope>,
    id: &'static str,
    summary: &'static str,
    key: Key,
    query: &'static [(&'static str, &'static str)],
    request: Option<Describe>,
    replies: &'static [(u16, &'static str, Describe)],
    problems: &'static [(u16, &'static str)],
}

/// How an operation is recognised when it comes again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    /// It changes nothing, or names what it changes: once is once.
    Own,
    /// By the header `Idempotency-Key`.
    Header,
}

fn input<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

const CONFLICT: (u16, &str) = (409, "`conflicting_duplicate`: the same fact with other content; or `busy`");
const REFUSED: (u16, &str) = (409, "It is refused: `code` and data say why; or `busy`");
const NOT_FOUND: (u16, &str) = (404, "There is no such thing");

/// Every route of the API. A test holds it against the template.
pub const OPERATIONS: [Operation; 23] = [
    Operation {
        method: "POST",
        path: "/v1/activities",
        scope: Some(Scope::ActivitiesWrite),
        id: "reportActivity",
        summary: "Report an activity: a paid order, or any behaviour that the programme declares. Enrols the member at the first.",
        key: Key::Own,
        query: &[],
        request: Some(input::<ActivityEvent>),
        replies: &[(200, "What it earned, and why", input::<ActivityReply>)],
        problems: &[CONFLICT],
    },
    Operation {
        method: "POST",
        path: "/v1/activities/batch",
        scope: Some(Scope::ActivitiesWrite),
        id: "reportActivities",
        summary: "Report up to 25 activities; each is answered by itself, those of one member become one write.",
        key: Key::Own,
        query: &[],
        request: Some(input::<BatchRequest>),
        replies: &[(200, "One answer per activity, in order", input::<BatchReply>)],
        problems: &[],
    },
    Operation {
        method: "POST",
        path: "/v1/orders/{order_id}/refunds",
        scope: Some(Scope::RefundsWrite),
        id: "reportRefund",
        summary: "Report a return of an order, in part or whole; before its order, it waits for it.",
        key: Key::Own,
        query: &[],
        request: Some(input::<RefundRequest>),
        replies: &[(200, "What it took back", input::<RefundReply>)],
        problems: &[NOT_FOUND, CONFLICT],
    },
    Operation {
        method: "POST",
        path: "/v1/adjustments",
        scope: Some(Scope::AdjustmentsWrite),
        id: "adjust",
        summary: "Correct a balance by hand, with a reason. Above the programme's limit a second person approves.",
        key: Key::Header,
        query: &[],
        request: Some(input::<AdjustmentRequest>),
        replies: &[
            (200, "Posted", input::<AdjustmentReply>),
            (202, "Waits for a second person", input::<AdjustmentReply>),
        ],
        problems: &[REFUSED],
    },
    Operation {
        method: "POST",
        path: "/v1/adjustments/{adjustment_id}/approvals",
        scope: Some(Scope::AdjustmentsApprove),
        id: "approveAdjustment",
        summary: "Approve a correction that somebody else asked for. It happens once.",
        key: Key::Own,
        query: &[],
        request: None,
        replies: &[(200, "Posted", input::<AdjustmentReply>)],
        problems: &[NOT_FOUND, REFUSED],
    },
    Operation {
        method: "POST",
        path: "/v1/quotes",
        scope: Some(Scope::QuotesRead),
        id: "quote",
        summary: "Ask what would happen: the same decision, written nowhere.",
        key: Key::Own,
        query: &[],
        request: Some(input::<QuoteRequest>),
        replies: &[(200, "What would happen", input::<QuoteReply>)],
        problems: &[NOT_FOUND, REFUSED],
    },
    Operation {
        method: "POST",
        path: "/v1/redemptions",
        scope: Some(Scope::RedemptionsWrite),
        id: "redeem",
        summary: "Spend points on a reward.",
        key: Key::Header,
        query: &[],
        request: Some(input::<RedemptionRequest>),
        replies: &[(200, "Redeemed", input::<RedemptionReply>)],
        problems: &[NOT_FOUND, REFUSED],
    },
    Operation {
        method: "POST",
        path: "/v1/redemptions/{redemption_id}/reversals",
        scope: Some(Scope::ReversalsWrite),
        id: "reverseRedemption",
        summary: "Take a redemption back: points return with their original expiry dates, stock and voucher with them.",
        key: Key::Header,
        query: &[],
        request: Some(input::<ReversalRequest>),
        replies: &[(200, "Reversed", input::<ReversalReply>)],
        problems: &[NOT_FOUND, REFUSED],
    },
    Operation {
        method: "POST",
        path: "/v1/holds",
        scope: Some(Scope::HoldsWrite),
        id: "holdPoints",
        summary: "Hold points for an order that is being paid.",
        key: Key::Header,
        query: &[],
        request: Some(input::<HoldRequest>),
        replies: &[(200, "Held", input::<HoldReply>)],
        problems: &[REFUSED],
    },
    Operation {
        method: "POST",
        path: "/v1/holds/{hold_id}/capture",
        scope: Some(Scope::HoldsCapture),
        id: "captureHold",
        summary: "Spend held points. It happens once.",
        key: Key::Own,
        query: &[],
        request: None,
        replies: &[(200, "Spent", input::<CaptureReply>)],
        problems: &[NOT_FOUND, REFUSED],
    },
    Operation {
        method: "POST",
        path: "/v1/holds/{hold_id}/release",
        scope: Some(Scope::HoldsWrite),
        id: "releaseHold",
        summary: "Give held points back. It happens once.",
        key: Key::Own,
        query: &[],
        request: None,
        replies: &[(200, "Given back", input::<ReleaseReply>)],
        problems: &[NOT_FOUND, REFUSED],
    },
    Operation {
        method: "POST",
        path: "/v1/donations",
        scope: Some(Scope::DonationsWrite),
        id: "donate",
        summary: "Give points to a project.",
        key: Key::Header,
        query: &[],
        request: Some(input::<DonationRequest>),
        replies: &[(200, "Given", input::<DonationReply>)],
        problems: &[NOT_FOUND, REFUSED],
    },
    Operation {
        method: "POST",
        path: "/v1/vouchers/{code}/uses",
        scope: Some(Scope::VouchersUse),
        id: "useVoucher",
        summary: "Use a voucher at a till. It happens once.",
        key: Key::Header,
        query: &[],
        request: Some(input::<Nothing>),
        replies: &[(200, "Used", input::<VoucherUseReply>)],
        problems: &[NOT_FOUND, REFUSED],
    },
    Operation {
        method: "GET",
        path: "/v1/members/{member_id}/rewards",
        scope: Some(Scope::RewardsRead),
        id: "listRewards",
        summary: "The catalogue as a member sees it: prices, availability, and every reason why not.",
        key: Key::Own,
        query: &[],
        request: None,
        replies: &[(200, "The catalogue", input::<RewardsReply>)],
        problems: &[NOT_FOUND],
    },
    Operation {
        method: "GET",
        path: "/v1/members/{member_id}/balance",
        scope: Some(Scope::LedgerRead),
        id: "getBalance",
        summary: "The balance now; in the past, by what had been recorded then; or later, if nothing but time happens.",
        key: Key::Own,
        query: &[("as_of", "An RFC 3339 instant; now if absent")],
        request: None,
        replies: &[(200, "The balance", input::<BalanceReply>)],
        problems: &[NOT_FOUND],
    },
    Operation {
        method: "GET",
        path: "/v1/members/{member_id}/entries",
        scope: Some(Scope::LedgerRead),
        id: "listEntries",
        summary: "The statement, newest entry first.",
        key: Key::Own,
        query: &[("limit", "How many, 1 to 100; 20 if absent"), ("after", "What `next` of the last answer said")],
        request: None,
        replies: &[(200, "Entries", input::<EntriesReply>)],
        problems: &[NOT_FOUND],
    },
    Operation {
        method: "GET",
        path: "/v1/members/{member_id}/lots",
        scope: Some(Scope::LedgerRead),
        id: "listLots",
        summary: "What expires when, and what activates when.",
        key: Key::Own,
        query: &[],
        request: None,
        replies: &[(200, "Lots", input::<LotsReply>)],
        problems: &[NOT_FOUND],
    },
    Operation {
        method: "GET",
        path: "/v1/members/{member_id}/tier",
        scope: Some(Scope::LedgerRead),
        id: "getTier",
        summary: "The tier: since when, until when, what keeps it, what is missing to the next, and what it entitles to.",
        key: Key::Own,
        query: &[],
        request: None,
        replies: &[(200, "The tier", input::<TierReply>)],
        problems: &[NOT_FOUND],
    },
    Operation {
        method: "GET",
        path: "/v1/members/{member_id}/segment",
        scope: Some(Scope::LedgerRead),
        id: "getSegment",
        summary: "RFM-LS scores with what they are worked out from, the segment and the tags.",
        key: Key::Own,
        query: &[],
        request: None,
        replies: &[(200, "The segment", input::<SegmentReply>)],
        problems: &[NOT_FOUND],
    },
    Operation {
        method: "POST",
        path: "/v1/members/{member_id}/benefits/{benefit}/uses",
        scope: Some(Scope::BenefitsUse),
        id: "useBenefit",
        summary: "Use a benefit of the member's tier once.",
        key: Key::Header,
        query: &[],
        request: Some(input::<Nothing>),
        replies: &[(200, "Used", input::<BenefitUseReply>)],
        problems: &[NOT_FOUND, REFUSED],
    },
    Operation {
        method: "POST",
        path: "/v1/members/{member_id}/tier-floors",
        scope: Some(Scope::TiersWrite),
        id: "setTierFloor",
        summary: "Set the tier below which a member does not fall, until an instant and for a reason.",
        key: Key::Header,
        query: &[],
        request: Some(input::<TierFloorRequest>),
        replies: &[(200, "Set", input::<TierFloorReply>)],
        problems: &[NOT_FOUND, REFUSED],
    },
    Operation {
        method: "GET",
        path: "/v1/entries/{entry_id}",
        scope: Some(Scope::LedgerRead),
        id: "getEntry",
        summary: "One entry, why it is what it is, and its link in the hash chain.",
        key: Key::Own,
        query: &[],
        request: None,
        replies: &[(200, "The entry", input::<EntryReply>)],
        problems: &[NOT_FOUND],
    },
    Operation {
        method: "GET",
        path: "/openapi.json",
        scope: None,
        id: "getOpenApi",
        summary: "This document.",
        key: Key::Own,
        query: &[],
        request: None,
        replies: &[(200, "OpenAPI 3.1", any)],
        problems: &[],
    },
];

fn any(_: &mut SchemaGenerator) -> Schema {
    schemars::json_schema!({"type": "object"})
}

/// The whole document.
#[must_use]
pub fn document() -> Value {
    let with_path = |settings: &mut SchemaSettings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    };
    let mut requests = SchemaSettings::draft2020_12().for_deserialize().with(with_path).into_generator();
    let mut replies = SchemaSettings::draft2020_12().for_serialize().with(with_path).into_generator();
    let problem = replies.subschema_for::<Problem>();
    let mut paths = Map::new();
    for operation in &OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.to_lowercase()] = operation.describe(&mut requests, &mut replies, &problem);
    }
    let mut schemas = replies.take_definitions(true);
    schemas.extend(requests.take_definitions(true));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Perennial",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Customer loyalty: points earned and redeemed in a ledger that can be proved. Points are whole \
                numbers, money is in minor units, instants are RFC 3339. Errors are RFC 9457 problem details with a stable `code`.",
        },
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": token_scheme()}},
    })
}

fn token_scheme() -> Value {
    let roles = |scope: Scope| {
        let listed = SCOPES.iter().find(|(listed, _)| *listed == scope).map_or(&[][..], |(_, roles)| roles);
        listed.iter().map(|role| role.name()).collect::<Vec<_>>().join(", ")
    };
    let scopes: Vec<String> =
        SCOPES.iter().map(|(scope, _)| format!("`{}`: {}", scope.name(), roles(*scope))).collect();
    json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": format!(
            "An access token whose `scope` holds one role ({}) and the scopes that the role may use; for a member, `sub` is the \
             member id. {}",
            Role::ALL.map(Role::name).join(", "),
            scopes.join("; "),
        ),
    })
}

impl Operation {
    fn describe(&self, requests: &mut SchemaGenerator, replies: &mut SchemaGenerator, problem: &Schema) -> Value {
        let mut parameters: Vec<Value> = self
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
            .collect();
        parameters.extend(self.query.iter().map(|(name, description)| {
            json!({"name": name, "in": "query", "description": description, "schema": {"type": "string"}})
        }));
        if self.key == Key::Header {
            parameters.push(json!({
                "name": "Idempotency-Key", "in": "header", "required": true,
                "description": "Names this request: the same key with the same body is answered again and done once.",
                "schema": {"type": "string", "minLength": 1, "maxLength": Request::MAX_KEY},
            }));
        }
        let mut responses = Map::new();
        for (status, description, schema) in self.replies {
            let mut reply =
                json!({"description": description, "content": {"application/json": {"schema": schema(replies)}}});
            if self.method == "POST" {
                let description = "`true` if this repeats an earlier answer";
                reply["headers"] =
                    json!({"Idempotency-Replayed": {"description": description, "schema": {"type": "string"}}});
            }
            responses.insert(status.to_string(), reply);
        }
        let mut problems: Vec<(u16, &str)> = self.problems.to_vec();
        if self.scope.is_some() {
            problems.extend([(401, "No valid token"), (403, "The token may not do that")]);
        }
        if self.request.is_some() {
            problems.extend([
                (400, "Not a request"),
                (413, "Too large"),
                (422, "A field is wrong: `pointer` says which"),
            ]);
        } else if !self.query.is_empty() {
            problems.push((400, "A parameter is wrong"));
        }
        if self.scope.is_some() {
            problems.push((503, "Try again with the same key; nothing is done twice"));
        }
        for (status, description) in problems {
            let content = json!({"application/problem+json": {"schema": problem}});
            responses.insert(status.to_string(), json!({"description": description, "content": content}));
        }
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.summary,
            "parameters": parameters,
            "responses": responses,
        });
        if let Some(schema) = self.request {
            let body = json!({"application/json": {"schema": schema(requests)}});
            operation["requestBody"] = json!({"required": true, "content": body});
        }
        if let Some(scope) = self.scope {
            operation["security"] = json!([{"token": [scope.name()]}]);
        }
        operation
    }
}
