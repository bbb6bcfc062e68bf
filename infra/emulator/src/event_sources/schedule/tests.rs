use jiff::tz::TimeZone;
use sam::Expression;
use sam::machine::VirtualClock;
use tokio::sync::mpsc;

use super::*;
use crate::Handler;

/// Two schedules of a function that tells when it was fired, and fails the second one's events in 2027.
fn world() -> (VirtualClock, Schedules, mpsc::UnboundedReceiver<Value>) {
    let clock = VirtualClock::new("2026-03-08T00:00:00Z".parse().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    let handler: Handler = Arc::new(move |event| {
        let fails = event["time"].as_str().unwrap().starts_with("2027");
        tell.send(event).unwrap();
        Box::pin(async move { if fails { Err("on purpose".to_owned()) } else { Ok(Value::Null) } })
    });
    let runtime = Arc::new(Runtime::of("Upkeep", Duration::from_secs(10), handler));
    let schedule = |name: &str, expression: &str, zone: &str| Schedule {
        name: name.to_owned(),
        function: "Upkeep".to_owned(),
        expression: Expression::parse(expression).unwrap(),
        time_zone: TimeZone::get(zone).unwrap(),
    };
    let schedules =
        vec![schedule("nightly", "cron(30 2 * * ? *)", "America/New_York"), schedule("often", "rate(6 hours)", "UTC")];
    let schedules = Schedules::new(schedules, runtime, Clock::Virtual(clock.clone()));
    (clock, schedules, told)
}

/// Which schedules were fired, and for which time.
fn fired(told: &mut mpsc::UnboundedReceiver<Value>) -> Vec<String> {
    let mut fired = Vec::new();
    while let Ok(event) = told.try_recv() {
        let name = event["resources"][0].as_str().unwrap().rsplit('/').next().unwrap();
        fired.push(format!("{name} {}", event["time"].as_str().unwrap()));
    }
    fired
}

#[tokio::test]
async fn what_became_due_is_fired_once_for_its_last_time() {
    let (clock, schedules, mut told) = world();
    schedules.catch_up().await.unwrap();
    assert_eq!(fired(&mut told), [""; 0]);

    // On this day New York has no half past two.
    clock.set("2026-03-08T20:00:00Z".parse().unwrap());
    schedules.catch_up().await.unwrap();
    assert_eq!(fired(&mut told), ["often 2026-03-08T18:00:00Z"]);

    clock.set("2026-03-12T07:00:00Z".parse().unwrap());
    schedules.catch_up().await.unwrap();
    assert_eq!(fired(&mut told), ["often 2026-03-12T06:00:00Z", "nightly 2026-03-12T06:30:00Z"]);
    schedules.catch_up().await.unwrap();
    assert_eq!(fired(&mut told), [""; 0]);
}

#[tokio::test]
async fn a_schedule_is_fired_by_name() {
    let (_, schedules, mut told) = world();
    schedules.fire("nightly").await.unwrap();
    assert_eq!(fired(&mut told), ["nightly 2026-03-08T00:00:00Z"]);
    let error = schedules.fire("weekly").await.unwrap_err();
    assert_eq!(error.to_string(), "there is no schedule weekly (known: nightly, often)");
}

#[tokio::test]
async fn a_failure_is_reported_and_stops_no_other_schedule() {
    let (clock, schedules, mut told) = world();
    clock.set("2027-01-02T12:00:00Z".parse().unwrap());
    let error = schedules.catch_up().await.unwrap_err();
    assert_eq!(error.to_string(), "schedule nightly: on purpose");
    assert_eq!(fired(&mut told), ["nightly 2027-01-02T07:30:00Z", "often 2027-01-02T12:00:00Z"]);
}

#[tokio::test]
async fn an_event_looks_like_one_of_the_scheduler() {
    let (_, schedules, mut told) = world();
    schedules.fire("often").await.unwrap();
    let mut event = told.recv().await.unwrap();
    assert_eq!(event["id"].take().as_str().map(str::len), Some(32));
    assert_eq!(
        event,
        json!({
            "version": "0",
            "id": null,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": "000000000000",
            "time": "2026-03-08T00:00:00Z",
            "region": "us-east-1",
            "resources": ["arn:aws:scheduler:us-east-1:000000000000:schedule/default/often"],
            "detail": {},
        })
    );
}
