//! Which column holds what (rule: import 10).

use std::collections::BTreeSet;

use domain::members::text::cleaned;
use serde::{Deserialize, Serialize};

use crate::fault::FileFault;
use crate::mapping::Mapping;

/// What a file of a kind may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The field.
    pub field: String,
    /// No file does without it.
    pub required: bool,
}

/// Which column holds what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// As the header has it, by place.
    pub names: Vec<String>,
    /// What each column holds and to how many digits its numbers are filled; nothing is taken in of the others.
    pub fields: Vec<Option<(String, Option<u8>)>>,
}

/// What a file of errors has beside the columns of the file that it is of: read again, they say nothing.
pub const ERROR_COLUMNS: [&str; 5] = ["row", "column", "field", "code", "message"];

/// By what else fields are known, in the header's simplest form.
const SYNONYMS: &[(&str, &[&str])] = &[
    (
        "external_id",
        &[
            "id",
            "customer id",
            "customer no",
            "customer number",
            "customer code",
            "member id",
            "member no",
            "member number",
            "user id",
            "客户编号",
            "客户号",
            "客户id",
            "会员编号",
            "会员号",
            "会员id",
            "编号",
            "用户编号",
            "用户id",
            "顧客番号",
            "顧客id",
            "会員番号",
            "会員id",
        ],
    ),
    ("card", &["card no", "card number", "member card", "会员卡号", "会员卡", "卡号", "カード番号", "会員カード番号"]),
    (
        "phone",
        &[
            "phone number",
            "mobile",
            "mobile number",
            "mobile phone",
            "telephone",
            "tel",
            "cell",
            "手机号",
            "手机",
            "手机号码",
            "电话",
            "电话号码",
            "联系电话",
            "移动电话",
            "電話番号",
            "電話",
            "携帯電話",
            "携帯番号",
        ],
    ),
    (
        "email",
        &[
            "e mail",
            "mail",
            "email address",
            "e mail address",
            "邮箱",
            "电子邮箱",
            "电子邮件",
            "邮件",
            "メール",
            "メールアドレス",
        ],
    ),
    ("wecom", &["wecom id", "企业微信", "企业微信id"]),
    (
        "name",
        &[
            "full name",
            "customer name",
            "member name",
            "姓名",
            "名字",
            "客户姓名",
            "会员姓名",
            "氏名",
            "名前",
            "お名前",
        ],
    ),
    ("given_name", &["first name", "名", "下の名前"]),
    ("family_name", &["last name", "surname", "姓"]),
    ("birthday", &["date of birth", "birth date", "birthdate", "dob", "生日", "出生日期", "生年月日", "誕生日"]),
    ("gender", &["sex", "性别", "性別"]),
    ("country", &["国家", "国家代码", "国"]),
    ("address.country", &["address country", "地址国家"]),
    ("address.region", &["province", "state", "region", "省", "省份", "都道府県"]),
    ("address.city", &["city", "城市", "市", "市区町村"]),
    ("address.postcode", &["postcode", "postal code", "zip", "zip code", "邮编", "邮政编码", "郵便番号"]),
    ("address.lines", &["address", "street", "street address", "地址", "详细地址", "住所"]),
    ("locale", &["language", "语言", "言語"]),
    ("zone", &["time zone", "timezone", "时区", "タイムゾーン"]),
    ("points", &["point", "balance", "points balance", "积分", "积分余额", "可用积分", "ポイント", "ポイント残高"]),
    (
        "earned_on",
        &["earned", "earned date", "date earned", "获得日期", "获取日期", "积分获得日期", "獲得日", "付与日"],
    ),
    (
        "expires_on",
        &[
            "expires",
            "expiry",
            "expiry date",
            "expiration date",
            "valid until",
            "到期日",
            "到期日期",
            "过期日期",
            "有效期至",
            "失効日",
            "有効期限",
        ],
    ),
    ("last_activity", &["last active", "last activity date", "最后活跃日期", "最近活跃日期", "最終利用日"]),
    ("activates_on", &["activates", "activation date", "active from", "生效日", "生效日期", "有効開始日"]),
    ("tier", &["level", "member level", "tier name", "等级", "会员等级", "级别", "ランク", "会員ランク"]),
    ("since", &["tier since", "开始日期", "起始日期", "等级开始日期", "開始日"]),
    ("until", &["tier until", "结束日期", "截止日期", "等级到期日", "終了日"]),
    ("activity", &["activity type", "event type", "行为", "行为类型"]),
    ("id", &["event id", "行为编号"]),
    ("occurred_at", &["occurred", "happened at", "发生时间", "日時"]),
    ("order_id", &["order", "order no", "order number", "订单号", "订单编号", "注文番号"]),
    ("paid_at", &["paid on", "order date", "paid", "付款时间", "下单时间", "支付时间", "注文日"]),
    ("amount", &["net", "net amount", "paid amount", "实付金额", "金额", "支払額"]),
    ("earned_points", &["points earned", "获得积分", "付与ポイント"]),
    ("period_from", &["period start", "period since", "周期开始日期", "统计开始日期", "期間開始日"]),
    ("month", &["月份", "月", "年月"]),
    ("lifetime_points", &["lifetime", "total points earned", "累计积分", "历史累计积分", "累計ポイント"]),
    ("held_for", &["booking", "booking number", "预订号", "占用单号", "予約番号"]),
    ("held_until", &["hold until", "booking until", "冻结至", "占用至"]),
    ("tags", &["tag", "labels", "标签", "タグ"]),
    ("state", &["status", "状态", "会员状态", "状態"]),
    (
        "joined_on",
        &[
            "joined",
            "join date",
            "member since",
            "registration date",
            "registered on",
            "入会日期",
            "注册日期",
            "入会日",
            "登録日",
        ],
    ),
];

