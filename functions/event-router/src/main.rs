//! The bootstrap of `event-router`.

use event_router::Router;
use lambda::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    let boot = async || {
        let settings = Settings::from_env()?;
        Router::new(&lambda::aws_config(&settings), settings)
    };
    lambda::serve(boot, |router, trigger| async move { event_router::handle(&router, trigger).await }).await
}
