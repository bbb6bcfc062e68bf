//! What care, messages and surveys have loaded, in the process that they share here.

use std::sync::Arc;

use aws_config::SdkConfig;
use care_journey::Carer;
use lambda::{App, BootError, Clock, Private, Settings};
use message_dispatch::Dispatcher;
use store::{Jitter, Keys};
use survey_intake::Surveyor;

use crate::drawn;
use crate::master::Named;

/// What they are told: a clock each.
pub(crate) type Told = (Settings, SdkConfig, [Clock; 3], Jitter);

/// Loads them.
pub(crate) async fn of_care(
    (settings, config, [clock, other, third], jitter): Told,
) -> Result<(Carer, Dispatcher, Surveyor), BootError> {
    let carer = Carer::new(&config, settings.clone(), clock, jitter.clone()).await?;
    let keys = Keys::new(Arc::new(Named), drawn::draw());
    let of_messages = App::new(&config, settings.clone(), other, jitter.clone()).await?;
    let of_surveys = App::new(&config, settings.clone(), third, jitter).await?;
    let private = Private::with(of_surveys, keys.clone()).reaching(&config, settings.clone());
    let surveyor = Surveyor::with(private);
    let private = Private::with(of_messages, keys).reaching(&config, settings.clone());
    Ok((carer, Dispatcher::with(private, &config, settings), surveyor))
}
