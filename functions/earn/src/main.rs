//! The bootstrap of `earn`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::App::boot, |app, trigger| async move { earn::handle(&app, trigger).await }).await
}
