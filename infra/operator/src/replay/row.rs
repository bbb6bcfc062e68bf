//! One row of an order history: its fields, each read or refused by the name of its column.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::left_out::Cause;
use super::table::Fields;

/// A row that makes sense.
#[derive(Debug, PartialEq, Eq)]
pub struct Item {
    /// The invoice, or the cancellation.
    pub invoice: String,
    /// What was sold or came back.
    pub stock_code: String,
    /// How many; below zero they came back.
    pub quantity: i64,
    /// When.
    pub at: Timestamp,
    /// What one costs, in ten-thousandths of a unit of the currency.
    pub price: i64,
    /// What they cost together, in minor units; below zero they were paid back.
    pub amount_minor: i64,
    /// Whose.
    pub member: String,
    /// The invoice that the line says it takes back.
    pub cancels: Option<String>,
}

/// The order of the fields of a date with slashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Dates {
    /// Day first: 31/12/2010.
    Dmy,
    /// Month first: 12/31/2010.
    Mdy,
}

/// How the values of a file are written.
pub struct Reading<'a> {
    /// Where its times are local times.
    pub zone: &'a TimeZone,
    /// The order of day and month, where it is not plain.
    pub dates: Option<Dates>,
    /// Whether a comma may be the decimal mark.
    pub decimal_comma: bool,
}

/// The most characters of an id.
const MOST: usize = 64;
/// What spreadsheets and programs write where there is nothing.
const NOTHING: [&str; 6] = ["nan", "null", "none", "n/a", "#n/a", "<na>"];
/// The serial numbers of a spreadsheet that are read as dates: 1970 to 2099. Others are years, or dates without hyphens.
const SERIALS: std::ops::Range<i64> = 25_569..73_051;

