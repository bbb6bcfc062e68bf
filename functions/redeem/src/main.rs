//! The bootstrap of `redeem`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::App::boot, &redeem::FUNCTION).await
}
