//! The columns of an order history, by their names or by the names that a file gives them.

use anyhow::{bail, ensure};

/// The columns that a history needs.
pub(super) const NEEDED: [&str; 6] = ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"];
/// What may be there besides. `Cancels` names the invoice that a cancellation line takes back.
pub(super) const KNOWN: [&str; 3] = ["Description", "Country", "Cancels"];

/// Where the columns are.
#[derive(Debug)]
pub(super) struct Columns {
    names: Vec<String>,
}

impl Columns {
    /// Finds them in a header; `maps` are pairs of a name in the file and one of ours.
    ///
    /// # Errors
    /// Which are missing, which look near, and which of `maps` say nothing.
    pub(super) fn find(header: &csv::StringRecord, maps: &[(String, String)]) -> anyhow::Result<Self> {
        let mut names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        for (theirs, ours) in maps {
            let Some(place) = header.iter().position(|name| name.trim() == theirs) else {
                bail!("--map {theirs}={ours}: there is no column {theirs}, but {}", list(header.iter()))
            };
            if let Some(name) = names.iter_mut().find(|name| *name == ours) {
                *name = String::new(); // the file's own column of that name is another thing
            }
            names[place].clone_from(ours);
        }
        let missing: Vec<&str> = NEEDED.into_iter().filter(|needed| !names.iter().any(|name| name == needed)).collect();
        ensure!(missing.is_empty(), "{}", absent(&missing, &names));
        for needed in NEEDED.iter().chain(&KNOWN) {
            let times = names.iter().filter(|name| name == needed).count();
            ensure!(times <= 1, "the column {needed} is there {times} times");
        }
        Ok(Self { names })
    }

    /// Where a column is.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        self.names.iter().position(|name| name == column)
    }

    /// How many there are.
    pub(super) fn width(&self) -> usize {
        self.names.len()
    }
}

/// `COLUMN=NAME`, the file's name and ours; the other way round is understood as well.
///
/// # Errors
/// What it should be.
pub(super) fn map(text: &str) -> Result<(String, String), String> {
    let (left, right) = text.split_once('=').ok_or("must be COLUMN=NAME, such as Price=UnitPrice")?;
    let (left, right) = (left.trim().to_owned(), right.trim().to_owned());
    let ours = |name: &str| NEEDED.iter().chain(&KNOWN).any(|known| *known == name);
    if ours(&right) {
        Ok((left, right))
    } else if ours(&left) {
        Ok((right, left))
    } else {
        Err(format!("NAME is one of {}", list(NEEDED.iter().chain(&KNOWN).copied())))
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// What is missing, what is there, and what of that looks near.
fn absent(missing: &[&str], names: &[String]) -> String {
    let mut text = format!("columns are missing: {}. ", list(missing.iter().copied()));
    text.push_str(&format!("It has: {}. ", list(names.iter().map(String::as_str))));
    let mut free: Vec<&String> = names
        .iter()
        .filter(|name| !name.is_empty() && !NEEDED.iter().chain(&KNOWN).any(|known| known == name))
        .collect();
    let mut near = Vec::new();
    for wanted in missing {
        let best = free.iter().enumerate().filter_map(|(at, name)| Some((distance(wanted, name)?, at))).min();
        if let Some((_, at)) = best {
            let map = format!("{}={wanted}", free.remove(at));
            near.push(if map.contains(' ') { format!("--map \"{map}\"") } else { format!("--map {map}") });
        }
    }
    text.push_str(&match near.as_slice() {
        [] => "None of them looks near; --map COLUMN=NAME says which is which".to_owned(),
        near => format!("These look near: {}", near.join(" ")),
    });
    text
}

/// How far a name is from the one that is wanted; `None` if it is another word.
fn distance(wanted: &str, name: &str) -> Option<usize> {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let (wanted, name): (Vec<char>, Vec<char>) = (plain(wanted), plain(name));
    let mut row: Vec<usize> = (0..=name.len()).collect();
    for (i, letter) in wanted.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, other) in name.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    let edits = row[name.len()];
    let holds =
        |whole: &[char], part: &[char]| part.len() >= 2 && whole.windows(part.len()).any(|window| window == part);
    let near = edits <= wanted.len() / 4 || holds(&wanted, &name) || holds(&name, &wanted);
    near.then_some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &str, maps: &[&str]) -> Result<Columns, String> {
        let header = csv::StringRecord::from(header.split(',').collect::<Vec<_>>());
        let maps: Vec<_> = maps.iter().map(|text| map(text).unwrap()).collect();
        Columns::find(&header, &maps).map_err(|error| error.to_string())
    }

    #[test]
    fn the_second_edition_is_mapped_as_the_message_says() {
        let header = "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country";
        let message = find(header, &[]).unwrap_err();
        assert!(message.contains("missing: InvoiceNo, UnitPrice, CustomerID."), "{message}");
        let maps = r#"--map Invoice=InvoiceNo --map Price=UnitPrice --map "Customer ID=CustomerID""#;
        assert!(message.ends_with(maps), "{message}");
        let columns = find(header, &["Invoice=InvoiceNo", "UnitPrice=Price", "Customer ID=CustomerID"]).unwrap();
        assert_eq!(
            ["InvoiceNo", "UnitPrice", "CustomerID"].map(|name| columns.place(name)),
            [Some(0), Some(5), Some(6)]
        );
    }

    #[test]
    fn names_that_are_no_columns_are_refused() {
        assert!(map("Price=Cost").unwrap_err().contains("UnitPrice"));
        assert!(map("Price").is_err());
        let header = "InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID";
        assert!(find(header, &["Cost=UnitPrice"]).unwrap_err().contains("no column Cost"));
        assert!(find(&format!("{header},Quantity"), &[]).unwrap_err().contains("2 times"));
        assert!(find("a,b", &[]).unwrap_err().contains("None of them looks near"));
        assert!(
            find("InvoceNo,stock_code,Qty,InvoiceDate,UnitPrice,CustomerID", &[])
                .unwrap_err()
                .contains("--map InvoceNo=InvoiceNo --map stock_code=StockCode")
        );
    }
}
