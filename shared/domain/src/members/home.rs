//! Where a member is at home: the zone of its days, the language to write in, the countries of its festivals.

use jiff::tz::TimeZone;

use crate::kernel::refusal::refusals;
use crate::members::state::Member;
use crate::programme::members::{Members, is_country};

/// The most countries.
const COUNTRIES: usize = 10;

refusals! {
    /// A member cannot be at home there.
    Homing {
        /// There is no such time zone.
        Invalid UnknownZone ("unknown_zone" at "zone") = "must be an IANA time zone, such as Asia/Shanghai",
        /// The programme does not speak it.
        Invalid UnknownLocale ("unknown_locale" at "locale") {
            /// Those it speaks.
            known: Vec<String>,
        } = "the programme does not speak this language",
        /// They are no countries, or too many.
        Invalid UnknownCountries ("unknown_countries" at "countries") {
            /// The most.
            most: usize,
        } = "must be codes of two capital letters, such as CN, each once",
    }
}

/// Where a member is at home, as far as it is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Home {
    /// The time zone of the member's days, an IANA name.
    pub zone: Option<String>,
    /// The language to write in, one of the programme's.
    pub locale: Option<String>,
    /// Where the member's festivals are, ISO 3166 alpha-2.
    pub countries: Option<Vec<String>>,
}

impl Home {
    /// Takes it to a member.
    ///
    /// # Errors
    /// A zone, language or country that there is not.
    pub(crate) fn apply(&self, member: &mut Member, members: &Members) -> Result<(), Homing> {
        if let Some(zone) = &self.zone {
            TimeZone::get(zone).map_err(|_unknown| Homing::UnknownZone)?;
            member.zone = Some(zone.clone());
        }
        if let Some(locale) = &self.locale {
            if !members.locales.contains(locale) {
                return Err(Homing::UnknownLocale { known: members.locales.clone() });
            }
            member.locale = Some(locale.clone());
        }
        if let Some(countries) = &self.countries {
            let once = |place: usize| !countries[..place].contains(&countries[place]);
            let fits = countries.iter().all(|code| is_country(code))
                && (0..countries.len()).all(once)
                && countries.len() <= COUNTRIES;
            if !fits {
                return Err(Homing::UnknownCountries { most: COUNTRIES });
            }
            member.countries.clone_from(countries);
        }
        Ok(())
    }
}
