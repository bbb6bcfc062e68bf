//! The bootstrap of `tier-evaluation`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::App::boot, &tier_evaluation::FUNCTION).await
}
