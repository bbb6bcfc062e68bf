//! What people who serve members see of personal data unless they ask for more (rules: privacy 17).

use rlibphonenumber::PHONE_NUMBER_UTIL;

use crate::members::identifier::{Identifier, Kind};

/// A hint of an identifier: enough to tell two of one member apart, too little to reach anybody.
#[must_use]
pub fn identifier(identifier: &Identifier) -> String {
    let value = &identifier.value;
    match identifier.kind {
        Kind::Phone => phone(value),
        Kind::Email => email(value),
        Kind::Card | Kind::Wecom | Kind::Device | Kind::External(_) => format!("****{}", tail(value, 4)),
    }
}

/// The first character of a name.
#[must_use]
pub fn name(name: &str) -> String {
    name.chars().next().map(|first| format!("{first}*")).unwrap_or_default()
}

/// Country code and the last four digits; of a short number, the last two.
fn phone(number: &str) -> String {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let code = PHONE_NUMBER_UTIL.parse(number, None).map(|number| number.country_code.to_string()).unwrap_or_default();
    format!("+{code} *** **** {}", tail(number, if digits <= 9 { 2 } else { 4 }))
}

/// The first character of the local part and of the domain, and the last label.
fn email(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    let last = domain.rsplit('.').next().unwrap_or_default();
    format!("{}***@{}***.{last}", first(local), first(domain))
}

/// The last characters of a text; of a short one, half of it.
fn tail(text: &str, most: usize) -> String {
    let length = text.chars().count();
    let shown = if length > most { most } else { length / 2 };
    text.chars().skip(length.saturating_sub(shown)).collect()
}
