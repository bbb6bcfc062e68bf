//! What is around every page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::words::Words;

/// How it looks; its hash stands in the policy that lets nothing else look like anything.
pub(crate) const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--line:#6b6b6b;--mark:#0b57d0;--bad:#b3261e}\
*{box-sizing:border-box}\
body{font:1rem/1.6 system-ui,sans-serif;margin:0;padding:1rem;background:var(--paper);color:var(--ink)}\
main{max-width:34rem;margin:0 auto}\
h1{font-size:1.5rem;line-height:1.3;margin:1rem 0}\
h2{font-size:1.125rem;margin:0 0 .5rem}\
fieldset,.ask{border:0;border-top:1px solid var(--line);margin:0 0 1.5rem;padding:1rem 0 0;min-width:0}\
legend,.ask>label{font-weight:600;padding:0;float:left;width:100%;margin-bottom:.75rem}\
.must{font-weight:400}\
.ends{clear:both;display:flex;justify-content:space-between;gap:1rem;margin:0 0 .5rem}\
.numbers{clear:both;display:grid;grid-template-columns:repeat(auto-fill,minmax(2.75rem,1fr));gap:.5rem}\
.list{clear:both;display:grid;gap:.5rem}\
.numbers label,.list label{display:flex;align-items:center;justify-content:center;min-height:2.75rem;min-width:2.75rem;border:2px solid var(--line);border-radius:.5rem;padding:.25rem .5rem;cursor:pointer}\
.list label{justify-content:flex-start;gap:.75rem;padding:.5rem .75rem}\
.numbers input{position:absolute;opacity:0;width:1px;height:1px}\
.list input{width:1.25rem;height:1.25rem;flex:none}\
label:has(:checked){border-color:var(--mark);background:var(--mark);color:#fff}\
textarea,input[type=date],input[type=text]{clear:both;display:block;width:100%;min-height:2.75rem;font:inherit;color:inherit;background:var(--paper);border:2px solid var(--line);border-radius:.5rem;padding:.5rem .75rem}\
.hint{clear:both;margin:0 0 .5rem}\
button,.button{display:inline-block;font:inherit;min-height:2.75rem;padding:.625rem 1.5rem;border:2px solid var(--ink);border-radius:.5rem;background:var(--ink);color:var(--paper);text-decoration:none;cursor:pointer}\
.bad{border:2px solid var(--bad);border-radius:.5rem;padding:1rem;margin:0 0 1.5rem}\
.bad a{color:inherit;display:inline-block;min-height:2.75rem;padding:.5rem 0}\
.bad ul{margin:0;padding:0;list-style:none}\
.error{clear:both;color:var(--bad);font-weight:600;margin:0 0 .5rem}\
:focus-visible,label:has(:focus-visible){outline:3px solid var(--mark);outline-offset:2px}\
@media(prefers-color-scheme:dark){:root{--ink:#f2f2f2;--paper:#121212;--line:#9e9e9e;--mark:#8ab4f8;--bad:#f2b8b5}label:has(:checked){color:#121212}}";

/// A page with a title and what it says.
pub(crate) fn frame(words: &Words, title: &str, says: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(words.locale) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { main { h1 { (title) } (says) } }
        }
    };
    page.into_string()
}

/// A page with one sentence.
pub(crate) fn notice(words: &Words, says: &str) -> String {
    frame(words, words.title, &html! { p role="status" { (says) } })
}
