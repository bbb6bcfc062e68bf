//! A programme with some forms and surveys.

use std::collections::BTreeMap;

use domain::kernel::id::MemberId;
use domain::programme::compiled::Programme;
use domain::programme::document::Document;
use domain::programme::reading::read;
use domain::voice::inviting::{Asking, Invited, Standing, invite};
use domain::voice::{About, Contacts, Invitation};
use jiff::Timestamp;

const DEFAULT: &str = include_str!("../../../../../programme.toml");

/// Forms and surveys of these tests, in place of those of the default programme.
const SECTIONS: &str = r#"
[[form]]
id = "nps"
questions = [
  { id = "score", kind = "nps", required = true, ask = { zh-CN = "?" } },
  { id = "why", kind = "text", if = "score <= 6", max_length = 40, ask = { zh-CN = "?" } },
  { id = "praise", kind = "choice", if = "score >= 9", options = ["taste", "price", "service"], ask = { zh-CN = "?" } },
]
[[form]]
id = "visit"
questions = [
  { id = "csat", kind = "csat5", required = true, ask = { zh-CN = "?" } },
  { id = "ease", kind = "ces7", ask = { zh-CN = "?" } },
  { id = "used", kind = "choices", options = ["app", "shop", "phone"], min_selected = 1, max_selected = 2, ask = { zh-CN = "?" } },
  { id = "again", kind = "yes_no", ask = { zh-CN = "?" } },
  { id = "bought", kind = "date", ask = { zh-CN = "?" } },
  { id = "speed", kind = "scale", min = -2, max = 2, ask = { zh-CN = "?" } },
  { id = "which", kind = "text", if = "again == false", required = true, ask = { zh-CN = "?" } },
  { id = "phoned", kind = "text", if = "'phone' in used", ask = { zh-CN = "?" } },
]
[[form]]
id = "profile"
refresh_after_days = 365
questions = [
  { id = "birthday", kind = "date", maps_to = "profile.birthday", ask = { zh-CN = "?" } },
  { id = "city", kind = "text", maps_to = "profile.address.city", ask = { zh-CN = "?" } },
]
[[survey]]
id = "nps-quarterly"
form = "nps"
trigger = "schedule:quarterly"
recontact_days = 90
cooldown_days = 30
on_detractor = { at_most = 6, do = "ticket", queue = "voice", policy = "p2" }
on_promoter = { at_least = 9, do = "invite", to = "referral" }
[[survey]]
id = "post-purchase"
form = "nps"
trigger = "journey"
recontact_days = 14
cooldown_days = 30
on_low = { at_most = 6, do = "ticket" }
[[survey]]
id = "csat-ticket"
form = "nps"
purpose = "service"
trigger = "ticket.resolved"
delay = "PT1H"
cooldown = "exempt"
on_low = { at_most = 2, do = "reopen_and_escalate" }
"#;

/// The default programme without its forms and surveys, and with others.
pub(crate) fn document(sections: &str) -> Document {
    let from = DEFAULT.find("[[form]]").unwrap();
    let until = from + DEFAULT[from..].find("[[theme]]").unwrap();
    let text = format!("{}{}\n{sections}", &DEFAULT[..from], &DEFAULT[until..]);
    read(&text).unwrap_or_else(|found| panic!("{found:?}"))
}

/// The programme of these tests, in a zone.
pub(crate) fn programme_in(zone: &str) -> Programme {
    let mut document = document(SECTIONS);
    document.programme.timezone = zone.to_owned();
    Programme::compile(1, document).unwrap()
}

/// The programme of these tests.
pub(crate) fn programme() -> Programme {
    programme_in("Asia/Shanghai")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn member(id: &str) -> MemberId {
    id.parse().unwrap()
}

/// A member who is asked, and everything that comes of it.
pub(crate) struct Member {
    pub(crate) programme: Programme,
    pub(crate) contacts: Contacts,
    pub(crate) invitations: BTreeMap<String, Invitation>,
    pub(crate) standing: Standing,
}

impl Member {
    pub(crate) fn new(programme: Programme) -> Self {
        let contacts = Contacts::new(member("m-1"));
        Self { programme, contacts, invitations: BTreeMap::new(), standing: Standing::Active }
    }

    pub(crate) fn asking(&self, survey: &str, cause: &str) -> Asking<'_> {
        Asking {
            survey: self.programme.survey(survey).unwrap(),
            member: &self.contacts.member,
            standing: self.standing,
            cause: cause.to_owned(),
            correlation: "c-1".to_owned(),
            about: About::default(),
        }
    }

    /// Invites, and says what came of it.
    pub(crate) fn invite(&mut self, when: &str, survey: &str, cause: &str) -> &'static str {
        let key = format!("{survey} {cause}");
        let asking = self.asking(survey, cause);
        match invite(&asking, &self.contacts, self.invitations.get(&key), &self.programme, at(when)) {
            Invited::New { invitation, contacts } => {
                self.contacts = contacts;
                self.invitations.insert(key, *invitation);
                "invited"
            }
            Invited::Already => "already",
            Invited::Cancelled => "cancelled",
            Invited::Refused(refused) => refused.name(),
        }
    }

    pub(crate) fn give_back(&mut self, survey: &str, cause: &str) {
        let invitation = &self.invitations[&format!("{survey} {cause}")];
        self.contacts.give_back(survey, invitation.id);
    }
}
