//! Who may: everything that is said must hold.

/// Who may: everything that is said must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Eligible {
    /// The lowest tier.
    pub min_tier: Option<String>,
    /// One of these segments.
    pub segments: Vec<String>,
    /// One of these tags.
    pub tags_any: Vec<String>,
}

impl Eligible {
    /// Members of a tier or a higher one.
    #[must_use]
    pub fn tier(min_tier: Option<&String>) -> Self {
        Self { min_tier: min_tier.cloned(), ..Self::default() }
    }
}
