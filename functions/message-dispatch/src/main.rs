//! The bootstrap of `message-dispatch`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(message_dispatch::Dispatcher::boot, &message_dispatch::FUNCTION).await
}
