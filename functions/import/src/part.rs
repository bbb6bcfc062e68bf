//! A part of a file: its rows are judged, and what they say is looked at or written.

use domain::members::import::{Counts, Import};
use domain::members::telling::Rules;
use domain::programme::source::named;
use intake::tell;
use lambda::{Failure, Problem};
use loading::{Loaded, Work, load};
use store::StoreError;
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

/// Judges the rows of a part and does what they say. What came of them, and whether there is something to be told.
pub(crate) async fn take_in(
    app: &Importer,
    import: &Import,
    part: Part,
    deadline: Instant,
) -> Result<(Counts, bool), Failure> {
    let bytes = app.bucket().get(&file(&import.id, &rows_of(part.number))).await?.unwrap_or_default();
    let (head, rows) = intake::part(&bytes).map_err(|_no_rows| StoreError::bug("a part of a file is none"))?;
    let (mapping, _) = mapping(app, import).await?;
    let programmes = app.programmes().await?;
    let programme = programmes.at(import.as_of());
    let source = named(&programme.document().source, &import.source, import.kind.sends());
    let work = Work {
        store: app.store(),
        keys: app.keys(),
        import,
        writes: part.writes,
        again: part.again,
        programmes: &programmes,
        rules: Rules::of(programme, import.as_of()),
        source: source.map_err(|refusal| Problem::refused(&refusal))?,
        mapping: &mapping,
        header: (&head.header, head.epoch),
        now: app.now(),
        patience: &|| app.patience(deadline),
    };
    let Loaded { came, points } = load(&work, &rows).await?;
    let (mut counts, lines) = tell(work.header, &rows, &came);
    counts.points = points;
    let faulty = !lines.is_empty();
    if faulty {
        app.bucket().put(&file(&import.id, &faults(part.number)), lines.into_bytes()).await?;
    }
    Ok((counts, faulty))
}
