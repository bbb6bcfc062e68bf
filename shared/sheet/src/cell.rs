//! What a cell says, by what its column holds (rules: import 12-15).

use domain::members::text::{cleaned, cleaned_as_given};
use jiff::Timestamp;
use jiff::civil::{Date, Time};

use crate::date::{Epoch, Moment, Month, Reading, month};
use crate::fault::CellFault;
use crate::mapping::{Mapping, Serials};
use crate::raw::Raw;

/// What says that nothing is said, unless the mapping has others.
const NULLS: [&str; 6] = ["NULL", "null", "N/A", "#N/A", "-", "无"];

/// What a spreadsheet shows where it could not work something out.
const ERRORS: [&str; 6] = ["#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"];

/// What clears.
const CLEAR: &str = "<clear>";

/// From so many digits on a number of a spreadsheet is not what was typed.
const LOST: usize = 16;

/// What a cell states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stated<T> {
    /// Nothing: it changes nothing.
    Nothing,
    /// That nothing is known any more.
    Clear,
    /// A value.
    Is(T),
}

impl<T> Stated<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Nothing | Self::Clear => None,
        }
    }

    fn read<U>(self, read: impl FnOnce(T) -> Result<U, CellFault>) -> Result<Stated<U>, CellFault> {
        Ok(match self {
            Self::Nothing => Stated::Nothing,
            Self::Clear => Stated::Clear,
            Self::Is(value) => Stated::Is(read(value)?),
        })
    }
}

/// What stands in a cell.
enum Word<'a> {
    /// Text. After a `'` it is text as it stands.
    Text { text: String, literal: bool },
    /// A number of a workbook.
    Number(&'a str),
    /// A number of a workbook that is shown as a date.
    Serial(&'a str),
}

/// How the cells of a file are read.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    mapping: &'a Mapping,
    epoch: Epoch,
}

/// Is it one of the words that a cell may hold in place of a value?
pub(crate) fn is_a_word(text: &str) -> bool {
    NULLS.contains(&text) || is_an_error(text) || text == CLEAR
}

fn is_an_error(text: &str) -> bool {
    ERRORS.contains(&text) || (text.len() >= 3 && text.bytes().all(|byte| byte == b'#'))
}

impl<'a> Cells<'a> {
    /// By what the mapping says, and from which day the file counts.
    #[must_use]
    pub const fn new(mapping: &'a Mapping, epoch: Epoch) -> Self {
        Self { mapping, epoch }
    }

