//! Files as shops have them, at the command line: read, or refused with what is wrong.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use flate2::write::GzEncoder;

use super::root;

pub(crate) const HEADER: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

/// A folder with a history, and a platform's data.
pub(crate) struct Shop(tempfile::TempDir);

/// What a run said.
pub(crate) struct Said {
    pub(crate) done: bool,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// `local replay FILE ARGUMENTS`, with the default programme unless they name another.
    pub(crate) fn command(&self, file: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.current_dir(root()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.arg("replay").arg(self.path(file)).arg("--data").arg(self.path("data")).args(arguments);
        command
    }

    pub(crate) fn replay(&self, file: &str, arguments: &[&str]) -> Said {
        Said::of(&mut self.command(file, arguments))
    }

    /// `local entries ARGUMENTS` on what a replay has left.
    pub(crate) fn entries(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.current_dir(root()).stdin(Stdio::null()).arg("entries").args(arguments);
        Said::of(command.arg("--data").arg(self.path("data/replay")))
    }
}

impl Said {
    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        Self { done: output.status.success(), out, error }
    }
}

/// A file that is read says these totals.
#[track_caller]
fn read(content: impl AsRef<[u8]>, arguments: &[&str], totals: &str) {
    let shop = Shop::new();
    shop.write("history.csv", content);
    let said = shop.replay("history.csv", &[&["--currency", "GBP", "--json"], arguments].concat());
    assert!(said.done, "{}", said.error);
    assert!(said.out.contains(totals), "{} lacks {totals}", said.out);
}

/// A file that is not read says all of these words, and leaves its error file.
#[track_caller]
fn refused(content: impl AsRef<[u8]>, arguments: &[&str], words: &[&str]) -> String {
    let shop = Shop::new();
    shop.write("history.csv", content);
    let said = shop.replay("history.csv", &[&["--currency", "GBP"], arguments].concat());
    assert!(!said.done, "{}", said.out);
    for words in words {
        assert!(said.error.contains(words), "{} lacks {words}", said.error);
    }
    assert!(!shop.path("data/replay/dynamodb.sqlite").exists(), "no platform is started");
    shop.read("data/replay/left-out.csv")
}

const TEA: &str = "1,tea,Tea,2,2011-03-01 10:00:00,15.00,17850,United Kingdom\n";
const THIRTY: &str = "\"members\":1,\"orders\":1,\"refunds\":0,\"issued\":30";

#[test]
fn an_invoice_with_several_times_is_one_order_of_the_first() {
    let cup = "1,cup,Cup,1,2011-03-01 10:01:00,5.50,17850,United Kingdom\n";
    read(format!("{HEADER}{cup}{TEA}"), &[], "\"orders\":1,\"refunds\":0,\"issued\":35");
}

#[test]
fn ids_that_a_spreadsheet_made_numbers_are_the_same_ids() {
    let rows = TEA.replace("17850", "17850.0")
        + &TEA.replace("1,tea", "2.0,tea")
        + "C2,tea,,-1,2011-03-02 10:00:00,15.00,17850.00,\n";
    read(format!("{HEADER}{rows}"), &[], "\"members\":1,\"orders\":2,\"refunds\":1,\"issued\":60,\"clawed_back\":15");
}

#[test]
fn dates_are_read_as_spreadsheets_write_them() {
    read(format!("{HEADER}{}", TEA.replace("2011-03-01 10:00:00", "40603.4166666667")), &[], THIRTY);
    let slashes = format!("{HEADER}{}", TEA.replace("2011-03-01 10:00:00", "3/1/2011 10:00"));
    read(&slashes, &["--dates", "mdy"], THIRTY);
    let left_out = refused(&slashes, &[], &["no order", "1 rows"]);
    assert!(left_out.contains("InvoiceDate: day or month first? --dates"), "{left_out}");
}

#[test]
fn semicolons_and_tabs_come_with_decimal_commas() {
    let semicolons = format!("{HEADER}{TEA}").replace(',', ";").replace("15.00", "15,00");
    read(&semicolons, &[], THIRTY);
    read(semicolons.replace(';', "\t"), &[], THIRTY);
    let left_out = refused(format!("{HEADER}{}", TEA.replace("15.00", "\"15,00\"")), &[], &["left-out.csv"]);
    assert!(left_out.contains("2,1,17850,0,unreadable,\"`15,00` is not a UnitPrice"), "{left_out}");
}

