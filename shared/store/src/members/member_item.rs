//! A member as an item of `members`.
//!
//! | attribute | |
//! |---|---|
//! | `v` `w` | version (counts writes), when it was written |
//! | `st` `si` | state (`deceased` is closed for that reason), and since when it is closed, or into whom it was merged; `erased`, since when, with `rc` the receipt and nothing else |
//! | `e` `so` | when and by which source the member was enrolled |
//! | `jo` | since which local date the person was a member elsewhere |
//! | `z` `lo` `cc` | zone, locale, countries |
//! | `i` | identifiers: `n` number, `k` kind, `x` index, `y` the value, sealed, `v` verified at, `s` source, `a` at, `o` a mere contact |
//! | `nn` | how many identifiers the member ever had |
//! | `f` | fields, by name: `s` source, `r` rank, `a` at, `y` the value, sealed; without it, it was cleared |
//! | `b` | of the birthday: edited on, changed on, year of the newest gift |
//! | `c` | consents: `[purpose, channel, said, at, version]` |
//! | `qs` `qn` | the local dates of the newest activity that was found, and of the notice |
//! | `ab` | for whom the member stands |
//! | `t` | tags by hand: the last day of each |
//! | `news` | what this version has to tell |

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::canonical::Hash;
use domain::kernel::id::MemberId;
use domain::members::birthday::Edits;
use domain::members::consent::{Consent, Consents, Said};
use domain::members::dormancy::Quiet;
use domain::members::facts::DECEASED;
use domain::members::field::{Provenance, Value};
use domain::members::identifier::{Identifier, Index};
use domain::members::profile::{Known, Profile};
use domain::members::receipt::Receipt;
use domain::members::state::{Held, Member, State};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::StoreError;
use crate::attribute::{
    Item, as_bytes, as_instant, as_list, as_map, as_number, as_text, bytes, instant, number, put, text,
};
use crate::error::{Damage, damaged};
use crate::outbox::{VERSION, WRITTEN};
use crate::sealed::secret::MemberKey;
use crate::table::MEMBERS;

/// The state of who is erased.
const ERASED: &str = "erased";

/// A member and the version of its item; 0: never written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The member.
    pub member: Member,
    /// How often it was written.
    pub version: u64,
}

/// As an item, written now.
pub(crate) fn encode(stored: &Stored, key: &MemberKey, now: Timestamp) -> Result<Item, StoreError> {
    let Member { id, state, enrolled_at, source, zone, locale, countries, identifiers, numbered, .. } = &stored.member;
    let Member { joined_on, profile, consents, tags, absorbed, quiet, .. } = &stored.member;
    let (state, since) = match state {
        State::Active => ("active", None),
        State::Suspended => ("suspended", None),
        State::Closed { at, deceased } => (if *deceased { DECEASED } else { "closed" }, Some(instant(*at))),
        State::Merged { into } => ("merged", Some(text(into.as_str()))),
    };
    let mut item = Item::from([
        (MEMBERS.hash.to_owned(), text(id.as_str())),
        (VERSION.to_owned(), number(stored.version)),
        (WRITTEN.to_owned(), instant(now)),
        ("st".to_owned(), text(state)),
        ("e".to_owned(), instant(*enrolled_at)),
        ("so".to_owned(), text(source)),
    ]);
    item.extend(since.map(|since| ("si".to_owned(), since)));
    item.extend(joined_on.map(|on| ("jo".to_owned(), text(on.to_string()))));
    item.extend(zone.as_ref().map(|zone| ("z".to_owned(), text(zone))));
    item.extend(locale.as_ref().map(|locale| ("lo".to_owned(), text(locale))));
    put(&mut item, "cc", AttributeValue::L(countries.iter().map(text).collect()));
    let held = identifiers.iter().map(|held| encode_held(held, key)).collect::<Result<_, _>>()?;
    put(&mut item, "i", AttributeValue::L(held));
    item.extend((*numbered > 0).then(|| ("nn".to_owned(), number(numbered))));
    let fields = profile.fields.iter().map(|(name, known)| Ok((name.clone(), encode_field(name, known, key)?)));
    put(&mut item, "f", AttributeValue::M(fields.collect::<Result<_, StoreError>>()?));
    put(&mut item, "b", AttributeValue::M(encode_edits(profile.birthday)));
    put(&mut item, "c", AttributeValue::L(consents.iter().map(encode_consent).collect()));
    let tags = tags.iter().map(|(tag, until)| (tag.clone(), text(until.to_string())));
    put(&mut item, "t", AttributeValue::M(tags.collect()));
    item.extend(quiet.since.map(|on| ("qs".to_owned(), text(on.to_string()))));
    item.extend(quiet.noticed_on.map(|on| ("qn".to_owned(), text(on.to_string()))));
    put(&mut item, "ab", AttributeValue::L(absorbed.iter().map(|member| text(member.as_str())).collect()));
    Ok(item)
}

