//! The bootstrap of `upkeep`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::App::boot, &upkeep::FUNCTION).await
}
