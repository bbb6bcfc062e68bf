//! What the page says in each language.

use domain::voice::answering::Why;

/// The words of a language.
pub(crate) struct Words {
    pub(crate) locale: &'static str,
    pub(crate) title: &'static str,
    pub(crate) required: &'static str,
    pub(crate) submit: &'static str,
    pub(crate) next: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
    pub(crate) more: &'static str,
    pub(crate) optional: &'static str,
    pub(crate) kept: &'static str,
    pub(crate) thanks: &'static str,
    pub(crate) received: &'static str,
    pub(crate) change: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) cancelled: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) unknown: &'static str,
    missing: &'static str,
    range: &'static str,
    too_long: &'static str,
    too_few: &'static str,
    too_many: &'static str,
    other: &'static str,
}

/// The first is for any other language.
const WORDS: [Words; 3] = [
    Words {
        locale: "en",
        title: "Your feedback",
        required: "required",
        submit: "Send",
        next: "Continue",
        yes: "Yes",
        no: "No",
        more: "One more thing",
        optional: "You can leave this empty.",
        kept: "What you wrote before is kept if you leave this empty.",
        thanks: "Thank you",
        received: "We have received your answer.",
        change: "Change my answer",
        wrong: "Please check your answers",
        closed: "This survey is closed. Thank you for your interest.",
        cancelled: "This question is not needed any more.",
        changed: "Your answer can no longer be changed here. Open the link again to see it.",
        unknown: "There is no such page.",
        missing: "please answer this",
        range: "please choose one of the numbers",
        too_long: "this is too long",
        too_few: "please choose more",
        too_many: "please choose fewer",
        other: "this is not an answer we can take",
    },
    Words {
        locale: "zh-CN",
        title: "您的反馈",
        required: "必填",
        submit: "提交",
        next: "继续",
        yes: "是",
        no: "否",
        more: "再请教一个问题",
        optional: "可以不填。",
        kept: "留空则保留您之前写的内容。",
        thanks: "谢谢您",
        received: "我们已收到您的回答。",
        change: "修改我的回答",
        wrong: "请检查您的回答",
        closed: "本次调查已结束，感谢您的关注。",
        cancelled: "这个问题已无需回答。",
        changed: "您的回答已不能在此修改，请重新打开链接查看。",
        unknown: "没有这个页面。",
        missing: "请回答这个问题",
        range: "请选择其中一个数字",
        too_long: "内容太长",
        too_few: "请多选几项",
        too_many: "选择的项目太多",
        other: "这个回答无法接受",
    },
    Words {
        locale: "ja",
        title: "ご意見をお聞かせください",
        required: "必須",
        submit: "送信する",
        next: "次へ",
        yes: "はい",
        no: "いいえ",
        more: "もう一つ教えてください",
        optional: "空欄でもかまいません。",
        kept: "空欄の場合は、前に書かれた内容が残ります。",
        thanks: "ありがとうございます",
        received: "ご回答を受け付けました。",
        change: "回答を変更する",
        wrong: "ご回答をご確認ください",
        closed: "このアンケートは終了しました。ありがとうございます。",
        cancelled: "このご質問は不要になりました。",
        changed: "ご回答はここでは変更できません。リンクを開き直してご確認ください。",
        unknown: "ページが見つかりません。",
        missing: "お答えください",
        range: "数字を一つお選びください",
        too_long: "長すぎます",
        too_few: "もう少しお選びください",
        too_many: "選択が多すぎます",
        other: "このご回答は受け付けられません",
    },
];

impl Words {
    /// In a language.
    pub(crate) fn of(locale: &str) -> &'static Self {
        let language = locale.split(['-', ',', ';']).next().unwrap_or_default();
        WORDS.iter().find(|words| words.locale.split('-').next() == Some(language)).unwrap_or(&WORDS[0])
    }

    /// Why an answer is none.
    pub(crate) const fn why(&self, why: Why) -> &'static str {
        match why {
            Why::AnswerMissing => self.missing,
            Why::OutOfRange => self.range,
            Why::TooLong => self.too_long,
            Why::TooFew => self.too_few,
            Why::TooMany => self.too_many,
            Why::NotAsked | Why::WrongType | Why::UnknownQuestion | Why::UnknownOption | Why::RepeatedOption => {
                self.other
            }
        }
    }
}
