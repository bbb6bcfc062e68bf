//! `earn` as it is, on the SDK as it comes: default features, and whatever `load_defaults` finds.

use aws_config::BehaviorVersion;
use lambda::{App, BootError, Clock, Settings};
use store::Jitter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BootError> {
    let boot = async || {
        let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
        App::new(&aws, Settings::from_env()?, Clock::system(), Jitter::random()).await
    };
    lambda::serve(boot, &earn::FUNCTION).await
}
