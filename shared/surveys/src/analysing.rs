//! What words mean, by the dictionaries of a programme (rules: voice 21-24).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::programme::compiled::Programme;
use domain::programme::voice::theme::{Theme, ThemeKind};
use domain::voice::{Analysis, Themed};
use store::{Store, StoreError};
use text::{Dictionary, Kind, Model, Wishes, analyse};

/// How many dictionaries a process keeps.
const MOST: usize = 4;

/// Dictionaries by the number of their programme: made once.
#[derive(Debug, Default)]
pub struct Dictionaries(Mutex<BTreeMap<u32, Arc<Dictionary>>>);

impl Dictionaries {
    /// What words mean by the themes of a programme; nothing if there are none.
    #[must_use]
    pub fn analysed(&self, words: &str, programme: &Programme) -> Option<Analysis> {
        if words.is_empty() {
            return None;
        }
        let said = analyse(words, &self.of(programme));
        let themes = said.themes.iter().map(|(found, means, sentence)| Themed {
            theme: found.theme.clone(),
            kind: found.kind.name().to_owned(),
            polarity: means.name().to_owned(),
            sentence: u32::try_from(*sentence).unwrap_or(u32::MAX),
        });
        Some(Analysis {
            language: said.language.name().to_owned(),
            sentiment: said.sentiment.name().to_owned(),
            score: said.score,
            themes: themes.collect(),
            dictionaries: format!("{:016x}.{:016x}", said.versions.words, said.versions.themes),
        })
    }

    /// Makes the dictionary of a programme ready, with the brand's own model if it names one. Nothing is read with another.
    ///
    /// # Errors
    /// What DynamoDB says, or the model is not there.
    pub async fn ready(&self, store: &Store, programme: &Programme) -> Result<(), StoreError> {
        let Some(hash) = &programme.document().voice.model else { return Ok(()) };
        if self.known().contains_key(&programme.number) {
            return Ok(());
        }
        let hash = hash.parse().map_err(|_words: String| StoreError::bug("a programme names a model by its hash"))?;
        let model = store.model(hash).await?.and_then(|bytes| Model::read(&bytes));
        let model = model.ok_or_else(|| StoreError::bug("the programme names a model that is not kept here"))?;
        self.keep(programme, dictionary(programme).with_model(model));
        Ok(())
    }

    fn of(&self, programme: &Programme) -> Arc<Dictionary> {
        let known = self.known().get(&programme.number).cloned();
        known.unwrap_or_else(|| self.keep(programme, dictionary(programme)))
    }

    fn keep(&self, programme: &Programme, dictionary: Dictionary) -> Arc<Dictionary> {
        let mut known = self.known();
        if known.len() >= MOST {
            known.pop_first();
        }
        Arc::clone(known.entry(programme.number).or_insert_with(|| Arc::new(dictionary)))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<u32, Arc<Dictionary>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn dictionary(programme: &Programme) -> Dictionary {
    let document = programme.document();
    let theme = |theme: &Theme| text::Theme {
        id: theme.id.clone(),
        kind: match theme.kind {
            ThemeKind::Cause => Kind::Cause,
            ThemeKind::Place => Kind::Place,
            ThemeKind::Wish => Kind::Wish,
        },
        zh: theme.zh.clone(),
        en: theme.en.clone(),
    };
    let themes: Vec<text::Theme> = document.theme.iter().map(theme).collect();
    let wish = &document.voice.wish;
    Dictionary::new(&themes, &Wishes { zh: wish.zh.clone(), en: wish.en.clone() })
}
