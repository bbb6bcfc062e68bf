//! A member is invited: the invitation and what the member was asked are written at once.

use domain::kernel::id::MemberId;
use domain::programme::setting::Setting;
use domain::voice::inviting::{Asking, Invited, invite, pass};
use domain::voice::{Contacts, Invitation, InvitationId, VoiceFact};
use futures_util::future::join;
use jiff::Timestamp;

use super::INVITATION;
use super::invitation_item::{decode, encode};
use super::invitations::KeptContacts;
use super::keeping::{due, framed, fresh, told};
use crate::race::Patience;
use crate::sealed::secret::MemberKey;
use crate::table::SURVEYS;
use crate::write::{Next, Written};
use crate::{Store, StoreError};

/// What is new has no words.
const NO_KEY: Option<MemberKey> = None;

impl Store {
    /// Invites a member, or says why not. The same cause invites once.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races, or what DynamoDB says.
    pub async fn invite(
        &self,
        asking: &Asking<'_>,
        setting: Setting<'_>,
        patience: &mut Patience,
    ) -> Result<Invited, StoreError> {
        let id = InvitationId::of(&asking.survey.id, &asking.cause, asking.member);
        let programme = setting.programmes.at(setting.now);
        loop {
            let known = self.surveys_item(format!("{INVITATION}{id}"));
            let (known, kept) = join(known, self.kept_contacts(asking.member, setting.now)).await;
            let (known, kept) = (known?, kept?);
            let known = known.map(|item| decode(&item, &NO_KEY)).transpose()?;
            let invited = invite(asking, &kept.contacts, known.as_ref(), programme, setting.now);
            let Invited::New { invitation, contacts } = invited else { return Ok(invited) };
            // What is sent at once is sent now.
            let sent = pass(&invitation, Some(asking.survey), programme, setting.now);
            let (invitation, facts) = match sent {
                Some(sent) => (sent.state, sent.facts),
                None => (*invitation, Vec::new()),
            };
            let after = KeptContacts { contacts: contacts.clone(), ..kept };
            let beside = vec![self.contacts_write(&after, setting.now)?];
            if !patience.in_time() {
                return Err(StoreError::Busy);
            }
            let next = self.first(&invitation, &facts, setting)?;
            match self.write(next, beside).await? {
                Written::Done => return Ok(Invited::New { invitation: Box::new(invitation), contacts }),
                Written::Lost(_) | Written::Beside(..) if patience.again().await => {}
                Written::Lost(_) | Written::Beside(..) => return Err(StoreError::Busy),
            }
        }
    }

    /// The first version of an invitation.
    fn first(
        &self,
        invitation: &Invitation,
        facts: &[VoiceFact],
        setting: Setting<'_>,
    ) -> Result<Next<'_>, StoreError> {
        let mut item = encode(invitation, &NO_KEY)?;
        framed(&mut item, 1, setting.now);
        item.extend(told(invitation, facts, setting));
        due(&mut item, invitation);
        Ok(Next { table: self.tables.of(&SURVEYS)?, key: SURVEYS.hash, item, read: 0 })
    }

    /// Puts an invitation that is taken back before it is made; nothing if it is made, which is to be taken back then.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn never_invite(&self, asking: &Asking<'_>, setting: Setting<'_>) -> Result<(), StoreError> {
        let never = Invitation::never(asking, setting.programmes.at(setting.now), setting.now);
        match self.write(self.first(&never, &[], setting)?, Vec::new()).await? {
            Written::Done => Ok(()),
            Written::Lost(_) | Written::Beside(..) => Err(StoreError::Busy),
        }
    }

    /// Notes that there is a member, who has a turn from then on; once.
    ///
    /// # Errors
    /// What DynamoDB says.
    pub async fn meet(&self, member: &MemberId, since: Timestamp, now: Timestamp) -> Result<(), StoreError> {
        let kept = fresh(Contacts::new(member.clone()), since);
        self.transact_all(vec![self.contacts_write(&kept, now)?]).await?; // who is there is there
        Ok(())
    }

    /// Takes what one member was asked to another, who stands for both: what counts is what either was asked.
    ///
    /// # Errors
    /// [`StoreError::Busy`] after five lost races, or what DynamoDB says.
    pub async fn unite_contacts(
        &self,
        (survivor, absorbed): (&MemberId, &MemberId),
        now: Timestamp,
        patience: &mut Patience,
    ) -> Result<(), StoreError> {
        loop {
            let (kept, other) = join(self.kept_contacts(survivor, now), self.kept_contacts(absorbed, now)).await;
            let (mut kept, other) = (kept?, other?);
            let before = kept.contacts.clone();
            kept.contacts.unite(&other.contacts);
            if kept.contacts == before || !patience.in_time() {
                return if kept.contacts == before { Ok(()) } else { Err(StoreError::Busy) };
            }
            if self.transact_all(vec![self.contacts_write(&kept, now)?]).await? {
                return Ok(());
            }
            if !patience.again().await {
                return Err(StoreError::Busy);
            }
        }
    }
}
