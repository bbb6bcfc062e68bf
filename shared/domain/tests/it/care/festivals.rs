//! The dates of festivals, against almanacs.

use domain::festivals::{YEARS, all, named};
use jiff::civil::Date;

/// Each festival, and when it was or will be in 2024, 2025 and 2026.
const KNOWN: &str = "
spring-festival 2024-02-10 2025-01-29 2026-02-17
spring-festival-sg 2024-02-10 2025-01-29 2026-02-17
lantern 2024-02-24 2025-02-12 2026-03-03
qingming 2024-04-04 2025-04-04 2026-04-05
dragon-boat 2024-06-10 2025-05-31 2026-06-19
qixi 2024-08-10 2025-08-29 2026-08-19
zhongyuan 2024-08-18 2025-09-06 2026-08-27
mid-autumn 2024-09-17 2025-10-06 2026-09-25
double-ninth 2024-10-11 2025-10-29 2026-10-18
laba 2024-01-18 2025-01-07 2026-01-26
seollal 2024-02-10 2025-01-29 2026-02-17
chuseok 2024-09-17 2025-10-06 2026-09-25
buddhas-birthday-kr 2024-05-15 2025-05-05 2026-05-24
tet 2024-02-10 2025-01-29 2026-02-17
obon 2024-08-13 2025-08-13 2026-08-13
obon-tokyo 2024-07-13 2025-07-13 2026-07-13
obon-okinawa 2024-08-16 2025-09-04 2026-08-25
tanabata 2024-07-07 2025-07-07 2026-07-07
songkran 2024-04-13 2025-04-13 2026-04-13
buddhas-birthday-hk 2024-05-15 2025-05-05 2026-05-24
eid-al-fitr 2024-04-10 2025-03-30 2026-03-20
eid-al-adha 2024-06-16 2025-06-06 2026-05-27
ramadan 2024-03-11 2025-03-01 2026-02-18
hanukkah 2024-12-26 2025-12-15 2026-12-05
rosh-hashanah 2024-10-03 2025-09-23 2026-09-12
passover 2024-04-23 2025-04-13 2026-04-02
christmas-us 2024-12-25 2025-12-25 2026-12-25
christmas-ru 2024-01-07 2025-01-07 2026-01-07
christmas-ua 2024-12-25 2025-12-25 2026-12-25
easter-us 2024-03-31 2025-04-20 2026-04-05
easter-orthodox 2024-05-05 2025-04-20 2026-04-12
thanksgiving-us 2024-11-28 2025-11-27 2026-11-26
thanksgiving-ca 2024-10-14 2025-10-13 2026-10-12
black-friday-us 2024-11-29 2025-11-28 2026-11-27
mothers-day-us 2024-05-12 2025-05-11 2026-05-10
mothering-sunday 2024-03-10 2025-03-30 2026-03-15
mothers-day-fr 2024-05-26 2025-05-25 2026-05-31
mothers-day-es 2024-05-05 2025-05-04 2026-05-03
mothers-day-jp 2024-05-12 2025-05-11 2026-05-10
mothers-day-cn 2024-05-12 2025-05-11 2026-05-10
mothers-day-th 2024-08-12 2025-08-12 2026-08-12
mothers-day-mx 2024-05-10 2025-05-10 2026-05-10
mothers-day-se 2024-05-26 2025-05-25 2026-05-31
mothers-day-ae 2024-03-21 2025-03-21 2026-03-21
parents-day-kr 2024-05-08 2025-05-08 2026-05-08
fathers-day-us 2024-06-16 2025-06-15 2026-06-21
halloween-us 2024-10-31 2025-10-31 2026-10-31
nowruz 2024-03-20 2025-03-21 2026-03-21
day-of-the-dead 2024-11-02 2025-11-02 2026-11-02
singles-day 2024-11-11 2025-11-11 2026-11-11
";

/// Years in which a calendar does what one would not expect, from almanacs.
const AWKWARD: &str = "
spring-festival 2034-02-19
mid-autumn 2033-09-08
spring-festival 2030-02-03
tet 2030-02-02
seollal 2028-01-27
spring-festival 2028-01-26
tet 2028-01-26
easter-us 2038-04-25
easter-us 2035-03-25
easter-orthodox 2027-05-02
mothers-day-fr 2039-06-05
mothers-day-fr 2040-05-27
mothering-sunday 2035-03-04
christmas-ua 2022-01-07
christmas-ua 2023-12-25
qingming 2044-04-04
qingming 2038-04-05
qingming 2042-04-04
qingming 2023-04-05
";

fn dates(id: &str, year: i16) -> Vec<Date> {
    named(id).unwrap_or_else(|| panic!("{id}")).dates(year)
}

// rule: care 22
#[test]
fn festivals_fall_where_almanacs_say() {
    let mut seen = 0;
    for line in KNOWN.lines().filter(|line| !line.is_empty()) {
        let mut words = line.split(' ');
        let id = words.next().unwrap();
        for (year, known) in (2024..).zip(words) {
            assert_eq!(dates(id, year), [known.parse::<Date>().unwrap()], "{id} in {year}");
            seen += 1;
        }
    }
    assert_eq!(seen, 150);
    for line in AWKWARD.lines().filter(|line| !line.is_empty()) {
        let (id, known) = line.split_once(' ').unwrap();
        let known: Date = known.parse().unwrap();
        assert_eq!(dates(id, known.year()), [known], "{line}");
    }
}

// rule: care 22
#[test]
fn every_year_has_every_festival_of_the_sun_once_and_no_other_year_has_any() {
    for festival in all() {
        for year in YEARS {
            let dates = festival.dates(year);
            assert!(dates.iter().all(|date| date.year() == year), "{} {dates:?}", festival.id);
            let wanders = ["ramadan", "eid-al-fitr", "eid-al-adha", "laba"].contains(&festival.id);
            assert!(dates.len() == 1 || wanders, "{} {year}: {dates:?}", festival.id);
        }
        assert!(festival.dates(2019).is_empty() && festival.dates(2051).is_empty());
    }
    // 33 years of the sun are 34 without it.
    let eids: usize = YEARS.map(|year| dates("eid-al-fitr", year).len()).sum();
    assert_eq!(eids, 32);
    assert_eq!(dates("eid-al-fitr", 2033).len(), 2);
}

// rule: care 22
#[test]
fn what_holds_in_a_region_stands_for_what_holds_in_its_country() {
    for festival in all() {
        assert_eq!(festival.region.is_some(), festival.replaces.is_some());
        let Some((region, replaces)) = festival.region.zip(festival.replaces) else { continue };
        assert!(region.starts_with(&format!("{}-", festival.country)));
        assert_eq!(named(replaces).map(|other| other.country), Some(festival.country));
    }
}
