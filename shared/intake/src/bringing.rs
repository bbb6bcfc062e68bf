//! What a row of members says beside fields and consents: since when there was one elsewhere, tags, where the member stands
//! (rules: import 18, 27b).

use domain::members::bringing::{Brought, Stands};
use domain::members::speaking::Speaker;
use domain::members::tag::{Giving, Tags, give};
use domain::members::telling::Rules;
use domain::programme::source::Sends;
use domain::programme::tag::{Tag, Tagger};
use sheet::{Cells, Raw, Stated};

use crate::fault::Fault;
use crate::fields::several;

/// Tags by hand, separated by `;`.
pub(crate) const TAGS: &str = "tags";

/// Where the member stands.
pub(crate) const STATE: &str = "state";

/// Since when the person was a member elsewhere.
pub(crate) const JOINED_ON: &str = "joined_on";

/// What has been read of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bringing {
    pub(crate) brought: Brought,
    pub(crate) stands: Option<Stands>,
}

/// By what it is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct By<'a> {
    pub(crate) rules: Rules<'a>,
    /// The tags that there are.
    pub(crate) dictionary: &'a [Tag],
    pub(crate) speaker: Speaker<'a>,
}

impl Bringing {
    /// Takes what a column says.
    pub(crate) fn take(&mut self, cells: Cells<'_>, (name, raw): (&str, &Raw), by: By<'_>) -> Result<(), Fault> {
        match name {
            TAGS => {
                let text = cells.text(raw).map_err(|fault| Fault::cell(name, fault))?;
                self.brought.tags = stated(name, text)?.map_or(Ok(Tags::new()), |text| tags(&text, by))?;
            }
            STATE => {
                let text = cells.text(raw).map_err(|fault| Fault::cell(name, fault))?;
                let stands = stated(name, text)?.map(|word| word.parse());
                self.stands = stands.transpose().map_err(|words: String| Fault::new(name, "not_an_option", words))?;
            }
            _ => {
                let date = cells.date(raw).map_err(|fault| Fault::cell(name, fault))?;
                self.brought.joined_on = stated(name, date)?;
                if self.brought.joined_on.is_some_and(|date| date > by.rules.today) {
                    return Err(Fault::new(name, "in_future", "that day is still to come"));
                }
            }
        }
        Ok(())
    }
}

/// What is stated; a file clears nothing of it.
fn stated<T>(name: &str, stated: Stated<T>) -> Result<Option<T>, Fault> {
    match stated {
        Stated::Is(value) => Ok(Some(value)),
        Stated::Nothing => Ok(None),
        Stated::Clear => Err(Fault::new(name, "not_clearable", "a file only adds to it")),
    }
}

/// Tags, each until its last day: given as by an administrator, by a source that sends tags.
fn tags(text: &str, By { rules, dictionary, speaker }: By<'_>) -> Result<Tags, Fault> {
    if !matches!(speaker, Speaker::Source(source) if source.sends.contains(&Sends::Tags)) {
        return Err(Fault::new(TAGS, "not_sent_by_source", "this source is not declared to send tags"));
    }
    let given = several(text).map(|tag| {
        let giving = Giving { tag, by: Tagger::Admin, until: None };
        let until = give(dictionary, &Tags::new(), giving, rules.today);
        until.map(|until| (tag.to_owned(), until)).map_err(|refusal| Fault::refused(TAGS, &refusal))
    });
    given.collect()
}
