//! The bootstrap of `redeem`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::App::boot, |app, trigger| async move { redeem::handle(&app, trigger).await }).await
}
