//! The bootstrap of `reconciliation`.
#![recursion_limit = "256"] // the futures are nested deeply

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(reconciliation::Reconciler::boot, &reconciliation::FUNCTION).await
}
