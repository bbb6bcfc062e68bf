//! A member is given everything that is known of it: gathered file by file, part by part, then put into one archive (rules: privacy 30).

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::kernel::id::{EntryId, MemberId};
use crate::members::facts::MemberFact;
use crate::planted;

/// Who asks again within this time is answered by what was asked for first.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// For how long an archive is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// For how long an address of an archive is good at most.
pub const LINK: SignedDuration = SignedDuration::from_hours(24);

/// How many archives of a member there can be: one a day, each for so many days, and the one that was asked for last.
const ARCHIVES: u64 = 8;

/// What was gathered of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gathered {
    /// In how many parts.
    pub parts: u32,
    /// How many lines or things it has.
    pub rows: u64,
    /// It is whole.
    pub whole: bool,
}

/// How far a file is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which of the people: the member first, then those it stands for.
    pub person: usize,
    /// What of this person was read last.
    pub after: Option<String>,
}

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many lines or things.
    pub rows: u64,
}

/// An archive that can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// Since when.
    pub at: Timestamp,
    /// The SHA-256 of the archive itself.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// What is in it.
    pub files: Vec<Listed>,
}

/// Everything that is known of a member, as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessExport {
    /// Who asked, or for whom somebody did.
    pub member: MemberId,
    /// Which one among those of the member, from 1.
    pub n: u64,
    /// Who asked, as rows of the log name the caller.
    pub by: String,
    /// When; what is recorded later is not in it.
    pub as_of: Timestamp,
    /// Of whom it is: the member, and those it stood for when it was gathered.
    #[serde(default)]
    pub people: Vec<MemberId>,
    /// What is gathered, by file.
    #[serde(default)]
    pub files: BTreeMap<String, Gathered>,
    /// How far the file is that is being gathered.
    #[serde(default)]
    pub place: Place,
    /// What there is to be had, once there is.
    #[serde(default)]
    pub archive: Option<Archive>,
    /// Those that were asked for before, and may still be had.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Earlier>,
    /// It was of somebody else too, who is a member again: it is given to nobody any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub parted: bool,
    /// The member was erased, and everything of it is gone: how many files that were.
    #[serde(default)]
    pub gone: Option<u64>,
}

/// An archive that was asked for before the newest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earlier {
    /// Which one among those of the member.
    pub n: u64,
    /// Who asked.
    pub by: String,
    /// When.
    pub as_of: Timestamp,
    /// Of whom it is.
    pub people: Vec<MemberId>,
    /// What there is to be had.
    pub archive: Archive,
}

impl AccessExport {
    /// One that is to be gathered.
    #[must_use]
    pub fn asked(member: MemberId, n: u64, by: &str, now: Timestamp) -> Self {
        Self {
            member,
            n,
            by: by.to_owned(),
            as_of: now,
            people: Vec::new(),
            files: BTreeMap::new(),
            place: Place::default(),
            archive: None,
            earlier: Vec::new(),
            parted: false,
            gone: None,
        }
    }

    /// The one that is asked for after this: those that may still be had stay so.
    #[must_use]
    pub fn followed(self, by: &str, now: Timestamp) -> Self {
        let next = Self::asked(self.member.clone(), self.n.saturating_add(1), by, now);
        let kept = self.to_be_had(now).is_some();
        let Self { n, by, as_of, people, archive, mut earlier, .. } = self;
        earlier.extend(archive.filter(|_| kept).map(|archive| Earlier { n, by, as_of, people, archive }));
        earlier.retain(|earlier| now < until(&earlier.archive));
        Self { earlier, ..next }
    }

    /// The one of a number: this, or one that was asked for before.
    #[must_use]
    pub fn numbered(self, n: u64) -> Option<Self> {
        if self.n == n {
            return Some(self);
        }
        let Self { member, earlier, gone, .. } = self;
        let Earlier { n, by, as_of, people, archive } = earlier.into_iter().find(|earlier| earlier.n == n)?;
        Some(Self { people, archive: Some(archive), gone, ..Self::asked(member, n, &by, as_of) })
    }

    /// It is gathered of these: what was gathered of others begins anew. False if it goes on.
    pub fn begins_anew(&mut self, people: &[MemberId]) -> bool {
        let others = self.people != people;
        if others {
            self.people = people.to_vec();
            self.files.clear();
            self.place = Place::default();
        }
        others
    }

