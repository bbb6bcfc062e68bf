//! The bootstrap of `event-router`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(event_router::Router::boot, &event_router::FUNCTION).await
}
