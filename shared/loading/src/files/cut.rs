//! A file is read and cut into parts.

use domain::members::import::{Import, Whole};
use domain::programme::source::named;
use intake::{ErrorFile, Naming, whole};
use lambda::{Failure, Private, Problem};
use serde_json::Value;
use sheet::{Cells, FileFault, MOST_BYTES, Mapping, Table};
use store::StoreError;

use super::named::{content, file, sha256};
use crate::kinds::columns_of;
use crate::work::reading;

/// How a file is read, as it was asked for.
pub(crate) async fn mapping(app: &Private, import: &Import) -> Result<(Mapping, Value), Failure> {
    let bytes = app.bucket()?.get(&file(&import.id, "mapping.json")).await?.unwrap_or_default();
    let json: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let mapping = serde_json::from_value(json.clone());
    Ok((mapping.map_err(|_no_mapping| StoreError::bug("what was kept of a mapping is none"))?, json))
}

/// Reads the file, and cuts it; or says why it is not taken in.
///
/// # Errors
/// The bucket or the store does not answer, or the programme knows the source no more.
pub async fn cut(app: &Private, import: &mut Import) -> Result<(), Failure> {
    let key = file(&import.id, "file");
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    if app.bucket()?.size(&key).await?.is_some_and(|size| size > most) {
        import.refuse(whole(&FileFault::TooLarge));
        return Ok(());
    }
    let bytes = app.bucket()?.get(&key).await?.unwrap_or_default();
    let (mapping, asked) = mapping(app, import).await?;
    let hash = sha256(&bytes);
    let found = content(&hash, &asked);
    if import.content.as_ref().is_some_and(|said| *said != found) {
        let words = "what was uploaded is another file than was announced by `sha256`".to_owned();
        import.refuse(Whole { code: "file_differs".to_owned(), words, columns: Vec::new(), total: None });
        return Ok(());
    }
    (import.content, import.file) = (Some(found), Some(hash));
    let programmes = app.programmes().await?;
    let programme = programmes.at(import.as_of());
    let source = named(&programme.document().source, &import.source, import.kind.sends());
    let source = &source.map_err(|refusal| Problem::refused(&refusal))?.id;
    let table = match Table::open(&bytes, &columns_of(import.kind, programme), &mapping) {
        Ok(table) => table,
        Err(fault) => {
            import.refuse(whole(&fault));
            return Ok(());
        }
    };
    let identifiers = reading(&programme.document().members)?;
    let cells = Cells::new(&mapping, table.epoch());
    let naming = Naming { header: table.header(), cells, identifiers: &identifiers, source };
    match intake::cut(&table, &naming) {
        Ok((rows, parts)) => {
            let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
            for (place, part) in parts.into_iter().enumerate() {
                app.bucket()?.put(&file(&import.id, &rows_of(u32::try_from(place).unwrap_or(u32::MAX))), part).await?;
            }
            app.bucket()?.put(&file(&import.id, "head.csv"), ErrorFile::head(table.header()).into_bytes()).await?;
            import.cut(rows, count);
        }
        Err(fault) => import.refuse(whole(&fault)),
    }
    Ok(())
}

/// The name of a part.
pub(crate) fn rows_of(part: u32) -> String {
    format!("rows-{part:04}.jsonl")
}
