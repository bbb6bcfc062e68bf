//! Files that are put into one archive, each with its size and its hash. What is packed is held in memory, what is added is not.

use std::io::{Cursor, Error, Write as _};

use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A file that was put into an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackedFile {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// An archive that is being written.
#[derive(Debug)]
pub struct Packing(ZipWriter<Cursor<Vec<u8>>>);

impl Default for Packing {
    fn default() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }
}

impl Packing {
    /// Begins a file.
    ///
    /// # Errors
    /// It cannot be written: it has a name that there is.
    pub fn begin(&mut self, name: &str) -> Result<PackingFile<'_>, Error> {
        self.0.start_file(name, SimpleFileOptions::default()).map_err(Error::other)?;
        Ok(PackingFile { packing: self, name: name.to_owned(), hash: Sha256::new(), bytes: 0 })
    }

    /// The whole archive, and its hash.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(self) -> Result<(Vec<u8>, String), Error> {
        let archive = self.0.finish().map_err(Error::other)?.into_inner();
        let hash = hexadecimal(Sha256::digest(&archive));
        Ok((archive, hash))
    }
}

/// A file of an archive that is being written.
#[derive(Debug)]
pub struct PackingFile<'a> {
    packing: &'a mut Packing,
    name: String,
    hash: Sha256,
    bytes: u64,
}

impl PackingFile<'_> {
    /// Adds bytes.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.hash.update(bytes);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.packing.0.write_all(bytes)
    }

    /// It is whole.
    #[must_use]
    pub fn end(self) -> PackedFile {
        PackedFile { name: self.name, sha256: hexadecimal(self.hash.finalize()), bytes: self.bytes }
    }
}

/// In hexadecimal digits.
fn hexadecimal(hash: impl AsRef<[u8]>) -> String {
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_packed_in_pieces_comes_out_whole_with_the_hash_of_all() {
        let mut packing = Packing::default();
        let mut file = packing.begin("ledger.jsonl").unwrap();
        file.add(b"{\"sequence\":2}\n").unwrap();
        file.add(b"{\"sequence\":1}\n").unwrap();
        let packed = file.end();
        let empty = packing.begin("looks.json").unwrap().end();
        let (archive, hash) = packing.finish().unwrap();
        assert_eq!((packed.bytes, empty.bytes, hash.len()), (30, 0, 64));
        assert_eq!(packed.sha256, hexadecimal(Sha256::digest(b"{\"sequence\":2}\n{\"sequence\":1}\n")));
        let mut zip = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
        let mut text = String::new();
        zip.by_name("ledger.jsonl").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text.lines().count(), 2);
    }
}
