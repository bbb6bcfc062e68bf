//! What is in the archive of everything that is known of a member, in the member's language.

const TEXTS: [(&str, &str); 3] = [
    (
        "zh-CN",
        "您的个人数据副本\n\n本压缩包包含我们截至 manifest.json 中 as_of 所示时间为止保存的与您有关的全部数据。\n\n\
manifest.json  所含文件清单，以及每个文件的校验值（SHA-256）\n\
profile.json  您的个人资料，每项均注明来源和时间\n\
identifiers.json  您的手机号、邮箱、卡号等标识，注明来源和保存时长（天）\n\
consents.json  您当前的同意状态（now）和全部记录（records）\n\
tags_segments_scores.json  标签、等级、分群和评分，以及它们的含义和计算规则\n\
looks.json  谁（以何种身份）查看过您被遮盖的资料\n\
ledger.jsonl  您的积分账簿，每行一条，最新的在前\n\
orders.jsonl  您的订单和退货，每行一条，最新的在前\n\
signals.jsonl  最近 90 天内不产生积分的行为，每行一条，最新的在前\n\
surveys.jsonl  我们向您做过的调查和您的全部回答，每行一条，最新的在前\n\
tickets.jsonl  您的服务工单及双方的对话，每行一张，最新的在前\n\n\
时间为世界协调时间（UTC）。金额以最小货币单位表示（例如分）。文件采用 UTF-8 编码。\n\
客服人员仅以身份（agent）出现，不包含任何其他人的数据。\n",
    ),
    (
        "en",
        "A copy of your data\n\nThis archive holds everything that we knew about you at the time that manifest.json calls as_of.\n\n\
manifest.json  what is in here, with a checksum (SHA-256) of each file\n\
profile.json  your details, each with where it came from and since when\n\
identifiers.json  your phone numbers, addresses, cards and other names, with their source and age in days\n\
consents.json  what you agree to (now), and every record of it (records)\n\
tags_segments_scores.json  tags, tier, segment and scores, what they mean, and the rules by which they are worked out\n\
looks.json  who has looked at details of yours that are masked, by role\n\
ledger.jsonl  your points, an entry a line, the newest first\n\
orders.jsonl  your orders and returns, one a line, the newest first\n\
signals.jsonl  what you did in the last 90 days that earns no points, one a line, the newest first\n\
surveys.jsonl  what you were asked and all that you answered, one a line, the newest first\n\
tickets.jsonl  your concerns and what was said about them, a ticket a line, the newest first\n\n\
Times are in UTC. Amounts are in the smallest unit of the currency (such as cents). Files are in UTF-8.\n\
People who serve you appear by role (agent) only, and nothing is in here about anybody else.\n",
    ),
    (
        "ja",
        "お客様の情報の写し\n\nこのファイルには、manifest.json の as_of の時点で当社が保管していたお客様の情報がすべて含まれています。\n\n\
manifest.json  収録ファイルの一覧と、各ファイルのチェックサム（SHA-256）\n\
profile.json  お客様の登録情報（出所と日時つき）\n\
identifiers.json  電話番号・メールアドレス・カード番号など（出所と保管日数つき）\n\
consents.json  現在の同意の状況（now）とすべての記録（records）\n\
tags_segments_scores.json  タグ・ランク・区分・スコア、その意味と計算の規則\n\
looks.json  伏せてある情報を閲覧した者（役割のみ）\n\
ledger.jsonl  ポイントの記録（1 行 1 件、新しい順）\n\
orders.jsonl  ご注文と返品（1 行 1 件、新しい順）\n\
signals.jsonl  過去 90 日間の、ポイントの付かない行動（1 行 1 件、新しい順）\n\
surveys.jsonl  アンケートとそのご回答のすべて（1 行 1 件、新しい順）\n\
tickets.jsonl  お問い合わせとそのやり取り（1 行 1 件、新しい順）\n\n\
時刻は協定世界時（UTC）です。金額は通貨の最小単位で表します。文字コードは UTF-8 です。\n\
担当者は役割（agent）だけで示し、ほかの方の情報は含みません。\n",
    ),
];

/// In a language; in the first of ours if it is none of them.
pub(crate) fn readme(locale: &str) -> &'static str {
    TEXTS.iter().find(|(known, _)| *known == locale).map_or(TEXTS[0].1, |(_, text)| text)
}
