//! What others than its own function read of a member: what is not sealed.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::kernel::id::MemberId;
use domain::members::consent::Consents;
use domain::members::facts::DECEASED;
use domain::members::identifier::Kind;
use domain::members::state::State;
use domain::members::tag::Tags;

use crate::attribute::{Item, as_instant, as_list, as_map, as_text};
use crate::error::{Damage, damaged};
use crate::members::member_item::{decode_consent, is_erased};
use crate::table::MEMBERS;
use crate::{Store, StoreError};

/// A member without what is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outline {
    /// Where the member stands; none: the member was erased.
    pub(crate) state: Option<State>,
    /// The time zone.
    pub(crate) zone: Option<String>,
    /// The language.
    pub(crate) locale: Option<String>,
    /// Where the member's festivals are.
    pub(crate) countries: Vec<String>,
    /// The kinds of what the member is known by, and whether letters come back from there.
    pub(crate) reached: Vec<(Kind, bool)>,
    /// What the member agrees to.
    pub(crate) consents: Consents,
    /// Tags by hand.
    pub(crate) tags: Tags,
}

impl Store {
    /// A member without what is sealed; none if there never was one.
    pub(crate) async fn outline(&self, member: &MemberId) -> Result<Option<Outline>, StoreError> {
        let item = self.item_at(&MEMBERS, member).await?;
        let outline = item.as_ref().map(decode).transpose().map_err(|damage| damage.of(MEMBERS.name))?;
        Ok(outline)
    }
}

fn decode(item: &Item) -> Result<Outline, Damage> {
    let words =
        |name: &'static str| item.get(name).map(|value| as_text(Some(value), name).map(str::to_owned)).transpose();
    let countries = as_list(item.get("cc"), "cc")?.iter().map(|value| as_text(Some(value), "cc").map(str::to_owned));
    let tags = as_map(item.get("t"), "t")?.into_iter().map(|(tag, until)| {
        let until = as_text(Some(until), "t")?.parse().map_err(|_no_date| damaged("t"))?;
        Ok((tag.clone(), until))
    });
    Ok(Outline {
        state: state(item)?,
        zone: words("z")?,
        locale: words("lo")?,
        countries: countries.collect::<Result<_, Damage>>()?,
        reached: as_list(item.get("i"), "i")?.iter().map(reached).collect::<Result<_, _>>()?,
        consents: as_list(item.get("c"), "c")?.iter().map(decode_consent).collect::<Result<Consents, _>>()?,
        tags: tags.collect::<Result<_, Damage>>()?,
    })
}

fn state(item: &Item) -> Result<Option<State>, Damage> {
    if is_erased(item) {
        return Ok(None);
    }
    Ok(Some(match as_text(item.get("st"), "st")? {
        "active" => State::Active,
        "suspended" => State::Suspended,
        closed @ ("closed" | DECEASED) => {
            State::Closed { at: as_instant(item.get("si"), "si")?, deceased: closed == DECEASED }
        }
        "merged" => {
            let into = as_text(item.get("si"), "si")?.parse().map_err(|_not_an_id| damaged("si"))?;
            State::Merged { into }
        }
        _ => return Err(damaged("st")),
    }))
}

fn reached(value: &AttributeValue) -> Result<(Kind, bool), Damage> {
    let fields: Item =
        as_map(Some(value), "i")?.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let kind = as_text(fields.get("k"), "i")?.parse().map_err(|_no_kind| damaged("i"))?;
    Ok((kind, fields.contains_key("u")))
}
