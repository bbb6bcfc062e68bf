//! `[programme]`.

use serde::{Deserialize, Serialize};

use crate::kernel::time::Zone;
use crate::programme::finding::Findings;

/// `[programme]`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct General {
    /// A short name for machines.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// IANA zone that fixes every day and month boundary.
    pub timezone: String,
    /// ISO 4217 code; amounts are in its minor unit.
    pub currency: String,
    /// This version's name; a published version never changes.
    pub rules_version: String,
    /// How far in the past a fact may lie, in days.
    pub backdate_window_days: i32,
    /// How far in the future, in seconds: clocks differ.
    pub future_skew_seconds: i32,
    /// How long after it was paid an order may be refunded, in days; at most the validity of points.
    pub refund_window_days: i32,
    /// Where order and refund ids are unique.
    #[serde(default, skip_serializing_if = "OrderIds::is_default")]
    pub order_ids: OrderIds,
    /// What becomes of a refund whose order has not been reported.
    #[serde(default, skip_serializing_if = "UnknownRefund::is_default")]
    pub unknown_refund: UnknownRefund,
}

/// Where order and refund ids are unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderIds {
    /// In the brand.
    #[default]
    Brand,
    /// In each source: shops number alike. An order is called `SOURCE/ID` wherever one word names it.
    Source,
}

impl OrderIds {
    /// As a programme says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Brand => "brand",
            Self::Source => "source",
        }
    }

    fn is_default(&self) -> bool {
        *self == Self::Brand
    }
}

/// What becomes of a refund whose order has not been reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownRefund {
    /// It waits for its order.
    #[default]
    Park,
    /// It is refused: there is no such order.
    Refuse,
}

impl UnknownRefund {
    fn is_default(&self) -> bool {
        *self == Self::Park
    }
}

/// The currencies in use, by ISO 4217.
const CURRENCIES: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY \
    COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR \
    IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR \
    MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD \
    SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XCG \
    XOF XPF YER ZAR ZMW ZWG";

/// Checks the section.
pub(super) fn check(general: &General, findings: &mut Findings) {
    findings.unless(
        Zone::named(&general.timezone).is_some(),
        "programme.timezone",
        format!("`{}` is not an IANA time zone", general.timezone),
    );
    let currency = CURRENCIES.split(' ').any(|code| code == general.currency);
    findings.unless(currency, "programme.currency", "a currency is an ISO 4217 code such as CNY");
    let id = (1..=64).contains(&general.id.len());
    findings.unless(id, "programme.id", "an id is 1 to 64 characters");
    let version = (1..=64).contains(&general.rules_version.len());
    findings.unless(version, "programme.rules_version", "a version's name is 1 to 64 characters");
    for (name, value, range) in [
        ("backdate_window_days", general.backdate_window_days, 0..=366),
        ("future_skew_seconds", general.future_skew_seconds, 0..=3600),
        ("refund_window_days", general.refund_window_days, 1..=3650),
    ] {
        findings.unless(range.contains(&value), format!("programme.{name}"), format!("must be in {range:?}"));
    }
}
