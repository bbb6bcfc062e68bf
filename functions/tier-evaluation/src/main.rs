//! The bootstrap of `tier-evaluation`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::App::boot, |app, trigger| async move { tier_evaluation::handle(&app, trigger).await }).await
}
