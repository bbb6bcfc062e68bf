//! What texts are about.

use text::{BUCKETS, Dictionary, Kind, Model, Polarity, Theme, Versions, Wishes, analyse, is_an_issue};

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn theme(id: &str, kind: Kind, zh: &[&str], en: &[&str]) -> Theme {
    Theme { id: id.to_owned(), kind, zh: words(zh), en: words(en) }
}

fn themes() -> Vec<Theme> {
    vec![
        theme(
            "installation",
            Kind::Cause,
            &["安装", "组装", "装不上", "说明书"],
            &["install*", "assembl*", "set up", "manual"],
        ),
        theme("late", Kind::Cause, &["太慢", "迟到", "超时", "等了很久"], &["late", "too slow", "delay*"]),
        theme("broken", Kind::Cause, &["坏了", "破损", "摔碎"], &["broke", "broken", "defect*"]),
        theme("delivery", Kind::Place, &["送餐", "快递", "配送", "物流"], &["delivery", "courier", "shipping"]),
        theme("support", Kind::Place, &["客服", "售后"], &["support", "customer service", "helpdesk"]),
        theme("after-sale", Kind::Cause, &["售后差"], &["customer service line"]),
        theme("dark-mode", Kind::Wish, &["深色模式", "夜间模式"], &["dark mode"]),
        theme("small-size", Kind::Wish, &["小包装", "小份"], &["smaller pack*", "small size"]),
    ]
}

fn dictionary() -> Dictionary {
    let wishes = Wishes {
        zh: words(&["希望", "建议", "要是能", "最好能"]),
        en: words(&["please add", "would be nice", "i wish"]),
    };
    Dictionary::new(&themes(), &wishes)
}

/// `installation-` is that theme, meant ill; `+` well, `=` neither, `?` left open.
#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let found = analyse(text, &dictionary()).themes;
    let mut said: Vec<String> = found
        .iter()
        .map(|(found, means, _)| {
            let means = match means {
                Polarity::Negative => '-',
                Polarity::Neutral => '=',
                Polarity::Positive => '+',
            };
            format!("{}{}", found.theme, if found.kind == Kind::Wish { '?' } else { means })
        })
        .collect();
    said.sort();
    assert_eq!(said, expected, "{text}");
}

// rule: voice 24
#[test]
fn themes_are_found_with_how_their_sentence_is_meant() {
    check("安装太难了,说明书看不懂。", &["installation-"]);
    check("客服态度很好,很满意。", &["support+"]);
    check("Installing it was a nightmare.", &["installation-"]);
    check("The courier was friendly. The cup arrived broken, very disappointing.", &["broken-", "delivery+"]);
    check("客服说安装很简单,果然很满意。", &["installation+", "support+"]);
    check("快递到了。", &["delivery="]);
    check("物流太慢!客服很耐心。", &["delivery-", "late-", "support+"]);
}

// rule: voice 24
#[test]
fn a_wish_needs_words_that_tell_it() {
    check("深色模式很漂亮。", &[]);
    check("希望有深色模式。", &["dark-mode?"]);
    check("希望下次还来。深色模式很漂亮。", &[]);
    check("Would be nice to have smaller packs.", &["small-size?"]);
    check("I wish there was a dark mode", &["dark-mode?"]);
    check("The dark mode is nice", &[]);
}

// rule: voice 24
#[test]
fn words_of_english_are_whole() {
    check("The chocolate is delicious.", &[]);
    check("We set it up.", &[]);
    check("The set up took hours, terrible.", &["installation-"]);
    check("Manually done.", &[]);
    check("It was delayed and late.", &["late-"]);
    check("The courier's van", &["delivery="]);
}

// rule: voice 24
#[test]
fn the_longest_word_is_found_in_each_kind() {
    // A cause does not hide the place that lies in it.
    check("售后差,很失望。", &["after-sale-", "support-"]);
    check("The customer service line is terrible.", &["after-sale-", "support-"]);
}

// rule: voice 24
#[test]
fn a_theme_counts_once_by_its_first_sentence_with_an_opinion() {
    let analysis = analyse("安装好了。安装很麻烦。安装很简单,满意。", &dictionary());
    assert_eq!(analysis.themes.len(), 1);
    let quiet = analyse("昨天安装。安装很麻烦!", &dictionary());
    assert_eq!((quiet.themes[0].1, quiet.themes[0].2), (Polarity::Negative, 1));
}

// rule: voice 24
#[test]
fn an_issue_is_what_goes_wrong_and_is_meant_ill_or_scored_low() {
    assert!(is_an_issue(Kind::Cause, Polarity::Negative, false));
    assert!(is_an_issue(Kind::Cause, Polarity::Neutral, true));
    assert!(!is_an_issue(Kind::Cause, Polarity::Neutral, false));
    assert!(!is_an_issue(Kind::Cause, Polarity::Positive, true));
    assert!(!is_an_issue(Kind::Place, Polarity::Negative, true));
}

// rule: voice 21
#[test]
fn another_dictionary_has_another_name() {
    let (one, none) = (Versions::of(&dictionary()), Versions::of(&Dictionary::default()));
    assert_eq!(one, Versions::of(&dictionary()));
    assert!(one.words == none.words && one.themes != none.themes);
    assert_eq!(analyse("好", &dictionary()).versions, one);
    let other = Dictionary::new(&themes()[1..], &Wishes::default());
    assert_ne!(Versions::of(&other).themes, one.themes);
}

// rule: voice 23
#[test]
fn a_brand_may_have_a_model_of_its_own_for_chinese() {
    let mut weights = vec![0_i8; BUCKETS];
    weights[text::bucket(&['好'])] = -9;
    let own = Model::new(1, weights);
    assert_eq!(Model::read(&own.write()).unwrap().score("好"), -8);
    assert!(Model::read(&own.write()[1..]).is_none());
    let ours = dictionary();
    let theirs = dictionary().with_model(own);
    assert!(analyse("很好", &ours).score > 0 && analyse("很好", &theirs).score == -8);
    assert_eq!(analyse("very good", &theirs).score, analyse("very good", &ours).score);
    assert_ne!(Versions::of(&theirs).themes, Versions::of(&ours).themes);
    // What themes are meant like, words say.
    assert_eq!(analyse("客服很好", &theirs).themes[0].1, Polarity::Positive);
}
