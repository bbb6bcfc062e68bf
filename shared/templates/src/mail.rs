//! A mail: the same words as plain text and as a page that any program shows. Paragraphs, and links that stand alone as buttons.

use crate::asking::Body;

/// The words at the end of a mail, by language: the first is for any other.
const PREFERENCES: [(&str, &str); 3] = [
    ("en", "Choose what we write to you about, or unsubscribe"),
    ("zh", "选择您想收到的消息，或退订"),
    ("ja", "配信内容の変更・配信停止"),
];

/// A paragraph of a mail.
enum Part<'a> {
    Words(&'a str),
    Button(&'a str, &'a str),
}

pub(crate) fn mail(subject: String, words: &str, locale: &str, preferences: Option<&str>) -> Body {
    let parts: Vec<Part<'_>> = words.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).map(part).collect();
    let ours = preferences.map(|url| (words_of(locale), url));
    let text = parts.iter().map(|part| match part {
        Part::Words(words) => (*words).to_owned(),
        Part::Button(words, url) => format!("{words}: {url}"),
    });
    let text = text.chain(ours.map(|(words, url)| format!("--\n{words}: {url}"))).collect::<Vec<_>>().join("\n\n");
    let page = parts.iter().map(|part| match part {
        Part::Words(words) => format!("<p>{}</p>", escaped(words).replace('\n', "<br>")),
        Part::Button(words, url) => format!(
            "<p><a href=\"{}\" style=\"display:inline-block;padding:12px 20px;border-radius:6px;background:#1d4d3b;color:#ffffff;text-decoration:none\">{}</a></p>",
            escaped(url),
            escaped(words)
        ),
    });
    let page: String = page.collect();
    let ours = ours.map_or_else(String::new, |(words, url)| {
        let link = format!("<a href=\"{}\" style=\"color:#666666\">{}</a>", escaped(url), escaped(words));
        format!("<p style=\"font-size:12px;color:#666666;border-top:1px solid #dddddd;padding-top:12px\">{link}</p>")
    });
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{}</title></head><body style=\"margin:0;background:#f4f4f2\"><div style=\"max-width:560px;margin:0 auto;padding:24px;\
         background:#ffffff;font:16px/1.6 sans-serif;color:#222222\">{page}{ours}</div></body></html>",
        escaped(locale),
        escaped(&subject)
    );
    Body::Mail { subject, text, html }
}

/// One that is nothing but a link is a button.
fn part(text: &str) -> Part<'_> {
    let link = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(')')).and_then(|rest| rest.split_once("]("));
    match link {
        Some((words, url)) if !words.contains(['[', ']']) && !url.contains(['(', ' ', '\n']) => {
            Part::Button(words, url)
        }
        _ => Part::Words(text),
    }
}

/// Every address of a mail that words of the programme link to.
pub(crate) fn links(words: &str) -> Vec<&str> {
    let parts = words.split("\n\n").map(str::trim);
    parts.filter_map(|text| if let Part::Button(_, url) = part(text) { Some(url) } else { None }).collect()
}

fn words_of(locale: &str) -> &'static str {
    let own = PREFERENCES.iter().find(|(language, _)| locale.starts_with(language));
    own.map_or(PREFERENCES[0].1, |(_, words)| words)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}
