//! Works a result out again: the first thing that is wrong, and in which line.

use super::result::DrawResult;
use super::ticket::{DrawEntryId, Seed};
use crate::kernel::canonical::Hash;

/// What is wrong with a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// In which line of the list, from 1; 0: in the result.
    pub line: usize,
    /// What.
    pub what: What,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The seed is not the one that was committed to.
    Commitment,
    /// The line is none.
    Shape,
    /// The entry does not follow the one before.
    Order,
    /// The ticket is another.
    Ticket,
    /// The ticket falls on another prize.
    Nominal,
    /// A prize is given that is higher than the ticket's.
    PrizeUpward,
    /// More are given than there were.
    StockOverdrawn,
    /// A prize is withheld of which some were left at the end.
    PassedOverWithStock,
    /// The list is not the one of the result.
    ListSha256,
    /// A number of the result is another.
    Numbers,
}

impl What {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commitment => "commitment",
            Self::Shape => "shape",
            Self::Order => "order",
            Self::Ticket => "ticket",
            Self::Nominal => "nominal",
            Self::PrizeUpward => "prize_upward",
            Self::StockOverdrawn => "stock_overdrawn",
            Self::PassedOverWithStock => "passed_over_with_stock",
            Self::ListSha256 => "list_sha256",
            Self::Numbers => "numbers",
        }
    }
}

/// A line of the list: prizes by their places.
struct Line {
    id: DrawEntryId,
    ticket: u32,
    nominal: Option<usize>,
    prize: Option<usize>,
}

/// Works a result out again from the list of its entries.
///
/// # Errors
/// The first thing that is wrong.
pub fn verify(result: &DrawResult, list: &str) -> Result<(), Fault> {
    let seed = Seed(result.seed.0);
    if seed.commitment() != result.commitment {
        return Err(Fault { line: 0, what: What::Commitment });
    }
    let mut awarded = vec![0_u64; result.prizes.len()];
    let mut lines: Vec<Line> = Vec::new();
    for (text, number) in list.lines().zip(1..) {
        let wrong = |what| Fault { line: number, what };
        let line = read(result, text).ok_or(wrong(What::Shape))?;
        check(result, &seed, lines.last(), &line).map_err(wrong)?;
        if let Some((count, prize)) = line.prize.and_then(|place| awarded.get_mut(place).zip(result.prizes.get(place)))
        {
            *count = count.saturating_add(1);
            if *count > u64::from(prize.stock) {
                return Err(wrong(What::StockOverdrawn));
            }
        }
        lines.push(line);
    }
    let left = |place: &usize| {
        let count = awarded.get(*place).copied().unwrap_or_default();
        result.prizes.get(*place).is_some_and(|prize| count < u64::from(prize.stock))
    };
    for (line, number) in lines.iter().zip(1..) {
        let Some(nominal) = line.nominal else { continue };
        if (nominal..line.prize.unwrap_or(result.prizes.len())).any(|place| left(&place)) {
            return Err(Fault { line: number, what: What::PassedOverWithStock });
        }
    }
    if Hash::of(list) != result.list_sha256 {
        return Err(Fault { line: 0, what: What::ListSha256 });
    }
    let counted = result.prizes.iter().zip(&awarded).all(|(prize, count)| prize.awarded == *count);
    let whole = u64::try_from(lines.len()).unwrap_or(u64::MAX) == result.entries;
    if counted && whole { Ok(()) } else { Err(Fault { line: 0, what: What::Numbers }) }
}

fn check(result: &DrawResult, seed: &Seed, before: Option<&Line>, line: &Line) -> Result<(), What> {
    if before.is_some_and(|before| before.id >= line.id) {
        return Err(What::Order);
    }
    if seed.ticket(&result.draw, line.id) != line.ticket {
        return Err(What::Ticket);
    }
    let mut end = 0_u32;
    let nominal = result.prizes.iter().position(|prize| {
        end = end.saturating_add(prize.odds_ppm);
        line.ticket < end
    });
    if nominal != line.nominal {
        return Err(What::Nominal);
    }
    let upward = line.prize.is_some_and(|prize| nominal.is_none_or(|nominal| prize < nominal));
    if upward { Err(What::PrizeUpward) } else { Ok(()) }
}

fn read(result: &DrawResult, text: &str) -> Option<Line> {
    let fields: [&str; 4] = text.split(',').collect::<Vec<_>>().try_into().ok()?;
    let [id, ticket, nominal, prize] = fields;
    let place = |name: &str| match name {
        "-" => Some(None),
        name => result.prizes.iter().position(|prize| prize.id == name).map(Some),
    };
    Some(Line { id: id.parse().ok()?, ticket: ticket.parse().ok()?, nominal: place(nominal)?, prize: place(prize)? })
}
