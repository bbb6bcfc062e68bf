//! Birthdays and festivals: what comes round each year (rules: care 21, 22).

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use jiff::civil::{Date, date};

use super::deciding::{Decided, Deciding, Why};
use super::entry::Entering;
use super::happening::Happening;
use super::ids::KeyId;
use super::scene::Scene;
use super::state::{Anchor, Care};
use super::when::plus;
use crate::festivals::{self, Festival};
use crate::programme::compiled::Programme;
use crate::programme::condition::{Scalar, Variables};
use crate::programme::journey::{BIRTHDAY, CompiledJourney, LeapDay, Match};

/// Within which a birthday that was edited is not celebrated, in days.
const GUARD_DAYS: i32 = 30;

impl Care {
    /// Enters a member into the journeys of birthdays, if the birthday is so many days ahead.
    #[must_use]
    pub fn celebrate(&self, ahead: RangeInclusive<i32>, scene: Scene<'_>) -> Decided {
        let mut deciding = Deciding::begin(self, scene);
        deciding.celebrate(ahead);
        deciding.decide_due();
        deciding.end()
    }
}

/// When a birthday is in a year.
fn falls_on(born: Date, year: i16, leap_day: LeapDay) -> Date {
    let other = match leap_day {
        LeapDay::Feb28 => date(year, 2, 28),
        LeapDay::Mar1 => date(year, 3, 1),
    };
    Date::new(year, born.month(), born.day()).unwrap_or(other)
}

fn days_from(from: Date, to: Date) -> i32 {
    crate::kernel::time::day_number(to).saturating_sub(crate::kernel::time::day_number(from))
}

impl Deciding<'_> {
    fn celebrate(&mut self, ahead: RangeInclusive<i32>) {
        let (scene, today) = (self.scene, self.scene.today());
        let Some(born) = scene.person.birthday else { return };
        for journey in scene.programme().journeys().iter().filter(|journey| journey.written.enter == BIRTHDAY) {
            let years = [today.year(), today.year().saturating_add(1)];
            let dates = years.map(|year| falls_on(born, year, journey.written.leap_day));
            let Some(on) = dates.into_iter().find(|on| ahead.contains(&days_from(today, *on))) else { continue };
            if let Err(why) = self.wish(journey, on) {
                self.ignore(&journey.written.id, why);
            }
        }
    }

    fn wish(&mut self, journey: &CompiledJourney, on: Date) -> Result<(), Why> {
        let data = Variables::new();
        self.admits(journey, &data)?;
        let edited = self.scene.person.birthday_edited_on;
        if edited.is_some_and(|edited| days_from(edited, on) < GUARD_DAYS) {
            return Err(Why::BirthdayGuard);
        }
        let key = vec![Scalar::Integer(on.year().into())];
        if self.is_known(&journey.written.id, &key) {
            return Err(Why::Already);
        }
        self.enter(Entering { journey, key, anchor: Anchor::Date(on), at: self.scene.now, data })
    }

    fn is_known(&self, journey: &str, key: &[Scalar]) -> bool {
        let id = KeyId::of(journey, key);
        let active = self.care.enrolments.iter().any(|enrolment| enrolment.key_id() == id);
        active || self.care.filed.get(&id).is_some_and(super::state::Filed::is_known)
    }

    /// The festival of the destination before which something was sent, as the key of an enrolment.
    pub(super) fn blessing(
        &self,
        journey: &CompiledJourney,
        wanted: &Match,
        happening: &Happening,
    ) -> Result<Vec<Scalar>, Why> {
        let scene = &self.scene;
        let place = destination(happening).ok_or(Why::UnknownCountry)?;
        let rows = rows(scene.programme(), wanted, place);
        if rows.is_empty() {
            return Err(Why::UnknownCountry);
        }
        if self.had_its_blessing(journey, happening) {
            return Err(Why::Already);
        }
        let (sent, today) = (scene.programme().zone().date(happening.at), scene.today());
        let near = |on: &Date| {
            (0..=wanted.lookahead_days).contains(&days_from(sent, *on)) && days_from(today, *on) >= wanted.min_days
        };
        let years = sent.year()..=plus(sent, wanted.lookahead_days).year();
        let dates =
            years.flat_map(|year| rows.iter().enumerate().flat_map(move |(order, row)| row.in_year(order, year)));
        let key = |id: &str, on: Date| vec![Scalar::Text(id.to_owned()), Scalar::Integer(on.year().into())];
        let open =
            dates.filter(|(on, ..)| near(on)).filter(|(on, _, id)| !self.is_known(&journey.written.id, &key(id, *on)));
        let first = open.min().ok_or(Why::NoFestival)?;
        Ok(key(first.2, first.0))
    }

    /// Was there a blessing with this order?
    fn had_its_blessing(&self, journey: &CompiledJourney, happening: &Happening) -> bool {
        let Some(order) = happening.data.get("order") else { return false };
        let filed = self.care.filed.values().filter_map(|filed| filed.enrolment.as_ref());
        let mut own = self.care.enrolments.iter().chain(filed).filter(|own| own.journey == journey.written.id);
        own.any(|own| own.data.get("order") == Some(order))
    }
}

