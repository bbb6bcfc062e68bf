//! The bootstrap of `service-desk`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(lambda::Private::boot, &service_desk::FUNCTION).await
}
