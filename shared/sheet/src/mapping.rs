//! What a person says of a file: a mapping file (TOML), or the same in a request.

use std::collections::BTreeMap;

use encoding_rs::Encoding;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a person says of a file; all of it may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// What columns hold, by what the header says. Others are known by their names in English, Chinese and Japanese.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, Destination>,
    /// Columns that are not taken in; `*` is all that are not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// What says that nothing is said, in place of `NULL`, `null`, `N/A`, `#N/A`, `-`, `无`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nulls: Option<Vec<String>>,
    /// What comes first in `1/12/2026`: `dmy` or `mdy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_format: Option<DateOrder>,
    /// `excel`: numbers of five digits in a text file are dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<Serials>,
    /// What groups the digits of numbers, such as `,`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thousands: Option<char>,
    /// What stands between the cells of a text file; found if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The encoding of a text file, such as `gb18030` or `shift_jis`; found if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The sheet of a workbook; the first visible one if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// What an error does: `row` refuses its row, `field` leaves out a field that is not needed.
    pub on_error: OnError,
    /// Where phone numbers without a country code belong, ISO 3166 alpha-2; the programme's region if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Destination {
    /// A field.
    Field(String),
    /// A field, and how it is read.
    Read(Padded),
}

/// A field, and how it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Padded {
    /// Which field.
    to: String,
    /// Digits that a spreadsheet took from the beginning of a number: zeros up to so many digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zero_pad: Option<u8>,
}

impl Destination {
    /// Which field.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Field(field) => field,
            Self::Read(padded) => &padded.to,
        }
    }

    /// To how many digits numbers are filled.
    #[must_use]
    pub const fn zero_pad(&self) -> Option<u8> {
        match self {
            Self::Field(_) => None,
            Self::Read(padded) => padded.zero_pad,
        }
    }
}

/// What comes first of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// The day.
    Dmy,
    /// The month.
    Mdy,
}

/// Which numbers are dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Serials {
    /// Days since 1900, as Excel counts them.
    Excel,
}

/// What an error does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// It refuses its row.
    #[default]
    Row,
    /// It leaves out its field, if the row does without.
    Field,
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// Says where it is no mapping.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let mapping: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        mapping.check().map_err(|(key, words)| format!("{key}: {words}")).map(|()| mapping)
    }

    /// Is it one by which a file can be read?
    ///
    /// # Errors
    /// Names the key, and what it takes.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if self.encoding.is_some() && self.named_encoding().is_none() {
            return Err((
                "encoding",
                "no such encoding is known; try gb18030, big5, shift_jis or windows-1252".to_owned(),
            ));
        }
        if self.delimiter.is_some_and(|mark| !mark.is_ascii() || matches!(mark, '"' | '\r' | '\n')) {
            return Err(("delimiter", "must be one character of ASCII, such as \";\"".to_owned()));
        }
        if self.thousands.is_some_and(|mark| mark.is_ascii_digit() || mark == '-') {
            return Err(("thousands", "must be one character that is no digit, such as \",\"".to_owned()));
        }
        if self.columns.values().any(|column| column.zero_pad().is_some_and(|digits| !(1..=32).contains(&digits))) {
            return Err(("columns", "`zero_pad` is from 1 to 32".to_owned()));
        }
        Ok(())
    }

    pub(crate) fn named_encoding(&self) -> Option<&'static Encoding> {
        Encoding::for_label(self.encoding.as_deref()?.as_bytes())
    }
}