/// What stands where a member was who is erased.
pub(crate) fn encode_erased((member, version): (&MemberId, u64), receipt: &Receipt, now: Timestamp) -> Item {
    Item::from([
        (MEMBERS.hash.to_owned(), text(member.as_str())),
        (VERSION.to_owned(), number(version)),
        (WRITTEN.to_owned(), instant(now)),
        ("st".to_owned(), text(ERASED)),
        ("si".to_owned(), instant(receipt.erased_at)),
        ("rc".to_owned(), text(receipt.id())),
    ])
}

/// Does an item say that the member was erased?
pub(crate) fn is_erased(item: &Item) -> bool {
    as_text(item.get("st"), "st").is_ok_and(|state| state == ERASED)
}

/// Into whom a member was merged, if it was; and for whom it stands.
pub(crate) fn stands_for(item: &Item) -> Result<(Option<MemberId>, Vec<MemberId>), Damage> {
    let into = match as_text(item.get("st"), "st")? {
        "merged" => Some(member(as_text(item.get("si"), "si")?, "si")?),
        _ => None,
    };
    let absorbed = as_list(item.get("ab"), "ab")?.iter().map(|value| member(as_text(Some(value), "ab")?, "ab"));
    Ok((into, absorbed.collect::<Result<_, _>>()?))
}

fn member(text: &str, what: &'static str) -> Result<MemberId, Damage> {
    text.parse().map_err(|_not_an_id| damaged(what))
}

/// The same back.
///
/// # Errors
/// The item is damaged, or was sealed under another key or for another place.
pub(crate) fn decode(item: &Item, key: &MemberKey) -> Result<Stored, Damage> {
    decode_parts(item, key).map_err(|damage| damage.of(MEMBERS.name))
}

fn decode_parts(item: &Item, key: &MemberKey) -> Result<Stored, Damage> {
    let (into, absorbed) = stands_for(item)?;
    let state = match (as_text(item.get("st"), "st")?, into) {
        ("active", _) => State::Active,
        ("suspended", _) => State::Suspended,
        (closed @ ("closed" | DECEASED), _) => {
            State::Closed { at: as_instant(item.get("si"), "si")?, deceased: closed == DECEASED }
        }
        (_, Some(into)) => State::Merged { into },
        _ => return Err(damaged("st")),
    };
    let optional =
        |name: &'static str| item.get(name).map(|value| as_text(Some(value), name).map(str::to_owned)).transpose();
    let countries = as_list(item.get("cc"), "cc")?.iter().map(|value| as_text(Some(value), "cc").map(str::to_owned));
    let fields = as_map(item.get("f"), "f")?.into_iter();
    let fields = fields.map(|(name, value)| Ok((name.clone(), decode_field(name, value, key)?)));
    let tags = as_map(item.get("t"), "t")?.into_iter().map(|(tag, until)| Ok((tag.clone(), date(Some(until), "t")?)));
    let day = |name: &'static str| item.get(name).map(|value| date(Some(value), name)).transpose();
    let member = Member {
        id: key.member.clone(),
        state,
        enrolled_at: as_instant(item.get("e"), "e")?,
        joined_on: day("jo")?,
        source: as_text(item.get("so"), "so")?.to_owned(),
        zone: optional("z")?,
        locale: optional("lo")?,
        countries: countries.collect::<Result<_, Damage>>()?,
        identifiers: as_list(item.get("i"), "i")?
            .iter()
            .map(|held| decode_held(held, key))
            .collect::<Result<_, _>>()?,
        numbered: item.get("nn").map_or(Ok(0), |value| as_number(Some(value), "nn"))?,
        profile: Profile { fields: fields.collect::<Result<_, Damage>>()?, birthday: decode_edits(item.get("b"))? },
        consents: as_list(item.get("c"), "c")?.iter().map(decode_consent).collect::<Result<Consents, _>>()?,
        tags: tags.collect::<Result<_, Damage>>()?,
        quiet: Quiet { since: day("qs")?, noticed_on: day("qn")? },
        absorbed,
    };
    Ok(Stored { member, version: as_number(item.get(VERSION), VERSION)? })
}

fn parts<'a>(value: &'a AttributeValue, what: &'static str) -> Result<BTreeMap<&'a str, &'a AttributeValue>, Damage> {
    Ok(as_map(Some(value), what)?.into_iter().map(|(name, value)| (name.as_str(), value)).collect())
}

/// What an identifier is sealed for.
fn place(index: Index) -> String {
    format!("identifier {}", Hash(index.0))
}

fn encode_held(held: &Held, key: &MemberKey) -> Result<AttributeValue, StoreError> {
    let Held { n, identifier, index, verified_at, source, at, contact } = held;
    let sealed = key.seal(MEMBERS.name, &place(*index), identifier.value.as_bytes())?;
    let mut fields = Item::from([
        ("n".to_owned(), number(n)),
        ("k".to_owned(), text(identifier.kind.to_string())),
        ("x".to_owned(), bytes(&index.0)),
        ("y".to_owned(), bytes(&sealed)),
        ("s".to_owned(), text(source)),
        ("a".to_owned(), instant(*at)),
    ]);
    fields.extend(verified_at.map(|at| ("v".to_owned(), instant(at))));
    fields.extend(contact.then(|| ("o".to_owned(), AttributeValue::Bool(true))));
    Ok(AttributeValue::M(fields))
}

