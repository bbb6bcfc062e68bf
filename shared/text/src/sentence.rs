//! Where sentences and clauses end.

/// The sentences of a text, each with the mark that ends it. A full stop within a number or a name (`3.5`, `a.b`) ends none.
pub(crate) fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut letters) = (0, text.char_indices().peekable());
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let ends = match letter {
            '。' | '!' | '?' | ';' | '\n' | '…' => true,
            '.' => next.is_none_or(char::is_whitespace),
            _ => false,
        };
        if ends {
            let end = at.saturating_add(letter.len_utf8());
            found.push(&text[start..end]);
            start = end;
        }
    }
    found.push(&text[start..]);
    found.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    found
}

/// Does a letter end what a negation or a degree reaches?
pub(crate) fn ends_a_clause(letter: char) -> bool {
    !letter.is_alphanumeric()
        && !letter.is_whitespace()
        && !matches!(letter, '\'' | '-' | '"' | '*' | '&' | '%' | '#' | '_' | '\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_stops() {
        assert_eq!(sentences("好吃。下次还来!真的"), ["好吃。", "下次还来!", "真的"]);
        assert_eq!(sentences("It costs 3.50. Too much... really?"), ["It costs 3.50.", " Too much...", " really?"]);
        assert_eq!(sentences("  \n !! "), Vec::<&str>::new());
    }
}
