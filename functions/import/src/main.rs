//! The bootstrap of `import`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(import::Importer::boot, &import::FUNCTION).await
}
