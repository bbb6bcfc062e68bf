//! English sentences about three products: how they are meant, and what they are about.

use text::{Dictionary, Kind, Polarity, Theme, Wishes, analyse};

/// A theme, the words that find it, and how those who labelled the sentences call it.
const THEMES: &[(&str, &[&str], &[&str])] = &[
    (
        "size",
        &["size*", "small", "smaller", "tiny", "compact", "bulky", "big", "huge", "pocket"],
        &["size", "small", "compact"],
    ),
    ("battery", &["batter*"], &["batter"]),
    ("screen", &["screen*", "display"], &["screen", "display", "lcd"]),
    ("speakerphone", &["speakerphone*", "speaker phone*", "speaker-phone"], &["speakerphone", "speaker phone"]),
    ("radio", &["radio*", "fm"], &["radio"]),
    ("pictures", &["picture*", "photo*", "snapshot*", "pics", "image*"], &["picture", "photo", "snapshot", "image"]),
    ("odor", &["odor*", "smell*", "stink*", "stench"], &["odor", "smell", "stink"]),
    ("refills", &["refill*", "garbage bag*", "trash bag*", "bags"], &["refill", "bag"]),
    ("software", &["software"], &["software"]),
    ("weight", &["weight", "light", "lightweight", "light-weight", "heavy"], &["weight", "light"]),
    ("reception", &["reception", "signal*"], &["reception", "signal"]),
    ("sound", &["volume", "sound*", "audio"], &["volume", "sound"]),
    ("ringtones", &["ringtone*", "ring tone*", "tones", "rings", "ringer"], &["ring"]),
    ("voice-dialing", &["voice dial*", "voice-dial*", "voice recognition"], &["voice"]),
    ("price", &["price*", "expensive", "cheap", "cost*", "money"], &["price", "cost"]),
    ("use", &["use", "easy", "operate", "easier"], &["use", "operate", "open"]),
    ("menu", &["menu*"], &["menu"]),
    ("memory", &["memory"], &["memory"]),
    ("zoom", &["zoom*"], &["zoom"]),
    ("flash", &["flash"], &["flash"]),
];

struct Sentence {
    text: String,
    aspects: Vec<(String, i64)>,
}

fn read(path: &str) -> Vec<Sentence> {
    let text = std::fs::read_to_string(path).unwrap();
    let sentence = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let aspects = value["aspects"].as_array().unwrap().iter();
        let aspects = aspects.map(|aspect| (aspect[0].as_str().unwrap().to_lowercase(), aspect[1].as_i64().unwrap()));
        Sentence { text: value["text"].as_str().unwrap().to_owned(), aspects: aspects.collect() }
    };
    text.lines().map(sentence).collect()
}

fn dictionary() -> Dictionary {
    let theme = |(id, words, _): &(&str, &[&str], &[&str])| Theme {
        id: (*id).to_owned(),
        kind: Kind::Place,
        zh: Vec::new(),
        en: words.iter().map(|word| (*word).to_owned()).collect(),
    };
    Dictionary::new(&THEMES.iter().map(theme).collect::<Vec<_>>(), &Wishes::default())
}

fn ratio(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole.max(1)).unwrap())
}

/// Prints how well the sentences of a file are read.
pub(crate) fn measure(path: &str) {
    let (sentences, dictionary) = (read(path), dictionary());
    let (mut labelled, mut right, mut silent) = (0, 0, 0);
    let (mut found_right, mut found, mut wanted) = (0, 0, 0);
    for sentence in &sentences {
        let sum: i64 = sentence.aspects.iter().map(|(_, means)| means).sum();
        let analysis = analyse(&sentence.text, &dictionary);
        if sum != 0 {
            labelled += 1;
            silent += usize::from(analysis.sentiment == Polarity::Neutral);
            let well = (analysis.score > 0) == (sum > 0) && analysis.score != 0;
            right += usize::from(well);
            if !well && std::env::args().any(|word| word == "--wrong") {
                println!("{sum} {} {}", analysis.score, sentence.text);
            }
        }
        let named = THEMES.iter().filter(|(_, _, called)| {
            sentence.aspects.iter().any(|(aspect, _)| called.iter().any(|word| aspect.contains(word)))
        });
        let named: Vec<&str> = named.map(|(id, ..)| *id).collect();
        let of_opinion = analysis.themes.iter().filter(|(_, means, _)| *means != Polarity::Neutral);
        let themes: Vec<&str> = of_opinion.map(|(theme, ..)| theme.theme.as_str()).collect();
        found_right += themes.iter().filter(|theme| named.contains(theme)).count();
        found += themes.len();
        wanted += named.len();
    }
    let (precision, recall) = (ratio(found_right, found), ratio(found_right, wanted));
    println!("{} sentences, {labelled} with an opinion", sentences.len());
    println!("  sentiment right {:.4}, silent {:.4}", ratio(right, labelled), ratio(silent, labelled));
    println!(
        "  themes: precision {precision:.4}, recall {recall:.4}, F1 {:.4}",
        2.0 * precision * recall / (precision + recall)
    );
}
