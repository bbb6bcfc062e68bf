//! Why a text is no identifier.

use crate::kernel::refusal::refusals;

refusals! {
    /// A text is no identifier of its kind.
    Unreadable {
        /// A letter in a phone number.
        Invalid PhoneHasLetters ("phone_has_letters") = "a phone number has no letters",
        /// More than one number in a field.
        Invalid SeveralNumbers ("several_numbers") = "one field holds one number",
        /// No number of its region's plan, or one with an extension.
        Invalid NotAPhone ("not_a_phone") = "this is no phone number of its country's plan",
        /// A number that belongs to nobody in person: toll-free, premium, a pager, a company's.
        Invalid NotAPersonalNumber ("not_a_personal_number") = "this number does not belong to a person",
        /// No e-mail address.
        Invalid NotAnEmail ("not_an_email") = "this is no e-mail address",
        /// No card number of this programme.
        Invalid NotACard ("not_a_card") = "this is no card number of this programme",
        /// The card's last digit does not fit the others.
        Invalid CardCheckDigit ("card_check_digit") = "a digit of this card number is wrong",
        /// No external user of WeCom.
        Invalid NotAWecomId ("not_a_wecom_id") = "this is no id of an external user of WeCom",
        /// No device id.
        Invalid NotADevice ("not_a_device") = "a device id is 8 to 128 printable characters of ASCII",
        /// No name that a source may give.
        Invalid BadExternalId ("bad_external_id") = "an external id is 1 to 128 characters, none of them a control character",
        /// A member id that could be somebody's phone number.
        Invalid LooksLikeAPhone ("looks_like_a_phone") = "a member id must not look like a phone number",
    }
}
