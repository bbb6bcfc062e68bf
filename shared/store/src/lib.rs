//! DynamoDB: one aggregate, one item, one conditional write. ARCHITECTURE.md tells why; this crate is how.
//!
//! `table attribute check json error race write batch effect due outbox sealed aggregate` know no context; [`ledger`], [`catalogue`], [`members`], [`care`], [`messages`], [`desk`], [`signals`], [`voice`] and [`quality`] know them, and their own part of
//! the domain.

pub mod aggregate;
mod attribute;
mod batch;
mod care;
mod catalogue;
mod check;
mod desk;
mod due;
mod effect;
mod error;
mod json;
mod ledger;
mod members;
mod messages;
mod outbox;
mod quality;
mod race;
pub mod retention;
mod sealed;
mod signals;
pub mod table;
mod voice;
mod write;

use std::sync::{Arc, OnceLock};

use aws_sdk_dynamodb::Client;

pub use attribute::{Item, size_of};
pub use care::{CareAsked, CareDone, Sight, decode_care, decode_care_key, encode_care, encode_care_key};
pub use catalogue::stock::StockLevel;
pub use desk::{
    Gives, ListedTicket, LogRow, Moved, SeenTicket, TicketAsked, TicketDecided, TicketDone, TicketPlace, Tickets,
    TicketsOf, Words, decode_agent, decode_dedication, decode_ticket, encode_agent, encode_dedication, encode_ticket,
};
pub use due::shard as due_shard;
pub use error::{Damage, Source, StoreError, Wrong};
pub use json::{image_of, item_of};
pub use ledger::account_item::{Record, decode_record, encode_record};
pub use ledger::checkpoints::{Closed, Day, day_of, decode_closed, decode_day, encode_closed};
pub use ledger::commands::{Done, Outcomes};
pub use ledger::moves::{MoveOrder, OrderMoved};
pub use ledger::note_item::{decode_note, encode_note};
pub use ledger::openings::{Brought, Withdrawn};
pub use ledger::pages::{Page, decode_page, encode_page};
pub use ledger::refunds::Refunded;
pub use ledger::reported::reported;
pub use ledger::reversals::{Reversed, is_unknown_fact};
pub use ledger::review::Review;
pub use ledger::statement::EntriesPage;
pub use ledger::stream::{Committed, committed};
pub use ledger::waiting::ParkedPlace;
pub use members::access::Logged;
pub use members::attempt::NotWritten;
pub use members::bring::BroughtState;
pub use members::enrol::{By, Considered, Doing, Kept};
pub use members::erase::{AskErasure, DueJobs, Erasure};
pub use members::invitee::Invitee;
pub use members::known::Known;
pub use members::look::{Look, Noted as NotedLook};
pub use members::member_item::Stored as StoredMember;
pub use members::merge::{Merge, MergeDone, NotMerged};
pub use members::replay::Replayed;
pub use members::resolve::{ConflictPlace, NotResolved, Said as SaidOfConflict};
pub use members::stand::{NotStood, Standpoint, Stood};
pub use members::sweep::MemberPlace;
pub use members::tag::Tags as TagsByHand;
pub use members::undo::{RowsBack, TakeBack};
pub use members::verify::OfMember;
pub use members::write::Asking;
pub use messages::inbox::{InboxPage, InboxText};
pub use messages::record_item::{decode as decode_message, encode as encode_message};
pub use outbox::told;
pub use quality::{Refusals, SourceDays, traffic, watch};
pub use race::{Jitter, Patience};
pub use sealed::draw::Draw;
pub use sealed::keys::{Keys, Master};
pub use sealed::secret::Secret;
pub use signals::{SignalsPage, signalled};
pub use table::{Table, Tables};
pub use voice::{
    AnswersPage, AnswersPlace, Contacting, Keeping, KeptInvitation, Sealing, decode_contacts, decode_invitation,
    encode_contacts, encode_invitation,
};
pub use write::Writes;

/// The tables and how to reach them.
#[derive(Debug, Clone)]
pub struct Store {
    dynamodb: Client,
    tables: Tables,
    voucher_secret: Arc<OnceLock<[u8; 32]>>,
}

impl Store {
    /// On a client.
    #[must_use]
    pub fn new(dynamodb: Client, tables: Tables) -> Self {
        Self { dynamodb, tables, voucher_secret: Arc::default() }
    }
}
