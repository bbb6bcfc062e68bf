//! Names that were meant.

/// The known name that is nearest to one that is not known, if it is near enough to have been meant: half of its letters
/// may differ.
#[must_use]
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known.iter().map(|known| (distance(name, known), *known)).min()?;
    (near.0 * 2 <= name.chars().count().max(near.1.chars().count())).then_some(near.1)
}

/// How many letters must be put in, taken out or changed to make one text the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = place + 1;
        for (at, counterpart) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *counterpart);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
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
