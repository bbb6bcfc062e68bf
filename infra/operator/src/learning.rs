//! A brand's own model, learnt from its scored answers, and held against what is shipped (rules: voice 23).

use domain::programme::compiled::Programme;
use domain::programme::voice::form::QuestionKind;
use domain::voice::responding::words;
use domain::voice::{Answer, Invitation};
use text::{Dictionary, Language, Model, Sample, analyse, learn, plain};

/// So many answers are enough.
pub const ENOUGH: usize = 2_000;
/// By so much, in basis points of those that were held back, it must be better.
const BETTER_BP: usize = 100;

/// What came of learning.
#[derive(Debug, Clone)]
pub struct Learnt {
    /// From how many answers it was learnt.
    pub from: usize,
    /// How many were held back.
    pub held_back: usize,
    /// How many of those what is shipped reads as they were scored.
    pub shipped: usize,
    /// How many it reads so itself.
    pub own: usize,
    /// The model.
    pub model: Model,
}

impl Learnt {
    /// Is it better by as much as it must be?
    #[must_use]
    pub fn is_better(&self) -> bool {
        (self.own * 10_000).saturating_sub(self.shipped * 10_000) >= self.held_back * BETTER_BP && self.held_back > 0
    }
}

/// What an answer is an example of: Chinese words with a score that is clearly good, or clearly not.
#[must_use]
pub fn sample(invitation: &Invitation, programme: &Programme) -> Option<Sample> {
    let form = &programme.form(&programme.survey(&invitation.survey)?.form)?.written;
    let question = form.scored()?;
    let Answer::Number(score) = invitation.latest()?.answers.get(&question.id)? else { return None };
    let (least, most) = question.scale()?;
    let quarter = (most - least) / 4;
    let (bad, good) = match question.kind {
        QuestionKind::Nps => (6, 9),
        _ => (least + quarter, most - quarter),
    };
    let text = words(invitation);
    let said = !text.is_empty() && Language::of(&plain(&text)) == Language::Zh;
    (said && (*score <= bad || *score >= good)).then_some(Sample { text, good: *score >= good })
}

/// Learns from four of five, and asks about the fifth.
#[must_use]
pub fn learnt(samples: &[Sample]) -> Learnt {
    let (held, others): (Vec<Sample>, Vec<Sample>) = samples.iter().cloned().partition(Sample::is_held_back);
    let model = learn(&others);
    let shipped = Dictionary::default();
    let right = |dictionary: &Dictionary| {
        held.iter().filter(|sample| (analyse(&sample.text, dictionary).score > 0) == sample.good).count()
    };
    let own = right(&shipped.clone().with_model(model.clone()));
    Learnt { from: others.len(), held_back: held.len(), shipped: right(&shipped), own, model }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers in words that this brand's customers use in their own way.
    fn answers(count: usize, said: impl Fn(usize) -> (&'static str, bool)) -> Vec<Sample> {
        let sample = |number| {
            let (word, good) = said(number);
            Sample { text: format!("第{number}次用，{word}"), good }
        };
        (0..count).map(sample).collect()
    }

    // rule: voice 23
    #[test]
    fn a_brands_own_words_are_learnt_and_what_is_no_better_is_not_taken() {
        // Of a scrubbing brush they say it the other way round.
        let own =
            learnt(&answers(ENOUGH, |number| if number % 2 == 0 { ("扎手得很", true) } else { ("绵密得很", false) }));
        assert!(own.is_better() && own.own == own.held_back, "{} of {}", own.own, own.held_back);
        assert!(own.from + own.held_back == ENOUGH && own.held_back > ENOUGH / 6);
        // What the lexicon knows as well it does not read better.
        let known =
            learnt(&answers(ENOUGH, |number| if number % 2 == 0 { ("非常失望", false) } else { ("非常满意", true) }));
        assert!(!known.is_better(), "{} against {}", known.own, known.shipped);
        // Where scores have nothing to do with words nothing can be learnt.
        let chance = learnt(&answers(ENOUGH, |number| ("还行吧", number.count_ones() % 2 == 0)));
        assert!(!chance.is_better(), "{} against {}", chance.own, chance.shipped);
    }
}
