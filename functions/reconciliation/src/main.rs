//! The bootstrap of `reconciliation`.
#![recursion_limit = "256"] // the futures are nested deeply

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    let settings = lambda::Settings::from_env()?;
    let reconciler = reconciliation::Reconciler::new(&lambda::aws_config(&settings), settings, lambda::Clock::system());
    lambda::serve(reconciler, |reconciler, trigger| async move { reconciliation::handle(&reconciler, trigger).await })
        .await
}
