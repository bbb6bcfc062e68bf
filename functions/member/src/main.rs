//! The bootstrap of `member`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::Private::boot, &member::FUNCTION).await
}
