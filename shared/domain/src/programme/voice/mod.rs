//! `[[form]]`, `[[survey]]`, `[[theme]]`, `[voice]`: what members are asked, when, and what their words are about.

pub mod form;
mod known;
pub mod survey;
pub mod theme;

pub(super) use self::known::Known;
use crate::programme::finding::Findings;

/// Checks the four sections.
pub(super) fn check(
    forms: &[form::Form],
    surveys: &[survey::Survey],
    (themes, voice): (&[theme::Theme], &theme::Voice),
    known: &Known<'_>,
    findings: &mut Findings,
) {
    form::check(forms, known, findings);
    survey::check(surveys, forms, known, findings);
    theme::check(themes, voice, findings);
}
