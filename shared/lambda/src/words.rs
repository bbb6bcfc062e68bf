//! Names that were meant.

/// A question after the name that was meant, or nothing.
pub(crate) fn meant(name: &str, known: &[&str]) -> String {
    nearest(name, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// The known name that is nearest to one that is not known, if it is near enough to have been meant: half of its letters
/// may differ.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known.iter().map(|known| (strsim::levenshtein(name, known), *known)).min()?;
    (near.0 * 2 <= name.chars().count().max(near.1.chars().count())).then_some(near.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_near() {
        let known = ["limit", "after", "as_of"];
        for (name, meant) in
            [("limt", Some("limit")), ("Limit", Some("limit")), ("asof", Some("as_of")), ("colour", None), ("x", None)]
        {
            assert_eq!(nearest(name, &known), meant, "{name}");
        }
        assert_eq!(nearest("limit", &[]), None);
    }
}
