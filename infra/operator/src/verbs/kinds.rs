//! Which sheet of a workbook holds what.

use std::path::Path;

use anyhow::{Context as _, ensure};
use sheet::Mapping;

/// All sheets of a workbook that are named after a kind.
pub(super) const ALL: &str = "all";

/// The kinds of files, in the order in which a programme moves in, and what their sheets are called.
const KINDS: [(&str, &[&str]); 7] = [
    ("members", &["members", "customers", "会员", "客户", "顾客", "会員", "顧客"]),
    ("lots", &["lots", "points", "积分", "ポイント"]),
    ("tiers", &["tiers", "等级", "会员等级", "ランク"]),
    ("status", &["status", "成长值", "ステータス"]),
    ("orders", &["orders", "订单", "注文"]),
    ("activities", &["activities", "行为", "活動"]),
    ("tags", &["tags", "标签", "タグ"]),
];

/// What may be said of a file.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(kind, _)| *kind).chain([ALL])
}

/// The sheets of a workbook.
pub(super) struct Sheets {
    /// Of each kind that it has one of, that one.
    pub(super) named: Vec<(&'static str, String)>,
    /// Those of no kind.
    pub(super) left: Vec<String>,
}

/// Finds the sheets that are named after kinds.
///
/// # Errors
/// It is no workbook, has no such sheet, or two of one kind.
pub(super) fn of(bytes: &[u8]) -> anyhow::Result<Sheets> {
    let sheets = sheet::sheets(bytes).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    ensure!(!sheets.is_empty(), "`--kind all` takes a workbook (XLSX), whose sheets are named after what they hold");
    let mut left = sheets;
    let mut named = Vec::new();
    for (kind, called) in KINDS {
        let (own, others) =
            left.into_iter().partition::<Vec<_>, _>(|sheet| called.contains(&sheet.trim().to_lowercase().as_str()));
        ensure!(own.len() < 2, "two sheets hold {kind}: {}", own.join(", "));
        named.extend(own.into_iter().map(|sheet| (kind, sheet)));
        left = others;
    }
    let names: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
    ensure!(!named.is_empty(), "no sheet is called {} (or as that is called in Chinese or Japanese)", names.join(", "));
    Ok(Sheets { named, left })
}

/// How the sheet of a kind is read: of a mapping file that has a table for each kind.
///
/// # Errors
/// Says where it is no mapping.
pub(super) fn mapping(file: Option<&Path>, kind: &str, sheet: String) -> anyhow::Result<Mapping> {
    let mut mapping = Mapping::default();
    if let Some(file) = file {
        let name = file.display();
        let text = std::fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
        let tables: toml::Table = toml::from_str(&text).with_context(|| format!("{name} is no TOML"))?;
        let unknown = tables.keys().find(|table| !KINDS.iter().any(|(kind, _)| kind == table));
        ensure!(
            unknown.is_none(),
            "{name}: of all kinds, what is said of each stands in its own table, such as [members]; [{}] is none",
            unknown.map_or("", String::as_str)
        );
        if let Some(of) = tables.get(kind) {
            let text = toml::to_string(of).with_context(|| format!("{name}: [{kind}]"))?;
            mapping = Mapping::from_toml(&text).map_err(|wrong| anyhow::anyhow!("{name}: [{kind}]: {wrong}"))?;
        }
    }
    mapping.sheet.get_or_insert(sheet);
    Ok(mapping)
}
