//! One archive of all files, with what is in it.

use std::io::Error;
use std::sync::Arc;

use domain::members::access::{AccessExport, Archive, Gathered, Listed};
use jiff::Timestamp;
use lambda::{Failure, Private};
use serde_json::json;
use sheet::{PackedFile, Packing};
use store::StoreError;

use super::files::names;
use crate::wire::readme::readme;

fn unwritten(error: Error) -> Failure {
    StoreError::Bug(Arc::new(error)).into()
}

fn listed(PackedFile { name, sha256, bytes }: PackedFile, rows: u64) -> Listed {
    Listed { name, sha256, bytes, rows }
}

/// Packs what was gathered.
pub(super) async fn pack(
    app: &Private,
    export: &AccessExport,
    locale: &str,
    now: Timestamp,
) -> Result<(Vec<u8>, Archive), Failure> {
    let (mut packing, mut files) = (Packing::default(), Vec::new());
    for name in names() {
        let Gathered { parts, rows, .. } = export.files.get(name).copied().unwrap_or_default();
        let mut file = packing.begin(name).map_err(unwritten)?;
        for part in 0..parts {
            let bytes = app.bucket()?.get(&export.part_at(name, part)).await?;
            let bytes = bytes.ok_or_else(|| StoreError::bug("a part that was gathered is not there"))?;
            file.add(&bytes).map_err(unwritten)?;
        }
        files.push(listed(file.end(), rows));
    }
    let mut small = |name: &str, text: &str| {
        let mut file = packing.begin(name)?;
        file.add(text.as_bytes())?;
        Ok(file.end())
    };
    files.push(listed(small("README.txt", readme(locale)).map_err(unwritten)?, 1));
    let manifest = json!({"export": export.id(), "member": export.member, "as_of": export.as_of, "files": files});
    small("manifest.json", &format!("{manifest:#}\n")).map_err(unwritten)?;
    let (archive, sha256) = packing.finish().map_err(unwritten)?;
    let bytes = u64::try_from(archive.len()).unwrap_or(u64::MAX);
    Ok((archive, Archive { at: now, sha256, bytes, files }))
}
