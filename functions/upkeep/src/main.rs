//! The bootstrap of `upkeep`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::App::boot, |app, trigger| async move { upkeep::handle(&app, trigger).await }).await
}
