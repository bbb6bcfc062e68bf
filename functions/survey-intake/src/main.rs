//! The bootstrap of `survey-intake`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda::BootError> {
    lambda::serve(survey_intake::Surveyor::boot, &survey_intake::FUNCTION).await
}