impl Reading<'_> {
    /// Reads a row.
    ///
    /// # Errors
    /// Why it is left out, with the column.
    pub fn item(&self, fields: &Fields<'_>) -> Result<Item, (Cause, String)> {
        let unreadable = |reason| (Cause::Unreadable, reason);
        let invoice = id("InvoiceNo", fields.get("InvoiceNo")).map_err(unreadable)?;
        if missing(fields.get("CustomerID")) {
            return Err((Cause::NoCustomer, "no CustomerID".to_owned()));
        }
        let member = id("CustomerID", fields.get("CustomerID")).map_err(unreadable)?;
        let shaped = member.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !shaped {
            return Err(unreadable(format!("`{member}` is not a CustomerID")));
        }
        let stock_code = whole(fields.get("StockCode")).to_owned();
        if stock_code.chars().count() > MOST {
            return Err(unreadable(format!("a StockCode has at most {MOST} characters")));
        }
        let text = fields.get("Quantity");
        let quantity = self.quantity(text).ok_or_else(|| unreadable(format!("`{text}` is not a Quantity")))?;
        if quantity == 0 || quantity.abs() > 1_000_000 {
            return Err(unreadable("the Quantity must be within a million, and not 0".to_owned()));
        }
        if (quantity < 0) != invoice.starts_with(['C', 'c']) {
            let reason = "a negative Quantity belongs to a cancellation (InvoiceNo C...), a positive one to an invoice";
            return Err((Cause::Contradicts, reason.to_owned()));
        }
        let text = fields.get("InvoiceDate");
        let at = self.instant(text).map_err(unreadable)?;
        let text = fields.get("UnitPrice");
        let price =
            self.decimal(text).ok_or_else(|| unreadable(format!("`{text}` is not a UnitPrice such as 2.55")))?;
        let amount_minor = rounded(i128::from(quantity) * i128::from(price));
        let cancels = Some(whole(fields.get("Cancels"))).filter(|name| !missing(name)).map(str::to_owned);
        Ok(Item { invoice, stock_code, quantity, at, price, amount_minor, member, cancels })
    }

    /// What a row is worth in minor units, whatever else is wrong with it; 0 if that cannot be told.
    pub fn value_minor(&self, fields: &Fields<'_>) -> i64 {
        let price = self.decimal(fields.get("UnitPrice").trim_start_matches('-')).unwrap_or_default();
        let quantity = self.quantity(fields.get("Quantity")).unwrap_or_default();
        rounded(i128::from(quantity.unsigned_abs()) * i128::from(price))
    }

    /// A whole number, also one that was written with decimals of zero.
    fn quantity(&self, text: &str) -> Option<i64> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
        let quantity = self.decimal(digits)?;
        (quantity % 10_000 == 0).then_some(if negative { -quantity / 10_000 } else { quantity / 10_000 })
    }

    /// A number with at most nine digits before the decimal mark and four after it, zeros beyond them aside, in ten-thousandths:
    /// `0.42` is 4,200. `1.234` is refused where the comma is the decimal mark: it may be a thousand or one.
    fn decimal(&self, text: &str) -> Option<i64> {
        let mark = if self.decimal_comma && text.contains(',') { ',' } else { '.' };
        let (whole, fraction) = text.split_once(mark).unwrap_or((text, "0"));
        let doubtful = self.decimal_comma && mark == '.' && fraction.len() == 3 && !whole.starts_with('0');
        let fraction = fraction.trim_end_matches('0');
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if doubtful || whole.is_empty() || whole.len() > 9 || fraction.len() > 4 {
            return None;
        }
        if !digits(whole) || !digits(fraction) {
            return None;
        }
        format!("{whole}{fraction:0<4}").parse().ok()
    }

    /// An instant: with an offset, or a local time, or the serial number of a spreadsheet.
    fn instant(&self, text: &str) -> Result<Timestamp, String> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(at);
        }
        if slashed(text) && self.dates.is_none() {
            return Err(format!(
                "`{text}` is not an InvoiceDate: day or month first? --dates dmy or --dates mdy says it"
            ));
        }
        let local = self.serial(text).or_else(|| self.local(text));
        let at = local.and_then(|at| at.to_zoned(self.zone.clone()).ok()).map(|at| at.timestamp());
        at.filter(|at| *at >= Timestamp::UNIX_EPOCH)
            .ok_or_else(|| format!("`{text}` is not an InvoiceDate such as 2010-12-01 11:41:00"))
    }

    /// A local time; `2011年3月1日` is `2011/3/1`.
    fn local(&self, text: &str) -> Option<DateTime> {
        let text = &text.replace(['年', '月'], "/").replace('日', "");
        let formats: &[&str] = match self.dates {
            _ if !slashed(text) => &["%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d"],
            Some(Dates::Dmy) => &["%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"],
            _ => &["%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p"],
        };
        let read = |format: &&str| {
            let day = || Date::strptime(format, text).map(|day| day.to_datetime(Time::midnight()));
            if format.ends_with("%d") || format.ends_with("%Y") { day() } else { DateTime::strptime(format, text) }.ok()
        };
        if text.contains('/') { formats.iter().find_map(read) } else { text.parse().ok() }
    }

    /// Days since 1899-12-30, the time of day as their fraction, to the second.
    fn serial(&self, text: &str) -> Option<DateTime> {
        let mark = if self.decimal_comma && text.contains(',') { ',' } else { '.' };
        let (days, fraction) = text.split_once(mark).unwrap_or((text, "0"));
        let fraction = fraction.get(..fraction.len().min(15))?;
        if fraction.is_empty() || !fraction.bytes().chain(days.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let days: i64 = days.parse().ok().filter(|days| SERIALS.contains(days))?;
        let whole = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let seconds = (fraction.parse::<i128>().ok()? * 86_400 + whole / 2) / whole;
        let seconds = i64::try_from(seconds).ok()?;
        Date::constant(1899, 12, 30).to_datetime(Time::midnight()).checked_add(days.days().seconds(seconds)).ok()
    }
}

/// Whether a date has slashes and does not begin with its year.
fn slashed(text: &str) -> bool {
    text.split_once('/').is_some_and(|(first, _)| first.len() <= 2)
}

fn missing(text: &str) -> bool {
    text.is_empty() || NOTHING.iter().any(|nothing| text.eq_ignore_ascii_case(nothing))
}

/// An id without the decimals that a spreadsheet or a program has added: `17850.0` is `17850`.
fn whole(text: &str) -> &str {
    let whole = text.split_once('.').filter(|(whole, fraction)| {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        digits(whole) && !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0')
    });
    whole.map_or(text, |(whole, _)| whole)
}

fn id(column: &str, text: &str) -> Result<String, String> {
    if missing(text) {
        return Err(format!("no {column}"));
    }
    let id = whole(text);
    if id.chars().count() > MOST || id.chars().any(char::is_control) {
        return Err(format!("`{id}` is not a {column}"));
    }
    Ok(id.to_owned())
}

