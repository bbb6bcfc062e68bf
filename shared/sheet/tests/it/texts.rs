//! Encodings and delimiters.

use sheet::{FileFault, Mapping};

use crate::{open, read, rows};

const TEXT: &str = "a;b\n王芳;café £\n";

fn wide(text: &str, encode: fn(u16) -> [u8; 2]) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(encode).collect()
}

#[track_caller]
fn reads(bytes: &[u8], expected: [&str; 2]) {
    let expected = vec![(2, expected.map(str::to_owned).to_vec())];
    assert_eq!(read(bytes), Ok(expected));
}

// rule: import 9
#[test]
fn a_text_is_read_in_the_encodings_that_spreadsheets_write() {
    let both = ["王芳", "café £"];
    reads(TEXT.as_bytes(), both);
    reads(&[b"\xef\xbb\xbf", TEXT.as_bytes()].concat(), both);
    reads(&wide(TEXT, u16::to_le_bytes), both);
    reads(&wide(TEXT, u16::to_be_bytes), both);
    reads(&encoding_rs::GB18030.encode("a,b\n王芳,𠮷\n").0, ["王芳", "𠮷"]);
    reads(&encoding_rs::GBK.encode("a,b\n王芳,手机\n").0, ["王芳", "手机"]);
}

#[test]
fn the_mapping_may_name_an_encoding_but_a_mark_says_more() {
    let mapping = Mapping { encoding: Some("windows-1252".to_owned()), ..Mapping::default() };
    let latin = open(b"a\nJ\xfcrgen\n", &["a"], &mapping).unwrap();
    assert_eq!(rows(&latin).unwrap()[0].cells, [crate::text("Jürgen")]);
    let marked = "\u{feff}a\n王\n";
    let marked = open(marked.as_bytes(), &["a"], &mapping).unwrap();
    assert_eq!(rows(&marked).unwrap()[0].cells, [crate::text("王")]);
    assert!(Mapping::from_toml("encoding = \"klingon\"").unwrap_err().contains("encoding"));
}

#[test]
fn what_is_in_no_encoding_is_refused_as_a_whole() {
    let unreadable = [
        &b"a,b\n\xff\xff\xff\n"[..],
        b"\xef\xbb\xbfa\n\xff\n",
        b"\xff\xfea\0\n\0\x00",               // half a letter
        b"a\0,\0b\0\n\0",                     // UTF-16 without its mark
        b"\xfe\xff\xd8\x00\x00a",             // half a pair
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff", // a picture
    ];
    for bytes in unreadable {
        assert_eq!(read(bytes), Err(FileFault::UnreadableEncoding), "{bytes:?}");
    }
}

// rule: import 9
#[test]
fn the_most_frequent_mark_of_the_header_stands_between_cells() {
    for mark in [",", ";", "\t", "|"] {
        reads(format!("a{mark}b\n1{mark}x\n").as_bytes(), ["1", "x"]);
        reads(format!("\"a\"{mark}b\n1{mark}x\n").as_bytes(), ["1", "x"]);
    }
    // Marks in quotes and in later rows do not count; of equally many the comma stands first.
    let table = open(b"\"a,b,c\";d\n1,2,3;x\n", &["a,b,c", "d"], &Mapping::default()).unwrap();
    assert_eq!(rows(&table).unwrap()[0].cells, [crate::text("1,2,3"), crate::text("x")]);
    let table = open(b"a,b;c\n1,2\n", &["a", "b;c"], &Mapping::default()).unwrap();
    assert_eq!(table.header().names, ["a", "b;c"]);
    let mapping = Mapping { delimiter: Some('~'), ..Mapping::default() };
    let table = open(b"a~b,c\n1~2\n", &["a", "b,c"], &mapping).unwrap();
    assert_eq!(rows(&table).unwrap()[0].cells.len(), 2);
}
