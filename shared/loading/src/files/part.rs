//! A part of a file: its rows are judged, and what they say is looked at or written.

use std::sync::{Arc, Mutex, PoisonError};

use domain::members::import::{Counts, Import};
use domain::members::telling::Rules;
use domain::programme::compiled::Programmes;
use domain::programme::source::named;
use intake::tell;
use jiff::Timestamp;
use lambda::{Failure, Private, Problem};
use sheet::{Mapping, Row};
use store::{Patience, StoreError};
use tokio::time::Instant;

use super::cut::{mapping, rows_of};
use super::named::file;
use crate::kinds::load;
use crate::work::{Loaded, Work};

/// Which part, and what is done with it.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Its number, from 0.
    pub number: u32,
    /// It is written, and not only looked at.
    pub writes: bool,
    /// It was begun before: some of it may be written.
    pub again: bool,
}

/// The name of the faults of a part.
fn faults(part: u32) -> String {
    format!("faults-{part:04}.csv")
}

/// A part of the file as it was cut, and with what its rows are done.
pub(crate) struct Cut {
    head: intake::Head,
    pub(crate) rows: Vec<Row>,
    mapping: Mapping,
    programmes: Arc<Programmes>,
}

impl Cut {
    pub(crate) async fn read(app: &Private, import: &Import, part: u32) -> Result<Self, Failure> {
        let bytes = app.bucket()?.get(&file(&import.id, &rows_of(part))).await?.unwrap_or_default();
        let (head, rows) = intake::part(&bytes).map_err(|_no_rows| StoreError::bug("a part of a file is none"))?;
        let (mapping, _) = mapping(app, import).await?;
        Ok(Self { head, rows, mapping, programmes: app.programmes().await? })
    }

    /// With what its rows are done, decided as of an instant.
    pub(crate) fn work<'a>(
        &'a self,
        app: &'a Private,
        import: &'a Import,
        (as_of, part): (Timestamp, Part),
        patience: &'a (dyn Fn() -> Patience + Sync),
    ) -> Result<Work<'a>, Failure> {
        let programme = self.programmes.at(as_of);
        let source = named(&programme.document().source, &import.source, import.kind.sends());
        Ok(Work {
            store: app.store(),
            keys: app.keys(),
            import,
            writes: part.writes,
            again: part.again,
            programmes: &self.programmes,
            rules: Rules::of(programme, as_of),
            source: source.map_err(|refusal| Problem::refused(&refusal))?,
            mapping: &self.mapping,
            header: (&self.head.header, self.head.epoch),
            now: app.now(),
            patience,
            proof: Mutex::default(),
        })
    }
}

/// Judges the rows of a part and does what they say. What came of them, and whether there is something to be told.
///
/// # Errors
/// The bucket or the store does not answer; what is done by then is found when it is done again.
pub async fn take_in(app: &Private, import: &Import, part: Part, deadline: Instant) -> Result<(Counts, bool), Failure> {
    let cut = Cut::read(app, import, part.number).await?;
    let patience = || app.patience(deadline);
    let work = cut.work(app, import, (import.as_of(), part), &patience)?;
    let Loaded { came, points, lengthened } = load(&work, &cut.rows).await?;
    let (mut counts, lines) = tell(work.header, &cut.rows, &came);
    (counts.points, counts.lengthened) = (points, lengthened);
    counts.proof = work.proof.into_inner().unwrap_or_else(PoisonError::into_inner);
    let faulty = !lines.is_empty();
    if faulty {
        app.bucket()?.put(&file(&import.id, &faults(part.number)), lines.into_bytes()).await?;
    }
    Ok((counts, faulty))
}

/// Puts the parts of the file of errors together.
///
/// # Errors
/// The bucket does not answer.
pub async fn faults_told(app: &Private, import: &Import) -> Result<(), Failure> {
    let bucket = app.bucket()?;
    let Some(mut whole) = bucket.get(&file(&import.id, "head.csv")).await? else { return Ok(()) };
    if import.faulty.is_empty() {
        return Ok(());
    }
    for part in &import.faulty {
        whole.extend(bucket.get(&file(&import.id, &faults(*part))).await?.unwrap_or_default());
    }
    bucket.put(&file(&import.id, "errors.csv"), whole).await
}