/// Ten-thousandths of a unit as minor units, a half away from zero.
fn rounded(ten_thousandths: i128) -> i64 {
    let half = if ten_thousandths < 0 { -50 } else { 50 };
    i64::try_from((ten_thousandths + half) / 100).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(decimal_comma: bool, dates: Option<Dates>) -> Reading<'static> {
        Reading { zone: const { &TimeZone::UTC }, dates, decimal_comma }
    }

    #[test]
    fn amounts_are_exact() {
        let plain = reading(false, None);
        let prices = [("0.42", Some(4200)), ("0.001", Some(10)), ("15.00000", Some(150_000)), ("2", Some(20_000))];
        for (text, price) in prices {
            assert_eq!(plain.decimal(text), price, "{text}");
        }
        for text in ["1e3", "15,00", "1,500", "", ".5", "£2", "-1", "0.12345", "1 000"] {
            assert_eq!(plain.decimal(text), None, "{text}");
        }
        assert_eq!(rounded(24 * 4200), 1008);
        assert_eq!(rounded(-3 * 50), -2);
        assert_eq!(
            ["6", "6.0", "-12.0", "1.5", "-", "two"].map(|text| plain.quantity(text)),
            [Some(6), Some(6), Some(-12), None, None, None]
        );
    }

    #[test]
    fn a_comma_is_the_decimal_mark_where_it_separates_no_fields() {
        let comma = reading(true, None);
        let prices = ["15,00", "15.00", "0,001", "0.001"].map(|text| comma.decimal(text));
        assert_eq!(prices, [Some(150_000), Some(150_000), Some(10), Some(10)]);
        assert_eq!(["1.234", "1.234,50", "1,2,3"].map(|text| comma.decimal(text)), [None; 3], "a thousand, or one?");
    }

    #[test]
    fn dates_are_read_as_they_are_plain() {
        let at = |reading: &Reading<'_>, text: &str| reading.instant(text).map(|at| at.to_string());
        let plain = reading(false, None);
        for text in [
            "2011-03-01 10:00:00",
            "2011-03-01T10:00:00",
            "2011-03-01 10:00",
            "2011-03-01T10:00:00Z",
            "2011-03-01T18:00:00+08:00",
            "2011/3/1 10:00",
            "2011/03/01 10:00:00",
            "2011年3月1日 10:00",
            "2011年03月01日 10:00:00",
            "40603.4166666667",
        ] {
            assert_eq!(at(&plain, text).as_deref(), Ok("2011-03-01T10:00:00Z"), "{text}");
        }
        assert_eq!(at(&reading(true, None), "40603,4166666667").as_deref(), Ok("2011-03-01T10:00:00Z"));
        assert_eq!(at(&plain, "40603.999999").as_deref(), Ok("2011-03-02T00:00:00Z"));
        assert_eq!(at(&plain, "40603").as_deref(), Ok("2011-03-01T00:00:00Z"));
        for text in ["yesterday", "2011", "", "2011-13-01 10:00:00", "99999.5", "40603.5.1"] {
            assert!(at(&plain, text).unwrap_err().contains("InvoiceDate"), "{text}");
        }
        assert!(at(&plain, "3/1/2011 10:00").unwrap_err().contains("--dates"));
        assert_eq!(at(&reading(false, Some(Dates::Mdy)), "3/1/2011 10:00").as_deref(), Ok("2011-03-01T10:00:00Z"));
        for (text, hour) in [("3/1/2011 10:00:00 AM", "10"), ("3/1/2011 10:00 PM", "22"), ("3/1/2011 12:00 am", "00")] {
            let read = at(&reading(false, Some(Dates::Mdy)), text);
            assert_eq!(read, Ok(format!("2011-03-01T{hour}:00:00Z")), "{text}");
        }
        assert_eq!(at(&reading(false, Some(Dates::Dmy)), "1/3/2011 10:00").as_deref(), Ok("2011-03-01T10:00:00Z"));
    }

    #[test]
    fn ids_lose_the_decimals_that_a_spreadsheet_added() {
        assert_eq!(
            ["17850.0", "17850.00", "17850", "C1.0", "12.5", "1."].map(whole),
            ["17850", "17850", "17850", "C1.0", "12.5", "1."]
        );
        assert_eq!(id("CustomerID", "NaN").unwrap_err(), "no CustomerID");
    }
}