    fn word<'r>(self, raw: &'r Raw, clean: fn(&str) -> String) -> Result<Stated<Word<'r>>, CellFault> {
        let text = match raw {
            Raw::Number { n } => return Ok(Stated::Is(Word::Number(n))),
            Raw::Serial { s } => return Ok(Stated::Is(Word::Serial(s))),
            Raw::Text(text) => clean(&text.replace("\r\n", "\n")),
        };
        if let Some(text) = text.strip_prefix('\'').map(str::trim) {
            let stated = Stated::Is(Word::Text { text: text.to_owned(), literal: true });
            return Ok(if text.is_empty() { Stated::Nothing } else { stated });
        }
        let null = match &self.mapping.nulls {
            Some(nulls) => nulls.contains(&text),
            None => NULLS.contains(&text.as_str()),
        };
        match () {
            () if text.is_empty() || null => Ok(Stated::Nothing),
            () if text == CLEAR => Ok(Stated::Clear),
            () if is_an_error(&text) => Err(CellFault::ExcelError),
            () => Ok(Stated::Is(Word::Text { text, literal: false })),
        }
    }

    /// Text: of a number its digits, of a date `2026-05-17`.
    ///
    /// # Errors
    /// The spreadsheet shows an error.
    pub fn text(self, raw: &Raw) -> Result<Stated<String>, CellFault> {
        self.word(raw, cleaned)?.read(|word| {
            Ok(match word {
                Word::Text { text, .. } => text,
                Word::Number(digits) => digits.to_owned(),
                Word::Serial(digits) => self.epoch.dated(digits)?.date.to_string(),
            })
        })
    }

    /// What another system calls somebody; case and width are kept.
    ///
    /// # Errors
    /// Digits are gone, or it is no name.
    pub fn external_id(self, raw: &Raw, zero_pad: Option<u8>) -> Result<Stated<String>, CellFault> {
        self.named(raw, zero_pad, cleaned_as_given)
    }

    /// The number of a card, or of a phone.
    ///
    /// # Errors
    /// As [`Cells::external_id`].
    pub fn id(self, raw: &Raw, zero_pad: Option<u8>) -> Result<Stated<String>, CellFault> {
        self.named(raw, zero_pad, cleaned)
    }

    fn named(self, raw: &Raw, zero_pad: Option<u8>, clean: fn(&str) -> String) -> Result<Stated<String>, CellFault> {
        self.word(raw, clean)?.read(|word| {
            let name = match word {
                Word::Text { text, literal: true } => text,
                Word::Text { text, literal: false } if is_scientific(&text) => {
                    return Err(CellFault::ScientificNotation);
                }
                Word::Text { text, literal: false } => without_zeros(&text).to_owned(),
                Word::Number(digits) | Word::Serial(digits) => {
                    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                        return Err(CellFault::NotAnId);
                    }
                    if digits.len() >= LOST {
                        return Err(CellFault::DigitsLost);
                    }
                    digits.to_owned()
                }
            };
            let numeric = name.bytes().all(|byte| byte.is_ascii_digit());
            let width = zero_pad.filter(|_| numeric).map_or(0, usize::from);
            Ok(format!("{name:0>width$}"))
        })
    }

    /// A whole number.
    ///
    /// # Errors
    /// It is none.
    pub fn integer(self, raw: &Raw) -> Result<Stated<i64>, CellFault> {
        self.word(raw, cleaned)?.read(|word| {
            let digits = self.digits(word).ok_or(CellFault::NotAnInteger)?;
            let whole = without_zeros(&digits);
            let plain = whole.strip_prefix('-').unwrap_or(whole);
            let fits = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
            whole.parse().ok().filter(|_| fits).ok_or(CellFault::NotAnInteger)
        })
    }

    /// An amount, in the smallest unit of a currency that has so many decimals.
    ///
    /// # Errors
    /// It is none.
    pub fn money(self, raw: &Raw, decimals: u8) -> Result<Stated<i64>, CellFault> {
        self.word(raw, cleaned)?.read(|word| {
            let digits = self.digits(word).ok_or(CellFault::NotAnAmount)?;
            minor(&digits, usize::from(decimals)).ok_or(CellFault::NotAnAmount)
        })
    }

    /// The digits of a number, without what groups them.
    fn digits(self, word: Word<'_>) -> Option<String> {
        let text = match word {
            Word::Number(digits) => return Some(digits.to_owned()),
            Word::Serial(_) => return None,
            Word::Text { text, .. } => text,
        };
        let Some(mark) = self.mapping.thousands.filter(|mark| text.contains(*mark)) else { return Some(text) };
        let whole = text.split('.').next().unwrap_or_default();
        let whole = whole.strip_prefix('-').unwrap_or(whole);
        let mut groups = whole.split(mark);
        let first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()));
        (first && groups.all(|group| group.len() == 3)).then(|| text.replace(mark, ""))
    }

    /// Yes or no.
    ///
    /// # Errors
    /// It is neither.
    pub fn boolean(self, raw: &Raw) -> Result<Stated<bool>, CellFault> {
        self.text(raw)?.read(|text| match text.to_lowercase().as_str() {
            "true" | "yes" | "y" | "1" | "是" => Ok(true),
            "false" | "no" | "n" | "0" | "否" => Ok(false),
            _ => Err(CellFault::NotABoolean),
        })
    }

    /// A date; a time behind it is dropped.
    ///
    /// # Errors
    /// It is none, or may be more than one.
    pub fn date(self, raw: &Raw) -> Result<Stated<Date>, CellFault> {
        self.word(raw, cleaned)?.read(|word| match word {
            Word::Number(digits) | Word::Serial(digits) => self.epoch.dated(digits).map(|dated| dated.date),
            Word::Text { text, .. } => self.dates().dated(&text).map(|dated| dated.date),
        })
    }

    const fn dates(self) -> Reading {
        Reading { order: self.mapping.date_format, serials: matches!(self.mapping.dates, Some(Serials::Excel)) }
    }

    /// A month.
    ///
    /// # Errors
    /// It is none.
    pub fn month(self, raw: &Raw) -> Result<Stated<Month>, CellFault> {
        self.word(raw, cleaned)?.read(|word| {
            let text = match word {
                Word::Serial(digits) => self.epoch.dated(digits)?.date.to_string(),
                Word::Number(digits) => digits.to_owned(),
                Word::Text { text, .. } => text,
            };
            let of_date = || self.dates().dated(&text).ok().map(|dated| dated.date);
            let found = month(&text).or_else(|| of_date().map(|date| Month { year: date.year(), month: date.month() }));
            found.ok_or(CellFault::NotAMonth)
        })
    }

    /// When something was: an instant, or a date with or without a time.
    ///
    /// # Errors
    /// It is none of them, or may be more than one.
    pub fn moment(self, raw: &Raw) -> Result<Stated<Moment>, CellFault> {
        self.word(raw, cleaned)?.read(|word| {
            let dated = match word {
                Word::Number(digits) | Word::Serial(digits) => self.epoch.dated(digits),
                Word::Text { text, .. } => match text.parse::<Timestamp>() {
                    Ok(instant) => return Ok(Moment::Instant(instant)),
                    Err(_no_instant) => self.dates().dated(&text),
                },
            };
            match dated {
                Ok(dated) if dated.zoned => Err(CellFault::NotAnInstant),
                Ok(dated) => Ok(Moment::Civil(dated.date.to_datetime(dated.time.unwrap_or(Time::midnight())))),
                Err(CellFault::AmbiguousDate) => Err(CellFault::AmbiguousDate),
                Err(_no_date) => Err(CellFault::NotAnInstant),
            }
        })
    }
}

/// `17850.0` is 17850; `17850.5` is what it is.
pub(crate) fn without_zeros(text: &str) -> &str {
    let Some((whole, zeros)) = text.split_once('.') else { return text };
    let plain = whole.strip_prefix('-').unwrap_or(whole);
    let digits = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit());
    let nothing = !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0');
    if digits && nothing { whole } else { text }
}

/// `1.38E+10`, `5e+3`: an exponent with a sign, or behind a point.
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let signed = exponent.strip_prefix(['+', '-']);
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let pointed = mantissa.split_once('.').is_some_and(|(whole, part)| digits(whole) && digits(part));
    digits(signed.unwrap_or(exponent)) && (pointed || (digits(mantissa) && signed.is_some()))
}

fn minor(text: &str, decimals: usize) -> Option<i64> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = plain.split_once('.').unwrap_or((plain, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = !whole.is_empty() && digits(whole) && digits(part) && part.len() <= decimals;
    if !fits || (part.is_empty() && plain.contains('.')) {
        return None;
    }
    let amount: i64 = format!("{whole}{part:0<decimals$}").parse().ok()?;
    Some(if text.starts_with('-') { -amount } else { amount })
}
