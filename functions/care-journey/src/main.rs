//! The bootstrap of `care-journey`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(care_journey::Carer::boot, &care_journey::FUNCTION).await
}
