//! E-mail addresses, folded (rules: members 3).

/// Reads an address, if it is one.
pub(super) fn email(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let text = text.strip_prefix("mailto:").unwrap_or(&text);
    let (local, domain) = text.split_once('@').filter(|(_, domain)| !domain.contains('@'))?;
    let atom = |part: &str| {
        let fits = |letter: char| {
            letter.is_ascii_alphanumeric()
                || "!#$%&'*+-/=?^_`{|}~".contains(letter)
                || (!letter.is_ascii() && letter.is_alphabetic())
        };
        !part.is_empty() && part.chars().all(fits)
    };
    if !(1..=64).contains(&local.chars().count()) || !local.split('.').all(atom) {
        return None;
    }
    let domain = idna::domain_to_ascii_strict(domain).ok()?;
    let labels: Vec<&str> = domain.split('.').collect();
    let last = labels.last().filter(|_| labels.len() >= 2)?;
    let is_label = |label: &&str| (1..=63).contains(&label.len());
    if !labels.iter().all(is_label) || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(format!("{local}@{domain}")).filter(|address| address.len() <= 254)
}