/// A festival of the programme: when it is.
#[derive(Debug, Clone)]
struct Row<'a> {
    id: &'a str,
    region: Option<&'a str>,
    replaces: Vec<&'a str>,
    dates: Dates<'a>,
}

#[derive(Debug, Clone)]
enum Dates<'a> {
    Worked(&'static Festival),
    Written(&'a [Date]),
}

impl<'a> Row<'a> {
    fn in_year(&self, order: usize, year: i16) -> Vec<(Date, usize, &'a str)> {
        let dates = match self.dates {
            Dates::Worked(festival) => festival.dates(year),
            Dates::Written(dates) => dates.iter().copied().filter(|date| date.year() == year).collect(),
        };
        dates.into_iter().map(|date| (date, order, self.id)).collect()
    }
}

/// Where something was sent: country, and region if it is said.
fn destination(happening: &Happening) -> Option<(&str, Option<&str>)> {
    let country = happening.text("destination").or(happening.text("destination_country"))?;
    Some((country, happening.text("region")))
}

/// The festivals of a place that a journey names, in its order. What holds in a region stands for what it replaces there.
fn rows<'a>(programme: &'a Programme, wanted: &'a Match, (country, region): (&str, Option<&str>)) -> Vec<Row<'a>> {
    let written = &programme.document().festival;
    let row = |id: &'a String| {
        let by_date = written.iter().find(|dated| dated.id == *id && dated.country == country);
        let by_date = by_date.map(|dated| Row {
            id,
            region: dated.region.as_deref(),
            replaces: dated.replaces.iter().map(String::as_str).collect(),
            dates: Dates::Written(&dated.dates),
        });
        by_date.or_else(|| {
            let festival = festivals::named(id).filter(|festival| festival.country == country)?;
            let replaces = festival.replaces.into_iter().collect();
            Some(Row { id, region: festival.region, replaces, dates: Dates::Worked(festival) })
        })
    };
    let rows: Vec<Row<'_>> = wanted.festivals.iter().filter_map(row).collect();
    let here = |row: &&Row<'_>| row.region.is_none() || row.region == region;
    let replaced: Vec<&str> = rows.iter().filter(here).flat_map(|row| row.replaces.iter().copied()).collect();
    rows.iter().filter(here).filter(|row| !replaced.contains(&row.id)).cloned().collect()
}

impl Scene<'_> {
    /// The keys of what is no longer under way that must be known to decide a fact: those it can begin, and those it ends.
    #[must_use]
    pub fn keys(&self, happening: &Happening) -> BTreeSet<KeyId> {
        let mut keys = BTreeSet::new();
        for journey in self.programme().journeys() {
            let written = &journey.written;
            let (begins, ends) =
                (happening.is(&written.enter), journey.exits.iter().any(|exit| happening.is(&exit.on)));
            if begins {
                keys.extend(self.blessings(journey, happening));
            }
            if (begins || ends) && written.r#match.is_none() && written.enter != BIRTHDAY {
                keys.extend(happening.key(&written.key).map(|key| KeyId::of(&written.id, &key)));
            }
        }
        keys
    }

    /// The same of the birthdays to come.
    #[must_use]
    pub fn birthdays(&self) -> BTreeSet<KeyId> {
        let year = i64::from(self.today().year());
        let years = [year, year.saturating_add(1)];
        let own = self.programme().journeys().iter().filter(|journey| journey.written.enter == BIRTHDAY);
        own.flat_map(|journey| years.map(|year| KeyId::of(&journey.written.id, &[Scalar::Integer(year)]))).collect()
    }

    fn blessings(&self, journey: &CompiledJourney, happening: &Happening) -> Vec<KeyId> {
        let wanted = journey.written.r#match.as_ref();
        let Some((wanted, place)) = wanted.zip(destination(happening)) else { return Vec::new() };
        let sent = self.programme().zone().date(happening.at);
        let years = i64::from(sent.year())..=i64::from(plus(sent, wanted.lookahead_days).year());
        let rows = rows(self.programme(), wanted, place);
        let key = |year, row: &Row<'_>| {
            KeyId::of(&journey.written.id, &[Scalar::Text(row.id.to_owned()), Scalar::Integer(year)])
        };
        years.flat_map(|year| rows.iter().map(move |row| key(year, row))).collect()
    }
}
