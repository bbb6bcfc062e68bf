//! What the page says, in its languages.

use domain::programme::channel::Channel;

/// The words of a language.
#[derive(Debug)]
pub(crate) struct Words {
    /// The language, as pages and programmes name it.
    pub(crate) locale: &'static str,
    /// The language in its own words.
    pub(crate) name: &'static str,
    /// What the page is.
    pub(crate) title: &'static str,
    /// What can be done here.
    pub(crate) intro: &'static str,
    /// Nobody is known any more by this link.
    pub(crate) nobody: &'static str,
    /// The link was not made here.
    pub(crate) unknown: &'static str,
    /// The link is old: what it still does, and where a new one is had.
    pub(crate) old: &'static str,
    /// It is done.
    pub(crate) saved: &'static str,
    /// It cannot be done, and nothing was.
    pub(crate) refused: &'static str,
    /// The text is another one now.
    pub(crate) changed: &'static str,
    /// A guardian must agree.
    pub(crate) guardian: &'static str,
    /// To agree.
    pub(crate) give: &'static str,
    /// To take back.
    pub(crate) withdraw: &'static str,
    /// To confirm.
    pub(crate) confirm: &'static str,
    /// To take everything back.
    pub(crate) withdraw_all: &'static str,
    /// What taking everything back means.
    pub(crate) withdraw_all_means: &'static str,
    /// States: given, withdrawn, waiting, never said, always.
    pub(crate) given: &'static str,
    pub(crate) withdrawn: &'static str,
    pub(crate) pending: &'static str,
    pub(crate) none: &'static str,
    pub(crate) always: &'static str,
    pub(crate) by_default: &'static str,
    /// A newer text is to be agreed to.
    pub(crate) stale: &'static str,
    /// Before a date.
    pub(crate) since: &'static str,
    /// Before the number of a version.
    pub(crate) version: &'static str,
    /// Where messages go.
    pub(crate) to: &'static str,
    /// What else there is a right to, of an old link: where it is had.
    pub(crate) rights: &'static str,
    /// A copy of everything, and to be forgotten.
    pub(crate) data: Data,
    purposes: [(&'static str, &'static str); 6],
    channels: [&'static str; 6],
}

impl Words {
    /// The words of a language; of the first if there are none.
    pub(crate) fn of(locale: &str) -> &'static Self {
        LANGUAGES.iter().find(|words| words.locale == locale).unwrap_or(&LANGUAGES[0])
    }

    /// What a purpose is called; by its name in the programme if it is one of its own.
    pub(crate) fn purpose<'a>(&self, id: &'a str) -> &'a str {
        self.purposes.iter().find(|(known, _)| *known == id).map_or(id, |(_, words)| words)
    }

    /// What a channel is called.
    pub(crate) fn channel(&self, channel: Channel) -> &'static str {
        let place = Channel::ALL.iter().position(|known| *known == channel).unwrap_or_default();
        self.channels.get(place).copied().unwrap_or_default()
    }
}

/// The words about a member's data as a whole.
#[derive(Debug)]
pub(crate) struct Data {
    /// What it is about.
    pub(crate) title: &'static str,
    /// To have a copy; what that means; to do it.
    pub(crate) copy: &'static str,
    pub(crate) copy_means: &'static str,
    pub(crate) copy_do: &'static str,
    /// It is being made; it is there, until a date; to get it; where it is.
    pub(crate) copy_waits: &'static str,
    pub(crate) copy_ready: &'static str,
    pub(crate) copy_get: &'static str,
    pub(crate) copy_here: &'static str,
    /// To be forgotten; what that means, after so many `{days}`; to do it.
    pub(crate) erase: &'static str,
    pub(crate) erase_means: &'static str,
    pub(crate) erase_do: &'static str,
    /// It happens, at a time; not to be forgotten.
    pub(crate) erase_waits: &'static str,
    pub(crate) keep: &'static str,
    /// To do none of it.
    pub(crate) back: &'static str,
}