fn decode_held(value: &AttributeValue, key: &MemberKey) -> Result<Held, Damage> {
    let fields = parts(value, "i")?;
    let of = |name: &str| fields.get(name).copied();
    let index = Index(as_bytes(of("x"), "i")?);
    let kind = as_text(of("k"), "i")?.parse().map_err(|_no_kind| damaged("i"))?;
    let opened = opened(of("y"), &place(index), "i", key)?;
    Ok(Held {
        n: as_number(of("n"), "i")?,
        identifier: Identifier { kind, value: String::from_utf8(opened).map_err(|_no_text| damaged("i"))? },
        index,
        verified_at: of("v").map(|value| as_instant(Some(value), "i")).transpose()?,
        source: as_text(of("s"), "i")?.to_owned(),
        at: as_instant(of("a"), "i")?,
        contact: of("o").is_some(),
    })
}

fn opened(
    sealed: Option<&AttributeValue>,
    place: &str,
    what: &'static str,
    key: &MemberKey,
) -> Result<Vec<u8>, Damage> {
    let sealed = sealed.and_then(|value| value.as_b().ok()).ok_or_else(|| damaged(what))?;
    key.open(MEMBERS.name, place, sealed.as_ref())
}

fn encode_field(name: &str, known: &Known, key: &MemberKey) -> Result<AttributeValue, StoreError> {
    let Provenance { source, rank, at } = &known.provenance;
    let mut fields =
        Item::from([("s".to_owned(), text(source)), ("r".to_owned(), number(rank)), ("a".to_owned(), instant(*at))]);
    if let Some(value) = &known.value {
        let plain = serde_json::to_vec(value).map_err(|_never| StoreError::bug("a value is not JSON"))?;
        fields.insert("y".to_owned(), bytes(&key.seal(MEMBERS.name, name, &plain)?));
    }
    Ok(AttributeValue::M(fields))
}

fn decode_field(name: &str, value: &AttributeValue, key: &MemberKey) -> Result<Known, Damage> {
    let fields = parts(value, "f")?;
    let of = |name: &str| fields.get(name).copied();
    let value = of("y").map(|sealed| {
        let plain = opened(Some(sealed), name, "f", key)?;
        serde_json::from_slice::<Value>(&plain).map_err(|_no_value| damaged("f"))
    });
    Ok(Known {
        value: value.transpose()?,
        provenance: Provenance {
            source: as_text(of("s"), "f")?.to_owned(),
            rank: as_number(of("r"), "f")?,
            at: as_instant(of("a"), "f")?,
        },
    })
}

fn encode_edits(Edits { edited_on, changed_on, gift_in }: Edits) -> Item {
    let dates = [("e", edited_on), ("c", changed_on)];
    let dates = dates.into_iter().filter_map(|(name, date)| Some((name.to_owned(), text(date?.to_string()))));
    dates.chain(gift_in.map(|year| ("g".to_owned(), number(year)))).collect()
}

fn decode_edits(value: Option<&AttributeValue>) -> Result<Edits, Damage> {
    let Some(value) = value else { return Ok(Edits::default()) };
    let fields = parts(value, "b")?;
    let day = |name: &str| fields.get(name).map(|value| date(Some(value), "b")).transpose();
    let gift_in = fields.get("g").map(|value| as_number(Some(value), "b")).transpose()?;
    Ok(Edits { edited_on: day("e")?, changed_on: day("c")?, gift_in })
}

fn date(value: Option<&AttributeValue>, what: &'static str) -> Result<Date, Damage> {
    as_text(value, what)?.parse().map_err(|_no_date| damaged(what))
}

pub(crate) fn encode_consent(
    ((purpose, channel), consent): (&domain::members::consent::Subject, &Consent),
) -> AttributeValue {
    let mut parts = vec![
        text(purpose),
        text(channel.map_or("", domain::programme::channel::Channel::name)),
        text(consent.said.name()),
        instant(consent.at),
    ];
    parts.extend(consent.version.map(number));
    AttributeValue::L(parts)
}

pub(crate) fn decode_consent(value: &AttributeValue) -> Result<(domain::members::consent::Subject, Consent), Damage> {
    let [purpose, channel, said, at, version @ ..] = as_list(Some(value), "c")? else { return Err(damaged("c")) };
    let channel = Some(as_text(Some(channel), "c")?).filter(|name| !name.is_empty());
    let channel = channel.map(str::parse).transpose().map_err(|_no_channel: String| damaged("c"))?;
    let said = as_text(Some(said), "c")?;
    let said = [Said::Pending, Said::Given, Said::Withdrawn].into_iter().find(|known| known.name() == said);
    let version = version.first().map(|value| as_number(Some(value), "c")).transpose()?;
    let consent = Consent { said: said.ok_or_else(|| damaged("c"))?, at: as_instant(Some(at), "c")?, version };
    Ok(((as_text(Some(purpose), "c")?.to_owned(), channel), consent))
}
