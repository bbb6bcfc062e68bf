//! A brand's own dictionary: what its customers write about.

use std::collections::BTreeMap;

use crate::english::{is_word, tokens};
use crate::model::Model;
use crate::plain::plain;

/// What a theme says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Something that goes wrong.
    Cause,
    /// A stage of the way that a customer goes.
    Place,
    /// Something that customers ask for.
    Wish,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Cause, Self::Place, Self::Wish];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cause => "cause",
            Self::Place => "place",
            Self::Wish => "wish",
        }
    }
}

/// A theme as the brand writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Its id.
    pub id: String,
    /// What it says.
    pub kind: Kind,
    /// Words of Chinese, found wherever they stand.
    pub zh: Vec<String>,
    /// Words of English: a whole one, several in a row, or with `*` the beginning of one.
    pub en: Vec<String>,
}

/// What tells a wish.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// In Chinese.
    pub zh: Vec<String>,
    /// In English.
    pub en: Vec<String>,
}

/// A theme that was found in a sentence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Which.
    pub theme: String,
    /// What it says.
    pub kind: Kind,
}

/// Themes and wishes, made ready to be looked for.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    kinds: Vec<(Kind, Entries)>,
    wishes: Entries,
    version: u64,
    model: Option<Model>,
}

/// Words of both languages, each with what it stands for.
#[derive(Debug, Clone, Default)]
struct Entries {
    zh: BTreeMap<char, Vec<(String, String)>>,
    en: BTreeMap<String, Vec<(Vec<String>, String)>>,
}

impl Dictionary {
    /// Of themes and wishes.
    #[must_use]
    pub fn new(themes: &[Theme], wishes: &Wishes) -> Self {
        let kinds = Kind::ALL.into_iter().map(|kind| {
            let of_kind = themes.iter().filter(|theme| theme.kind == kind);
            let mut entries = Entries::default();
            for theme in of_kind {
                entries.add(&theme.id, &theme.zh, &theme.en);
            }
            (kind, entries)
        });
        let mut wished = Entries::default();
        wished.add("wish", &wishes.zh, &wishes.en);
        let said = themes.iter().flat_map(|theme| {
            let words = [theme.zh.join("|"), theme.en.join("|")];
            [theme.id.clone(), theme.kind.name().to_owned()].into_iter().chain(words)
        });
        let said = said.chain([wishes.zh.join("|"), wishes.en.join("|")]);
        let version = fingerprint(said.collect::<Vec<_>>().join("\n").as_bytes());
        Self { kinds: kinds.collect(), wishes: wished, version, model: None }
    }

    /// With a model that the brand has learnt from its own answers, in place of lexicon and model of ours for Chinese.
    #[must_use]
    pub fn with_model(self, model: Model) -> Self {
        let version = fingerprint(&[&self.version.to_le_bytes(), model.write().as_slice()].concat());
        Self { version, model: Some(model), ..self }
    }

    /// The brand's own model.
    pub(crate) fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// What it is called: another dictionary, another name.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// The themes of a plain sentence, each once. A wish needs a word that tells wishes beside it.
    #[must_use]
    pub fn find(&self, sentence: &str) -> Vec<Found> {
        let wished = !self.wishes.find(sentence).is_empty();
        let mut found: Vec<Found> = Vec::new();
        for (kind, entries) in &self.kinds {
            if *kind == Kind::Wish && !wished {
                continue;
            }
            found.extend(entries.find(sentence).into_iter().map(|theme| Found { theme, kind: *kind }));
        }
        found.sort();
        found.dedup();
        found
    }
}

impl Entries {
    fn add(&mut self, id: &str, zh: &[String], en: &[String]) {
        for word in zh.iter().map(|word| plain(word)) {
            let Some(first) = word.chars().next() else { continue };
            let words = self.zh.entry(first).or_default();
            words.push((word, id.to_owned()));
            words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        }
        for phrase in en.iter().map(|phrase| plain(phrase)) {
            let words: Vec<String> = phrase.split_whitespace().map(str::to_owned).collect();
            let Some(first) = words.first() else { continue };
            // Of a beginning of a word the first letters are looked up.
            let key = first.strip_suffix('*').unwrap_or(first);
            let key = key.chars().next().map(String::from).unwrap_or_default();
            let phrases = self.en.entry(key).or_default();
            phrases.push((words, id.to_owned()));
            phrases.sort_by_key(|(words, _)| std::cmp::Reverse((words.len(), words.concat().len())));
        }
    }

    fn find(&self, sentence: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut rest = sentence;
        while let Some(letter) = rest.chars().next() {
            let words = self.zh.get(&letter).into_iter().flatten();
            let longest = words.filter(|(word, _)| rest.starts_with(word.as_str())).map(|(word, _)| word.len()).next();
            if let Some(longest) = longest {
                let words = self.zh.get(&letter).into_iter().flatten();
                let same = words.filter(|(word, _)| word.len() == longest && rest.starts_with(word.as_str()));
                found.extend(same.map(|(_, id)| id.clone()));
            }
            rest = &rest[longest.unwrap_or(letter.len_utf8())..];
        }
        let tokens: Vec<&str> = tokens(sentence).into_iter().filter(|token| is_word(token)).collect();
        let mut place = 0_usize;
        while let Some(token) = tokens.get(place) {
            let key = token.chars().next().map(String::from).unwrap_or_default();
            let mut phrases = self.en.get(&key).into_iter().flatten();
            let here = phrases.find(|(words, _)| stands(words, &tokens[place..]));
            found.extend(here.map(|(_, id)| id.clone()));
            place = place.saturating_add(here.map_or(1, |(words, _)| words.len()));
        }
        found
    }
}

/// Do these words stand at the beginning of a text?
fn stands(words: &[String], tokens: &[&str]) -> bool {
    let is = |word: &str, token: &str| {
        let token = token.strip_suffix("'s").unwrap_or(token);
        word.strip_suffix('*').map_or(word == token, |start| token.starts_with(start))
    };
    words.len() <= tokens.len() && words.iter().zip(tokens).all(|(word, token)| is(word, token))
}

/// FNV-1a.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
