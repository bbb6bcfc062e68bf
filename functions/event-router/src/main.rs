//! The bootstrap of `event-router`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    let settings = lambda::Settings::from_env()?;
    let router = event_router::Router::new(&lambda::aws_config(&settings), settings)?;
    lambda::serve(router, |router, trigger| async move { event_router::handle(&router, trigger).await }).await
}
