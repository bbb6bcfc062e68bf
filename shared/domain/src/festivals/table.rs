//! The festivals, by country.

use jiff::civil::Weekday::{Monday, Sunday, Thursday};

use super::festival::Festival;
use super::lunar::Moons::{China, Korea, Vietnam};
use super::rule::Rule::{
    self, Easter, Hebrew, Lunar, MothersDayOfFrance, On, OnSince, OrthodoxEaster, Persian, Qingming, UmmAlQura, Weekday,
};

const fn festival(id: &'static str, country: &'static str, rule: Rule) -> Festival {
    Festival { id, country, region: None, replaces: None, rule }
}

const fn regional(id: &'static str, region: &'static str, replaces: &'static str, rule: Rule) -> Festival {
    // A region is the country's code, a hyphen, and its own.
    let (country, _) = region.split_at(2);
    Festival { id, country, region: Some(region), replaces: Some(replaces), rule }
}

/// The festivals, by country.
pub(super) const FESTIVALS: &[Festival] = &[
    festival("spring-festival", "CN", Lunar(China, 1, 1)),
    festival("lantern", "CN", Lunar(China, 1, 15)),
    festival("qingming", "CN", Qingming),
    festival("mothers-day-cn", "CN", Weekday(5, 2, Sunday, 0)),
    festival("dragon-boat", "CN", Lunar(China, 5, 5)),
    festival("qixi", "CN", Lunar(China, 7, 7)),
    festival("zhongyuan", "CN", Lunar(China, 7, 15)),
    festival("mid-autumn", "CN", Lunar(China, 8, 15)),
    festival("double-ninth", "CN", Lunar(China, 9, 9)),
    festival("singles-day", "CN", On(11, 11)),
    festival("laba", "CN", Lunar(China, 12, 8)),
    festival("spring-festival-sg", "SG", Lunar(China, 1, 1)),
    festival("buddhas-birthday-hk", "HK", Lunar(China, 4, 8)),
    festival("seollal", "KR", Lunar(Korea, 1, 1)),
    festival("parents-day-kr", "KR", On(5, 8)),
    festival("buddhas-birthday-kr", "KR", Lunar(Korea, 4, 8)),
    festival("chuseok", "KR", Lunar(Korea, 8, 15)),
    festival("tet", "VN", Lunar(Vietnam, 1, 1)),
    festival("mid-autumn-vn", "VN", Lunar(Vietnam, 8, 15)),
    festival("mothers-day-jp", "JP", Weekday(5, 2, Sunday, 0)),
    festival("tanabata", "JP", On(7, 7)),
    festival("obon", "JP", On(8, 13)),
    regional("obon-tokyo", "JP-13", "obon", On(7, 13)),
    regional("obon-okinawa", "JP-47", "obon", Lunar(Korea, 7, 13)),
    festival("songkran", "TH", On(4, 13)),
    festival("mothers-day-th", "TH", On(8, 12)),
    festival("ramadan", "SA", UmmAlQura(9, 1)),
    festival("eid-al-fitr", "SA", UmmAlQura(10, 1)),
    festival("eid-al-adha", "SA", UmmAlQura(12, 10)),
    festival("mothers-day-ae", "AE", On(3, 21)),
    festival("nowruz", "IR", Persian(1, 1)),
    festival("passover", "IL", Hebrew(7, 15)),
    festival("rosh-hashanah", "IL", Hebrew(1, 1)),
    festival("hanukkah", "IL", Hebrew(3, 25)),
    festival("easter-us", "US", Easter(0)),
    festival("mothers-day-us", "US", Weekday(5, 2, Sunday, 0)),
    festival("fathers-day-us", "US", Weekday(6, 3, Sunday, 0)),
    festival("halloween-us", "US", On(10, 31)),
    festival("thanksgiving-us", "US", Weekday(11, 4, Thursday, 0)),
    festival("black-friday-us", "US", Weekday(11, 4, Thursday, 1)),
    festival("christmas-us", "US", On(12, 25)),
    festival("thanksgiving-ca", "CA", Weekday(10, 2, Monday, 0)),
    festival("mothers-day-mx", "MX", On(5, 10)),
    festival("day-of-the-dead", "MX", On(11, 2)),
    festival("mothering-sunday", "GB", Easter(-21)),
    festival("mothers-day-fr", "FR", MothersDayOfFrance),
    festival("mothers-day-es", "ES", Weekday(5, 1, Sunday, 0)),
    festival("mothers-day-se", "SE", Weekday(5, -1, Sunday, 0)),
    festival("easter-orthodox", "GR", OrthodoxEaster(0)),
    festival("christmas-ru", "RU", On(1, 7)),
    festival("christmas-ua", "UA", OnSince(2023, (1, 7), (12, 25))),
];
