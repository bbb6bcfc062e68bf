//! What members and agents wrote of somebody who was erased goes; tickets, verdicts and budgets stay under an id that leads to nobody.

use domain::kernel::id::MemberId;

use super::lists::TicketsOf;
use crate::attribute::Item;
use crate::table::TICKET_LOG;
use crate::{Store, StoreError};

/// So many tickets are read at once.
const PAGE: i32 = 100;

impl Store {
    /// The ids of all tickets of a member.
    ///
    /// # Errors
    /// What DynamoDB says, or an item is damaged.
    pub async fn tickets_of(&self, member: &MemberId) -> Result<Vec<String>, StoreError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.tickets(TicketsOf::Member(member.as_str()), after.as_ref(), PAGE).await?;
            all.extend(page.tickets.into_iter().map(|ticket| ticket.ticket));
            after = page.next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// Deletes the words in the log of every ticket of a member; how many that were.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn forget_words(&self, member: &MemberId) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        for ticket in self.tickets_of(member).await? {
            for item in self.log_items(&ticket).await?.iter().filter(|item| item.contains_key("y")) {
                let key: Item = [TICKET_LOG.hash, "seq"]
                    .into_iter()
                    .filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())))
                    .collect();
                let update = self.dynamodb.update_item().table_name(self.tables.of(&TICKET_LOG)?).set_key(Some(key));
                update.update_expression("REMOVE y, m").send().await?;
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }
}