/// All languages of the page.
pub(crate) static LANGUAGES: [Words; 3] = [
    Words {
        locale: "zh-CN",
        name: "中文",
        title: "我的偏好与同意",
        intro: "您可以在这里查看并更改您同意的事项。每一项都可以随时更改，立即生效。",
        nobody: "我们没有保存与此链接相关的任何资料。",
        unknown: "此链接无效。请使用我们发给您的完整链接，或在应用中打开此页面。",
        old: "此链接已过期，仍可用于撤回。若要同意，请在应用中打开此页面，或向客服索取新的链接。",
        saved: "已保存，立即生效。",
        refused: "无法保存，未作任何更改。",
        changed: "文本已更新，请重新阅读后再同意。",
        guardian: "未成年人需要监护人同意，请联系客服。",
        give: "同意",
        withdraw: "撤回",
        confirm: "确认",
        withdraw_all: "全部撤回",
        withdraw_all_means: "撤回所有可以撤回的同意。我们不再向您发送营销或服务消息；账户安全消息除外。",
        given: "已同意",
        withdrawn: "已撤回",
        pending: "待确认：请点击我们发送给您的链接",
        none: "未同意",
        always: "必需，不可撤回",
        by_default: "服务所需，可撤回",
        stale: "文本已更新，需要重新同意",
        since: "自",
        version: "文本版本",
        to: "发送至",
        rights: "您还可以索取您的全部资料，或删除您的账户和资料：请在应用中操作，或联系客服。",
        data: Data {
            title: "我的数据",
            copy: "获取我的数据副本",
            copy_means: "我们会把保存的与您有关的全部资料整理成一个压缩文件，通常几分钟内即可下载。文件保留 7 天。",
            copy_do: "生成副本",
            copy_waits: "正在整理您的资料。请过几分钟再打开此页面。",
            copy_ready: "您的数据副本已准备好，保留至",
            copy_get: "下载副本",
            copy_here: "点击此处下载（链接短期有效，请勿转发）",
            erase: "删除我的账户和数据",
            erase_means: "您的账户将立即关闭，{days} 天后与您有关的资料会被永久删除，积分作废。在此之前您可以在此页面撤销。",
            erase_do: "关闭并删除",
            erase_waits: "您的账户已关闭，资料将被删除，时间：",
            keep: "撤销删除，恢复账户",
            back: "返回",
        },
        purposes: [
            ("marketing", "新品、活动和优惠"),
            ("research", "问卷调查"),
            ("profiling", "个性化推荐"),
            ("sensitive", "敏感资料"),
            ("service", "订单与服务消息"),
            ("security", "账户安全消息"),
        ],
        channels: ["电子邮件", "短信", "应用推送", "企业微信", "电话", "信件"],
    },
    Words {
        locale: "en",
        name: "English",
        title: "My preferences and consents",
        intro: "Here you see what you have agreed to, and change it. Each change takes effect at once.",
        nobody: "We hold nothing that belongs to this link.",
        unknown: "This link is not valid. Use the whole link that we sent you, or open this page in the app.",
        old: "This link is old. It still withdraws. To agree to something, open this page in the app, or ask our service for a new link.",
        saved: "Saved. It takes effect at once.",
        refused: "That could not be saved, and nothing was changed.",
        changed: "The text has changed. Please read it again before you agree.",
        guardian: "A guardian must agree for you. Please contact our service.",
        give: "Agree",
        withdraw: "Withdraw",
        confirm: "Confirm",
        withdraw_all: "Withdraw everything",
        withdraw_all_means: "Withdraws all that can be withdrawn. We no longer send you offers or service messages; messages about the security of your account remain.",
        given: "Agreed",
        withdrawn: "Withdrawn",
        pending: "Waiting: follow the link that we sent you",
        none: "Not agreed",
        always: "Always on: it cannot be withdrawn",
        by_default: "On: it belongs to our service, and can be withdrawn",
        stale: "The text has changed: please agree anew",
        since: "since",
        version: "text version",
        to: "to",
        rights: "You may also have a copy of all your data, or your account and data deleted: in the app, or through our service.",
        data: Data {
            title: "My data",
            copy: "Have a copy of my data",
            copy_means: "We put everything that we know about you into one file, usually within minutes. It is kept for 7 days.",
            copy_do: "Make the copy",
            copy_waits: "Your data is being put together. Open this page again in a few minutes.",
            copy_ready: "The copy of your data is ready. It is kept until",
            copy_get: "Get the copy",
            copy_here: "Download it here (the link is good for a short time: do not pass it on)",
            erase: "Delete my account and data",
            erase_means: "Your account is closed at once. After {days} days all that we know about you is deleted for ever, and your points are gone. Until then you can take it back on this page.",
            erase_do: "Close and delete",
            erase_waits: "Your account is closed, and your data will be deleted at",
            keep: "Keep my account",
            back: "Back",
        },
        purposes: [
            ("marketing", "New products, events and offers"),
            ("research", "Surveys"),
            ("profiling", "Choosing what suits you"),
            ("sensitive", "Sensitive details"),
            ("service", "Messages about orders and service"),
            ("security", "Messages about the security of your account"),
        ],
        channels: ["E-mail", "Text message", "App notification", "WeCom", "Phone call", "Letter"],
    },
    Words {
        locale: "ja",
        name: "日本語",
        title: "お知らせの設定と同意",
        intro: "同意の内容をここで確認し、変更できます。変更はすぐに有効になります。",
        nobody: "このリンクに関する情報は保管していません。",
        unknown: "このリンクは無効です。お送りしたリンク全体を使うか、アプリからこのページを開いてください。",
        old: "このリンクは古くなっています。撤回は引き続きできます。同意するには、アプリからこのページを開くか、サービス窓口に新しいリンクをご請求ください。",
        saved: "保存しました。すぐに有効になります。",
        refused: "保存できませんでした。何も変更されていません。",
        changed: "文面が新しくなりました。もう一度お読みになってから同意してください。",
        guardian: "保護者の同意が必要です。サービス窓口にご連絡ください。",
        give: "同意する",
        withdraw: "撤回する",
        confirm: "確認する",
        withdraw_all: "すべて撤回する",
        withdraw_all_means: "撤回できる同意をすべて撤回します。お得な情報やサービスのお知らせは届かなくなります。アカウントの安全に関するお知らせは除きます。",
        given: "同意済み",
        withdrawn: "撤回済み",
        pending: "確認待ち：お送りしたリンクを開いてください",
        none: "同意していません",
        always: "必須のため撤回できません",
        by_default: "サービスに必要です（撤回できます）",
        stale: "文面が新しくなりました。もう一度同意してください",
        since: "開始日",
        version: "文面の版",
        to: "送信先",
        rights: "保管している情報の写しの請求、アカウントと情報の削除もできます。アプリまたはサービス窓口をご利用ください。",
        data: Data {
            title: "お客様の情報",
            copy: "情報の写しを受け取る",
            copy_means: "当社が保管しているお客様の情報をすべて 1 つのファイルにまとめます。通常は数分で用意でき、7 日間保管されます。",
            copy_do: "写しを作成する",
            copy_waits: "情報をまとめています。数分後にこのページをもう一度開いてください。",
            copy_ready: "情報の写しが用意できました。保管期限：",
            copy_get: "写しを受け取る",
            copy_here: "ここからダウンロード（リンクは短時間のみ有効です。転送しないでください）",
            erase: "アカウントと情報を削除する",
            erase_means: "アカウントはすぐに閉鎖され、{days} 日後にお客様の情報がすべて完全に削除され、ポイントは失効します。それまではこのページで取り消せます。",
            erase_do: "閉鎖して削除する",
            erase_waits: "アカウントは閉鎖されました。情報の削除日時：",
            keep: "削除を取り消す",
            back: "戻る",
        },
        purposes: [
            ("marketing", "新商品・イベント・特典"),
            ("research", "アンケート"),
            ("profiling", "おすすめの選定"),
            ("sensitive", "要配慮情報"),
            ("service", "ご注文とサービスのお知らせ"),
            ("security", "アカウントの安全に関するお知らせ"),
        ],
        channels: ["メール", "SMS", "アプリ通知", "WeCom", "電話", "郵便"],
    },
];
