//! What every page has: how it looks, in which languages it can be read, and its buttons.

use maud::{DOCTYPE, Markup, html};

use crate::wire::page::words::{LANGUAGES, Words};

/// How it looks; its hash stands in the policy that lets nothing else look like anything.
pub(crate) const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.6 system-ui,sans-serif;margin:0;padding:1rem;background:#fff;color:#1a1a1a}\
main{max-width:42rem;margin:0 auto}\
nav a{margin-right:1rem}\
h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2rem 0 .25rem}\
ul{list-style:none;margin:0;padding:0}\
li{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;justify-content:space-between;padding:.75rem 0;border-top:1px solid #767676}\
li p{margin:0}small{display:block}\
button{font:inherit;padding:.5rem 1.25rem;min-height:2.75rem;border:2px solid #1a1a1a;border-radius:.5rem;background:#fff;color:#1a1a1a}\
button.give{background:#1a1a1a;color:#fff}\
:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}\
[role=status]{border:2px solid #1a1a1a;border-radius:.5rem;padding:.75rem}\
@media(prefers-color-scheme:dark){body{background:#121212;color:#f2f2f2}a{color:#9ecbff}\
button{border-color:#f2f2f2;background:#121212;color:#f2f2f2}button.give{background:#f2f2f2;color:#121212}[role=status]{border-color:#f2f2f2}}";

/// The whole page, around what it says.
pub(super) fn page(words: &Words, said: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(words.locale) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="referrer" content="no-referrer";
                title { (words.title) }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                main {
                    nav {
                        @for other in &LANGUAGES {
                            a href={ "?lang=" (other.locale) } lang=(other.locale) hreflang=(other.locale)
                                aria-current=[(other.locale == words.locale).then_some("true")] { (other.name) }
                        }
                    }
                    h1 { (words.title) }
                    (said)
                }
            }
        }
    };
    page.into_string()
}

/// A button that sends something.
pub(super) fn button(words: &Words, gives: bool, fields: &[(&str, &str)], (label, says): (&str, &str)) -> Markup {
    let class = if gives { "give" } else { "take" };
    html! {
        form method="post" action={ "?lang=" (words.locale) } {
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button class=(class) aria-label=(says) { (label) }
        }
    }
}

/// A page that says one thing.
pub(crate) fn notice(words: &Words, says: &str) -> String {
    page(words, &html! { p role="status" { (says) } })
}
