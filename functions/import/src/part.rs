//! A part of a file: its rows are judged, and what they say is looked at or written.

use std::sync::Arc;

use domain::members::import::{Counts, Import};
use domain::members::telling::Rules;
use domain::programme::compiled::Programmes;
use domain::programme::source::named;
use intake::tell;
use jiff::Timestamp;
use lambda::{Failure, Problem};
use loading::{Loaded, Work, load};
use sheet::{Mapping, Row};
use store::{Patience, StoreError};
use tokio::time::Instant;

use crate::context::Importer;
use crate::cut::{mapping, rows_of};
use crate::imports::file;

/// Which part, and what is done with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) number: u32,
    /// It is written, and not only looked at.
    pub(crate) writes: bool,
    /// It was begun before: some of it may be written.
    pub(crate) again: bool,
}

/// The name of the faults of a part.
pub(crate) fn faults(part: u32) -> String {
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
    pub(crate) async fn read(app: &Importer, import: &Import, part: u32) -> Result<Self, Failure> {
        let bytes = app.bucket().get(&file(&import.id, &rows_of(part))).await?.unwrap_or_default();
        let (head, rows) = intake::part(&bytes).map_err(|_no_rows| StoreError::bug("a part of a file is none"))?;
        let (mapping, _) = mapping(app, import).await?;
        Ok(Self { head, rows, mapping, programmes: app.programmes().await? })
    }

    /// With what its rows are done, decided as of an instant.
    pub(crate) fn work<'a>(
        &'a self,
        app: &'a Importer,
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
        })
    }
}

/// Judges the rows of a part and does what they say. What came of them, and whether there is something to be told.
pub(crate) async fn take_in(
    app: &Importer,
    import: &Import,
    part: Part,
    deadline: Instant,
) -> Result<(Counts, bool), Failure> {
    let cut = Cut::read(app, import, part.number).await?;
    let patience = || app.patience(deadline);
    let work = cut.work(app, import, (import.as_of(), part), &patience)?;
    let Loaded { came, points } = load(&work, &cut.rows).await?;
    let (mut counts, lines) = tell(work.header, &cut.rows, &came);
    counts.points = points;
    let faulty = !lines.is_empty();
    if faulty {
        app.bucket().put(&file(&import.id, &faults(part.number)), lines.into_bytes()).await?;
    }
    Ok((counts, faulty))
}