    /// Who is a member again for whom this one stood is given to nobody else: what was gathered of both goes. Where it is.
    pub fn parts(&mut self, everybody: &[MemberId]) -> Vec<String> {
        let of_others = |people: &[MemberId]| people.iter().any(|one| !everybody.contains(one));
        let mut gone = Vec::new();
        if self.archive.is_some() && of_others(&self.people) {
            self.parted = true;
            self.archive = None;
            gone.push(self.archive_at());
        }
        for earlier in self.earlier.extract_if(.., |earlier| of_others(&earlier.people)) {
            gone.push(archive_at(&self.member, earlier.n));
        }
        gone
    }

    /// What it is called.
    #[must_use]
    pub fn id(&self) -> String {
        named(&self.member, self.n)
    }

    /// Is whoever asks now answered by this one?
    #[must_use]
    pub fn serves(&self, now: Timestamp) -> bool {
        self.gone.is_none() && !self.parted && (self.archive.is_none() || now.duration_since(self.as_of) < AGAIN)
    }

    /// Is there nothing left to be done?
    #[must_use]
    pub const fn rests(&self) -> bool {
        self.gone.is_some() || self.parted || self.archive.is_some()
    }

    /// Until when the archive is kept.
    #[must_use]
    pub fn kept_until(&self) -> Option<Timestamp> {
        self.archive.as_ref().map(until)
    }

    /// The archive, while it is kept.
    #[must_use]
    pub fn to_be_had(&self, now: Timestamp) -> Option<&Archive> {
        self.archive.as_ref().filter(|_| self.gone.is_none() && self.kept_until().is_some_and(|until| now < until))
    }

    /// As a word: where it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> &'static str {
        match (self.rests(), self.to_be_had(now)) {
            _ if self.parted => "withdrawn",
            (false, _) => "preparing",
            (true, Some(_)) => "ready",
            (true, None) => "expired",
        }
    }

    /// The first file of these that is not whole yet.
    #[must_use]
    pub fn next<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        names.into_iter().find(|name| !self.files.get(*name).is_some_and(|file| file.whole))
    }

    /// The number of the part of a file that is gathered next, from 0.
    #[must_use]
    pub fn part(&self, file: &str) -> u32 {
        self.files.get(file).map_or(0, |file| file.parts)
    }

    /// A part of a file was gathered, with so many rows: it goes on after a place, or with the next of so many people, or is whole.
    pub fn took(&mut self, file: &str, rows: u64, after: Option<String>, people: usize) {
        let gathered = self.files.entry(file.to_owned()).or_default();
        gathered.parts = gathered.parts.saturating_add(1);
        gathered.rows = gathered.rows.saturating_add(rows);
        let person = self.place.person;
        self.place = match after {
            Some(after) => Place { person, after: Some(after) },
            None if person.saturating_add(1) < people && !planted!("bug-export-of-one") => {
                Place { person: person.saturating_add(1), after: None }
            }
            None => {
                gathered.whole = true;
                Place::default()
            }
        };
    }

    /// The archive is there: what is told of it.
    #[must_use]
    pub fn facts(&self) -> Vec<MemberFact> {
        if self.gone.is_some() || self.archive.is_none() {
            return Vec::new();
        }
        vec![MemberFact::DataExported { export: self.id() }]
    }

    /// The member is erased: nothing of it stays but that there was one, and how many files go.
    pub fn forget(&mut self, files: u64) {
        (self.gone, self.archive) = (Some(files), None);
        self.earlier.clear();
    }

    /// Where parts are kept until the archive is there.
    #[must_use]
    pub fn part_at(&self, file: &str, part: u32) -> String {
        format!("exports/{}/{file}-{part:04}", self.id())
    }

    /// Where the archive is kept.
    #[must_use]
    pub fn archive_at(&self) -> String {
        archive_at(&self.member, self.n)
    }

    /// Where each part is that was gathered.
    pub fn parts_at(&self) -> impl Iterator<Item = String> + '_ {
        self.files.iter().flat_map(|(name, file)| (0..file.parts).map(|part| self.part_at(name, part)))
    }

    /// Where something of the member can be: archives that may still be kept, all parts of this one, and of files of these names a part that was
    /// put and not noted.
    #[must_use]
    pub fn everything_at<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let archives = (self.n.saturating_sub(ARCHIVES).max(1)..=self.n).map(|n| archive_at(&self.member, n));
        let unnoted = names.into_iter().map(|name| self.part_at(name, self.part(name)));
        archives.chain(self.parts_at()).chain(unnoted).collect()
    }
}

/// Until when an archive is kept.
fn until(archive: &Archive) -> Timestamp {
    archive.at.saturating_add(KEPT).unwrap_or(archive.at)
}

fn named(member: &MemberId, n: u64) -> String {
    EntryId { member: member.clone(), sequence: n }.to_string()
}

fn archive_at(member: &MemberId, n: u64) -> String {
    format!("exports/{}/data.zip", named(member, n))
}
