//! The bootstrap of `reconciliation`.
#![recursion_limit = "256"] // the futures are nested deeply

use lambda::{Clock, Settings};
use reconciliation::Reconciler;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    let boot = async || {
        let settings = Settings::from_env()?;
        Ok(Reconciler::new(&lambda::aws_config(&settings), settings, Clock::system()))
    };
    lambda::serve(boot, |reconciler, trigger| async move { reconciliation::handle(&reconciler, trigger).await }).await
}
