//! What is asked beside the ledger, context by context.

use crate::{Ledger, care, desk, imports, members, signals, voice};

/// All of them.
pub(crate) async fn all(ledger: &mut Ledger) {
    members::all(ledger).await;
    signals(ledger).await;
    imports::imports(ledger).await;
    care::all(ledger).await;
    voice::all(ledger).await;
    desk::all(ledger).await;
}