#[test]
fn encodings_and_line_ends_are_those_of_the_program_that_saved_the_file() {
    let text = format!("{HEADER}{TEA}");
    read(format!("\u{feff}{text}"), &[], THIRTY);
    read(text.replace('\n', "\r"), &[], THIRTY);
    let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    read(wide, &[], THIRTY);
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    read(packed.finish().unwrap(), &[], THIRTY);
    // 发票号 and 单价 in GBK.
    let gbk = [&b"\xb7\xa2\xc6\xb1\xba\xc5"[..], &text.as_bytes()[9..]].concat();
    let price = gbk.windows(9).position(|window| window == b"UnitPrice").unwrap();
    let gbk = [&gbk[..price], b"\xb5\xa5\xbc\xdb", &gbk[price + 9..]].concat();
    read(gbk, &["--map", "发票号=InvoiceNo", "--map", "单价=UnitPrice"], THIRTY);
}

#[test]
fn the_second_edition_says_how_its_columns_are_mapped() {
    let text = format!("{HEADER}{TEA}").replace("InvoiceNo", "Invoice").replace("UnitPrice", "Price");
    let text = text.replace("CustomerID", "Customer ID");
    let maps = ["Invoice=InvoiceNo", "Price=UnitPrice", "Customer ID=CustomerID"];
    let said = format!("--map {} --map {} --map \"{}\"", maps[0], maps[1], maps[2]);
    let missing = "columns are missing: InvoiceNo, UnitPrice, CustomerID";
    let left_out = refused(&text, &["--programme", "nowhere.toml"], &[missing, &said]);
    assert!(left_out.contains("InvoiceNo"), "{left_out}");
    read(text, &["--map", maps[0], "--map", maps[1], "--map", maps[2]], THIRTY);
}

#[test]
fn a_file_without_a_good_row_leaves_its_error_file() {
    let left_out = refused(
        format!("{HEADER}{}", TEA.replace(",2,", ",two,")),
        &[],
        &["1 rows", "left-out.csv", "The first, line 2: `two`"],
    );
    assert!(left_out.contains("2,1,17850,0,unreadable,`two` is not a Quantity"), "{left_out}");
    refused("", &[], &["it is empty"]);
    refused("PK\x03\x04...", &[], &["workbook"]);
    refused(&HEADER[..40], &[], &["columns are missing"]);
}

#[test]
fn rows_that_are_left_out_have_the_lines_that_an_editor_counts() {
    for end in ["\n", "\r\n", "\r"] {
        let shop = Shop::new();
        let text = format!(
            "{HEADER}1,tea,\"Tea,\nwhite\",2,2011-03-01 10:00:00,15.00,17850,\n\n1,tea,,1,2011-03-01 10:00:00,1.00,,\n"
        );
        shop.write("history.csv", text.replace('\n', end));
        let errors = shop.path("errors/left-out.csv");
        let said = shop.replay("history.csv", &["--currency", "GBP", "--errors", errors.to_str().unwrap()]);
        assert!(said.done && said.out.contains("left-out.csv"), "{} {}", said.out, said.error);
        assert!(shop.read("errors/left-out.csv").contains("\n5,1,,100,no_customer,no CustomerID\n"), "{end:?}");
    }
}

#[test]
fn currencies_and_dates_are_checked() {
    let text = format!("{HEADER}{TEA}");
    let shop = Shop::new();
    shop.write("history.csv", &text);
    for (arguments, words) in [
        (["--currency", "pounds"], "ISO 4217"),
        (["--until", "soon"], "2012-02-01"),
        (["--until", "2011-02-28"], "goes on until 2011-03-01"),
        (["--map", "Price=Cost"], "UnitPrice"),
    ] {
        let said = shop.replay("history.csv", &arguments);
        assert!(!said.done && said.error.contains(words), "{arguments:?}: {}", said.error);
    }
    assert!(!shop.path("data/replay/dynamodb.sqlite").exists(), "nothing was stored");
    let later = |until: &str| shop.replay("history.csv", &["--currency", "gbp", "--json", "--until", until]).out;
    assert!(later("2011-03-01").contains("\"active\":0,\"pending\":30"), "that very day");
    assert!(later("2011-03-15").contains("\"active\":30,\"pending\":0"));
    assert!(later("2012-04-01").contains("\"expired\":30,\"active\":0"));
    assert!(shop.read("data/replay/replay.json").contains("\"currency\":\"GBP\""));
}
