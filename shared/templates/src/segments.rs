//! Of how many parts a text message is made, each of which costs. Source: 3GPP TS 23.038, the default alphabet and its extension.

/// The default alphabet: one of seven bits each.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Its extension: two each.
const EXTENSION: &str = "^{}\\[~]|€\u{c}";

/// Of how many parts a text is made: of 160 letters of the default alphabet, or 153 each; of 70 others, or 67 each.
#[must_use]
pub fn segments(text: &str) -> usize {
    let weight = |letter| if BASIC.contains(letter) { Some(1) } else { EXTENSION.contains(letter).then_some(2) };
    let (length, single, several) = match text.chars().map(weight).sum::<Option<usize>>() {
        Some(length) => (length, 160, 153),
        None => (text.encode_utf16().count(), 70, 67),
    };
    if length <= single { 1 } else { length.div_ceil(several) }
}

#[cfg(test)]
mod tests {
    use super::segments;

    // rule: messages 17
    #[test]
    fn a_text_message_has_as_many_parts_as_its_letters_need() {
        for (text, parts) in [
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            (format!("{}€", "a".repeat(158)), 1),
            (format!("{}€", "a".repeat(159)), 2),
            ("安".repeat(70), 1),
            ("安".repeat(71), 2),
            (format!("{}安", "a".repeat(69)), 1),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
        ] {
            assert_eq!(segments(&text), parts, "{text}");
        }
    }
}
