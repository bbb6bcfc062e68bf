//! What tickets, agents and departments can be called.

/// Could a ticket be called so?
#[must_use]
pub fn is_ticket(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Could an agent, or a department, be called so?
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=128).contains(&name.len()) && !name.starts_with('-') && !name.contains('#')
}
