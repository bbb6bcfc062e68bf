//! The bootstrap of `event-router`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    let router = event_router::Router::new(&lambda::aws_config().await, lambda::Settings::from_env()?)?;
    lambda::serve(router, |router, trigger| async move { event_router::handle(&router, trigger).await }).await
}
