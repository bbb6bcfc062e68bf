//! How texts are meant, and in which language.

use text::{Dictionary, Language, Polarity, analyse, plain};

#[track_caller]
fn check(text: &str, language: Language, sentiment: Polarity) {
    let analysis = analyse(text, &Dictionary::default());
    assert_eq!((analysis.language, analysis.sentiment), (language, sentiment), "{text}: {}", analysis.score);
}

// rule: voice 21
#[test]
fn the_language_is_that_of_most_letters() {
    use Polarity::{Neutral, Positive};
    check("包裹", Language::Zh, Neutral);
    check("収到しました、ありがとう", Language::Ja, Neutral);
    check("カメラ", Language::Ja, Neutral);
    check("", Language::En, Neutral);
    check("12345 !!!", Language::En, Neutral);
    check("😀😀", Language::En, Neutral);
    // A fifth of the letters: one of five is enough, one of six is not.
    check("wifi中", Language::Zh, Neutral);
    check("wifis中", Language::En, Neutral);
    check("I bought the 茶 and it is great", Language::En, Positive);
}

// rule: voice 21
#[test]
fn the_same_text_says_the_same_however_it_is_typed() {
    let none = Dictionary::default();
    for (one, other) in [("Great PRODUCT!", "great product!"), ("ＧＲＥＡＴ", "great"), ("很好！", "很好!")] {
        assert_eq!(analyse(one, &none).score, analyse(other, &none).score, "{one}");
    }
    assert_eq!(plain("I’m ＯＫ“"), "i'm ok\"");
}

// rule: voice 22
#[test]
fn negation_degree_and_contrast_are_heeded_in_chinese() {
    use Polarity::{Negative, Neutral, Positive};
    for (text, sentiment) in [
        ("味道很好,下次还会买。", Positive),
        ("一点都不好吃。", Negative),
        ("质量不错,没有失望。", Positive),
        ("包装精美,但是味道难吃,再也不买了。", Negative),
        ("今天下午三点收到包裹。", Neutral),
        ("安装非常麻烦,说明书看不懂。", Negative),
        ("不是不好吃", Positive),
        ("骑手很准时,饭还是热的", Positive),
        ("等了两个小时,汤都洒了", Negative),
        ("价格便宜,但是质量太差", Negative),
        ("质量一般,但是客服特别好", Positive),
        ("订单号是12345。", Neutral),
        ("我住在三楼,门口有电梯", Neutral),
        ("我买了一本书", Neutral),
        ("不好不坏", Neutral),
        ("没有任何问题", Positive),
        ("没有想象中好", Negative),
        ("一点也不贵", Positive),
    ] {
        check(text, Language::Zh, sentiment);
    }
}

// rule: voice 22
#[test]
fn a_degree_makes_a_word_stronger_or_weaker_and_ends_at_punctuation() {
    let score = |text: &str| analyse(text, &Dictionary::default()).score;
    assert!(score("非常满意") > score("满意"));
    assert!(score("有点失望") > score("失望"), "a little is less bad");
    assert!(score("not bad") > 0 && score("not, bad") < 0);
    assert!(score("very good") > score("good") && score("slightly good") < score("good"));
    // What follows a "but" counts double.
    assert_eq!(score("good but bad"), -score("good"));
}

// rule: voice 22
#[test]
fn negation_degree_and_contrast_are_heeded_in_english() {
    use Polarity::{Negative, Neutral, Positive};
    for (text, sentiment) in [
        ("Great product, I love it.", Positive),
        ("Not good at all.", Negative),
        ("The parcel arrived on Tuesday.", Neutral),
        ("I have never been disappointed.", Positive),
        ("It wasn't good.", Negative),
        ("It was n't bad.", Positive),
        ("The food was cold and the driver was rude.", Negative),
        ("No problems so far, works perfectly.", Positive),
        ("Looks nice, but it broke after a week.", Negative),
        ("I would like to change my address.", Neutral),
        ("My order number is 12345.", Neutral),
        ("Couldn’t be happier!", Positive),
        ("There is no smell and it is easy to use", Positive),
        ("We can 't complain , it does n't break", Positive),
        ("Never buying again", Negative),
        ("My brother looks just like me.", Neutral),
    ] {
        check(text, Language::En, sentiment);
    }
}

// rule: voice 21
#[test]
fn hostile_texts_are_read_like_others() {
    let none = Dictionary::default();
    let long = "很好".repeat(200_000);
    assert!(analyse(&long, &none).score > 0);
    for text in [
        "\u{0}\u{7f}",
        "不".repeat(5_000).as_str(),
        "n't".repeat(5_000).as_str(),
        "\u{200d}\u{202e}好",
        "ﷺ".repeat(99).as_str(),
    ] {
        assert_eq!(analyse(text, &none), analyse(text, &none));
    }
}
