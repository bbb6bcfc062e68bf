//! Text from bytes (rule: import 9).

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, UTF_8};

use crate::fault::FileFault;

/// What the byte order mark says; else what the mapping does; else UTF-8, if it is that; else GB18030.
pub(crate) fn decoded<'a>(bytes: &'a [u8], named: Option<&'static Encoding>) -> Result<Cow<'a, str>, FileFault> {
    let strict = |encoding: &'static Encoding, bytes: &'a [u8]| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
        // Text has no NUL: this is UTF-16 without its mark, or no text at all.
        text.filter(|text| !text.contains('\0'))
    };
    let text = match (Encoding::for_bom(bytes), named) {
        (Some((encoding, mark)), _) => strict(encoding, bytes.get(mark..).unwrap_or_default()),
        (None, Some(named)) => strict(named, bytes),
        (None, None) => strict(UTF_8, bytes).or_else(|| strict(GB18030, bytes)),
    };
    text.ok_or(FileFault::UnreadableEncoding)
}
