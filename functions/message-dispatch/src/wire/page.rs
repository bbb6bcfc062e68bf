//! The page on which something can be done: in three languages, without a script.

use maud::{DOCTYPE, html};

/// How it looks; its hash stands in the policy that lets nothing else look like anything.
pub(crate) const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.6 system-ui,sans-serif;margin:0;padding:1rem;background:#fff;color:#1a1a1a}\
main{max-width:32rem;margin:10vh auto 0}\
h1{font-size:1.5rem}\
button{font:inherit;padding:.75rem 1.5rem;min-height:2.75rem;border:2px solid #1a1a1a;border-radius:.5rem;background:#1a1a1a;color:#fff}\
:focus-visible{outline:3px solid #0b57d0;outline-offset:2px}\
@media(prefers-color-scheme:dark){body{background:#121212;color:#f2f2f2}button{border-color:#f2f2f2;background:#f2f2f2;color:#121212}}";

/// What it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// It can be done.
    Open,
    /// It was asked for.
    Done,
    /// It is not needed any more.
    Over,
    /// It is too late.
    Late,
    /// There is no such page.
    Unknown,
}

/// The words of a language.
struct Words {
    locale: &'static str,
    title: &'static str,
    ask: &'static str,
    button: &'static str,
    done: &'static str,
    over: &'static str,
    late: &'static str,
    unknown: &'static str,
}

/// The first is for any other.
const WORDS: [Words; 3] = [
    Words {
        locale: "en",
        title: "More time",
        ask: "Do you want more time? One press asks for it.",
        button: "Extend",
        done: "You have asked for more time. We will confirm the new date.",
        over: "This is not needed any more.",
        late: "This link has expired.",
        unknown: "There is no such page.",
    },
    Words {
        locale: "zh-CN",
        title: "一键延期",
        ask: "需要更多时间吗？点击一下即可申请。",
        button: "申请延期",
        done: "已收到您的延期申请，我们会确认新的日期。",
        over: "已无需操作。",
        late: "该链接已过期。",
        unknown: "没有这个页面。",
    },
    Words {
        locale: "ja",
        title: "期限の延長",
        ask: "期限の延長をご希望ですか。ボタンを押すだけで申請できます。",
        button: "延長を申請する",
        done: "延長の申請を受け付けました。新しい期限をお知らせします。",
        over: "このお手続きは不要になりました。",
        late: "このリンクの有効期限が切れています。",
        unknown: "ページが見つかりません。",
    },
];

/// The page.
pub(crate) fn page(locale: &str, shown: Shown) -> String {
    let language = locale.split('-').next().unwrap_or_default();
    let words = WORDS.iter().find(|words| words.locale.split('-').next() == Some(language)).unwrap_or(&WORDS[0]);
    let said = match shown {
        Shown::Open => words.ask,
        Shown::Done => words.done,
        Shown::Over => words.over,
        Shown::Late => words.late,
        Shown::Unknown => words.unknown,
    };
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
                    h1 { (words.title) }
                    p role="status" { (said) }
                    @if shown == Shown::Open {
                        form method="post" { button { (words.button) } }
                    }
                }
            }
        }
    };
    page.into_string()
}
