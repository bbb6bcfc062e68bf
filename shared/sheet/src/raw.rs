//! A cell before anything is read into it.

use serde::{Deserialize, Serialize};

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Raw {
    /// Text; all cells of a text file.
    Text(String),
    /// A number of a workbook, in decimal digits without an exponent: 15 of them where it has a fraction, as spreadsheets show it.
    Number {
        /// The digits.
        n: String,
    },
    /// A number of a workbook that is shown as a date.
    Serial {
        /// Days since the workbook's epoch, in decimal digits.
        s: String,
    },
}

impl Raw {
    /// A number, shown as a date or not; none that is no number.
    pub(crate) fn number(value: f64, dated: bool) -> Option<Self> {
        let digits = digits(value)?;
        Some(if dated { Self::Serial { s: digits } } else { Self::Number { n: digits } })
    }

    /// Is there nothing to be seen?
    #[must_use]
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

fn digits(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let whole = value.to_string();
    if !whole.contains('.') {
        return Some(if whole == "-0" { "0".to_owned() } else { whole });
    }
    // What a spreadsheet computes has 17 digits and is shown with 15: 0.1 + 0.2 is 0.3.
    let shown: f64 = format!("{value:.14e}").parse().ok()?;
    Some(shown.to_string())
}
