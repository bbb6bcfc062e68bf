//! The bootstrap of `earn`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::App::boot, &earn::FUNCTION).await
}
