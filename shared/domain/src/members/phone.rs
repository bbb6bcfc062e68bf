//! Phone numbers, in E.164 (rules: members 2).

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, PhoneNumberType, Region};

use crate::members::unreadable::Unreadable;

/// A region that has phone numbers.
pub(crate) fn region_of(text: &str) -> Option<Region> {
    Region::try_from(text).ok().filter(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(*region).is_some())
}

/// Reads a number; without a country code it is of a region.
pub(super) fn phone(text: &str, region: Option<Region>) -> Result<String, Unreadable> {
    let text = text.strip_prefix("tel:").or_else(|| text.strip_prefix('\'')).unwrap_or(text);
    if text.chars().any(char::is_alphabetic) {
        return Err(Unreadable::PhoneHasLetters);
    }
    if text.contains([',', ';', '/', '|', '\u{3001}']) {
        return Err(Unreadable::SeveralNumbers);
    }
    let number = PHONE_NUMBER_UTIL.parse(text, region).map_err(|_unread| Unreadable::NotAPhone)?;
    if !PHONE_NUMBER_UTIL.is_valid_number(&number) || !number.extension().is_empty() {
        return Err(Unreadable::NotAPhone);
    }
    match PHONE_NUMBER_UTIL.get_number_type(&number) {
        PhoneNumberType::Mobile
        | PhoneNumberType::FixedLine
        | PhoneNumberType::FixedLineOrMobile
        | PhoneNumberType::VoIP
        | PhoneNumberType::PersonalNumber => {
            Ok(PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned())
        }
        _ => Err(Unreadable::NotAPersonalNumber),
    }
}
