//! The bootstrap of `account`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::App::boot, |app, trigger| async move { account::handle(&app, trigger).await }).await
}
