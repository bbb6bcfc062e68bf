//! How long each attribute of each table is kept (rule: privacy 27). What has no row here is not stored.

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Until the member is erased. An attribute of the programme is read until its `retain_days` at most.
    Member,
    /// For ever, in the place of who was erased: that there was somebody, until when, and who went by which receipt.
    Register,
    /// As long as the member, and `consent_keep_days` more.
    Consents,
    /// Ten years: ledger and audit, under an id that leads to nobody once its member is erased.
    Ledger,
    /// So many days after it was written, or is done.
    Days(u32),
    /// As long as identifiers of who was erased are kept away: `suppress_days`.
    Suppressed,
    /// Until somebody has decided; its hints and hashes at most until one of those whom it is about is erased.
    Decided,
    /// As long as the platform: it is about nobody.
    Ours,
}

/// A table, what the keys of its rows begin with, attributes, and how long they are kept.
type Row = (&'static str, &'static str, &'static [&'static str], Kept);

const TABLE: &[Row] = &[
    // ---- the ledger ----
    (
        "accounts",
        "",
        &[
            "member", "v", "q", "h", "a", "u", "l", "p", "d", "o", "t", "y", "z", "n", "x", "f", "j", "m", "c", "k",
            "b", "g", "r", "i", "lt", "s", "w", "ds", "da", "e",
        ],
        Kept::Ledger,
    ),
    ("pages", "", &["member", "first", "h", "w", "b", "e", "a"], Kept::Ledger),
    ("facts", "", &["k", "m", "a", "n", "u", "l", "o", "r", "ps", "pa", "p", "d", "h", "s"], Kept::Ledger),
    ("vouchers", "v#", &["id", "member", "redemption", "reward", "state", "expires_at", "ttl", "a"], Kept::Ledger),
    ("vouchers", "secret", &["id", "secret"], Kept::Ours),
    (
        "checkpoints",
        "",
        &["of", "at", "leaves", "root", "tree", "previous", "accounts", "points", "differences", "a", "v"],
        Kept::Ledger,
    ),
    ("catalogue", "", &["id", "revision", "versions", "a", "document"], Kept::Ours),
    ("stock", "", &["id", "given", "n", "content", "stock", "add", "reason", "by", "at", "a"], Kept::Ours),
    // ---- members ----
    ("members", "", &["member", "v", "w", "st", "si", "rc", "news", "e"], Kept::Register),
    (
        "members",
        "",
        &["so", "z", "lo", "cc", "i", "nn", "f", "b", "c", "qs", "qn", "ab", "t", "ds", "da"],
        Kept::Member,
    ),
    ("claims", "", &["claim", "m", "a", "v"], Kept::Member),
    ("claims", "", &["e", "ttl"], Kept::Suppressed),
    ("member-log", "", &["consents"], Kept::Consents),
    (
        "member-log",
        "",
        &[
            "member",
            "seq",
            "at",
            "by",
            "enrolled",
            "linked",
            "unlinked",
            "fields",
            "conflicts",
            "merged",
            "unmerged",
            "states",
            "erasure",
            "purge",
            "tagged",
            "untagged",
            "codes",
            "verified",
            "resolved",
            "looked",
            "ticket",
            "exported",
            "y",
        ],
        Kept::Ledger,
    ),
    ("member-keys", "", &["member", "w"], Kept::Member),
    ("member-keys", "", &["n", "a", "e"], Kept::Register),
    ("erasures", "", &["member", "v", "w", "n", "q", "by", "be", "e", "ab", "s", "a", "l"], Kept::Register),
    // ---- what takes long, or waits for somebody ----
    ("member-jobs", "conflict#", &["job", "v", "w", "p", "c", "d", "pr", "ok", "oa"], Kept::Decided),
    (
        "member-jobs",
        "merge#",
        &["job", "v", "n", "a", "s", "b", "w", "e", "ss", "bs", "f", "c", "x", "u", "nr"],
        Kept::Ledger,
    ),
    ("member-jobs", "merge-asked#", &["job", "v", "by", "a", "o", "d"], Kept::Decided),
    ("member-jobs", "verification#", &["job", "v", "w", "id", "m", "s", "n", "d", "ttl"], Kept::Days(1)),
    ("member-jobs", "looks#", &["job", "v", "w", "n", "ttl"], Kept::Days(3)),
    (
        "member-jobs",
        "erasure#",
        &["job", "v", "w", "n", "q", "by", "be", "r", "cl", "h", "x", "c", "g", "ok", "oa", "ttl"],
        Kept::Days(30),
    ),
    ("member-jobs", "records#", &["job", "v", "w", "ok", "oa", "ttl"], Kept::Consents),
    ("member-jobs", "access#", &["job", "v", "w", "news", "j", "ok", "oa", "ttl"], Kept::Member),
    ("member-jobs", "import#", &["job", "v", "w", "news", "j"], Kept::Ours),
    ("member-jobs", "newest#", &["job", "v", "w", "j"], Kept::Ours),
    ("member-jobs", "traffic#", &["job", "v", "w", "op", "f", "i", "l", "n", "d", "lo", "lr", "news"], Kept::Ours),
    ("member-jobs", "quality#", &["job", "v", "w", "op", "dr", "si", "h", "j", "news", "ds", "da"], Kept::Ours),
    // ---- the service desk ----
    (
        "tickets",
        "",
        &[
            "ticket", "v", "w", "op", "news", "ds", "da", "m", "at", "pv", "q", "o", "p", "ab", "co", "s", "po", "k",
            "nr", "an", "re", "un", "rs", "ro", "le", "of", "g", "l", "n", "lq", "lw", "ld", "ls", "lt", "lc", "lr",
        ],
        Kept::Ledger,
    ),
    ("ticket-log", "", &["ticket", "seq", "kind", "by", "public", "at"], Kept::Ledger),
    ("ticket-log", "", &["m", "y"], Kept::Member),
    ("desk", "a#", &["pk", "v", "w", "op", "qs", "ls", "ca", "ow", "si", "n", "la", "gb", "ak", "as"], Kept::Ours),
    ("desk", "d#", &["pk", "v", "w", "op", "news", "mg"], Kept::Member),
    ("desk", "b#", &["pk", "n", "ttl"], Kept::Days(400)),
    ("desk", "s#", &["pk", "n"], Kept::Ours),
    // ---- the voice of the customer: scores and themes stay, and lead to nobody once their member is erased ----
    ("surveys", "i#", &["m", "at"], Kept::Member),
    (
        "surveys",
        "i#",
        &[
            "pk", "v", "w", "ds", "da", "news", "su", "p", "is", "se", "cl", "ca", "co", "ab", "st", "vs", "an", "cp",
            "do",
        ],
        Kept::Ledger,
    ),
    ("surveys", "m#", &["pk", "v", "w", "g", "a", "iv", "aq", "de"], Kept::Member),
    ("surveys", "w#", &["pk", "v", "w", "g", "co", "at"], Kept::Member),
    (
        "surveys",
        "s#",
        &[
            "pk", "v", "w", "op", "ds", "da", "news", "g", "th", "ti", "re", "st", "lo", "mo", "n", "fo", "to", "at",
            "co", "tl",
        ],
        Kept::Ours,
    ),
    ("surveys", "n#", &["pk", "d"], Kept::Ours),
    // ---- signals ----
    ("signals", "refused#", &["member", "at", "n", "s", "ttl"], Kept::Days(90)),
    ("signals", "", &["member", "at", "t", "s", "o", "a", "r", "p", "c", "ttl"], Kept::Days(90)),
];

/// How long an attribute of a row of a table is kept, by what the row's key begins with; none if nobody has said so.
#[must_use]
pub fn kept(table: &str, key: &str, attribute: &str) -> Option<Kept> {
    let said = |(name, begins, attributes, _): &&Row| {
        *name == table && key.starts_with(begins) && attributes.contains(&attribute)
    };
    TABLE.iter().find(said).map(|(_, _, _, kept)| *kept)
}