/// As two names are compared: NFKC, trimmed, folded.
fn folded(name: &str) -> String {
    cleaned(name).to_lowercase()
}

/// As a name is compared with those of fields: the marks between words are one space.
fn plain(name: &str) -> String {
    let spaced = folded(name).replace(['_', '-', '\n', '\r', '\t'], " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Which field a column is known to hold by its name.
fn known<'a>(name: &str, columns: &'a [Column]) -> Option<&'a str> {
    let (folded, plain_name) = (folded(name), plain(name));
    let by_name = columns.iter().find(|column| column.field == folded || plain(&column.field) == plain_name);
    let named = || {
        let of = |field: &str| SYNONYMS.iter().find(|(known, _)| *known == field).map_or(&[][..], |(_, names)| names);
        columns.iter().find(|column| of(&column.field).contains(&plain_name.as_str()))
    };
    by_name.or_else(named).map(|column| column.field.as_str())
}

impl Header {
    /// Finds out which column holds what.
    ///
    /// # Errors
    /// Two columns are one; one that is needed or named is missing; nobody has said what one holds; or there are too many.
    pub fn find(names: &[String], columns: &[Column], mapping: &Mapping) -> Result<Self, FileFault> {
        // What stands to the right of the last name has none.
        let width = names.iter().rposition(|name| !cleaned(name).is_empty()).map_or(0, |last| last + 1);
        let names: Vec<String> = names.iter().take(width).map(|name| cleaned(name)).collect();
        if names.is_empty() {
            return Err(FileFault::EmptyFile);
        }
        if names.len() > crate::MOST_COLUMNS {
            return Err(FileFault::TooManyColumns);
        }
        let told = names.len().checked_sub(ERROR_COLUMNS.len()).filter(|from| names[*from..] == ERROR_COLUMNS);
        let told = told.unwrap_or(names.len());
        let mapped = |name: &str| mapping.columns.iter().find(|(known, _)| folded(known) == folded(name));
        let ignored = |name: &str| mapping.ignore.iter().any(|known| folded(known) == folded(name));
        let (mut fields, mut unmapped) = (Vec::new(), Vec::new());
        for (place, name) in names.iter().enumerate() {
            let found = match mapped(name) {
                _ if name.is_empty() || place >= told => None,
                Some((_, to)) => Some((to.field().to_owned(), to.zero_pad())),
                None if ignored(name) => None,
                None => known(name, columns).map(|field| (field.to_owned(), None)),
            };
            let declared = found.as_ref().is_none_or(|(field, _)| columns.iter().any(|column| column.field == *field));
            let silent =
                name.is_empty() || place >= told || ignored(name) || mapping.ignore.iter().any(|known| known == "*");
            if !declared || (found.is_none() && !silent) {
                unmapped.push(name.clone());
            }
            fields.push(found);
        }
        let header = Self { names, fields };
        header.twice()?;
        if !unmapped.is_empty() {
            return Err(FileFault::UnmappedColumn { columns: unmapped });
        }
        let absent = |name: &&String| !header.names.iter().any(|known| folded(known) == folded(name));
        let named = mapping.columns.keys().filter(absent).cloned();
        let needed = columns.iter().filter(|column| column.required && header.place(&column.field).is_none());
        let missing: Vec<String> = named.chain(needed.map(|column| column.field.clone())).collect();
        if missing.is_empty() { Ok(header) } else { Err(FileFault::MissingColumn { columns: missing }) }
    }

    /// Refuses two columns of one name, or that hold one thing.
    fn twice(&self) -> Result<(), FileFault> {
        let (mut names, mut fields) = (BTreeSet::new(), BTreeSet::new());
        let mut twice = Vec::new();
        for (name, field) in self.names.iter().zip(&self.fields).filter(|(name, _)| !name.is_empty()) {
            let again = field.as_ref().is_some_and(|(field, _)| !fields.insert(field));
            if !names.insert(folded(name)) || again {
                twice.push(name.clone());
            }
        }
        if twice.is_empty() { Ok(()) } else { Err(FileFault::DuplicateColumn { columns: twice }) }
    }

    /// Where a field stands.
    #[must_use]
    pub fn place(&self, field: &str) -> Option<usize> {
        self.fields.iter().position(|found| found.as_ref().is_some_and(|(found, _)| found == field))
    }
}
