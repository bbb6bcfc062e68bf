//! The programme as its author writes it: plain data, read from TOML or JSON, not yet checked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::programme::activity::ActivityType;
use crate::programme::adjustment::Adjustment;
use crate::programme::benefit::Benefit;
use crate::programme::care::Care;
use crate::programme::desk::calendar::Calendar;
use crate::programme::desk::emergency::{EmergencyItem, EmergencyPack};
use crate::programme::desk::policy::SlaPolicy;
use crate::programme::desk::queue::{DeskQueue, Route};
use crate::programme::desk::rules::Desk;
use crate::programme::earning_rule::EarningRule;
use crate::programme::festival::Dated;
use crate::programme::finding::{Finding, Findings, Names};
use crate::programme::general::General;
use crate::programme::journey::Journey;
use crate::programme::members::{MemberAttribute, Members};
use crate::programme::privacy::{ConsentText, Dormancy, Privacy, Purpose};
use crate::programme::redemption::Redemption;
use crate::programme::reward::Reward;
use crate::programme::segment::Rfmls;
use crate::programme::sending::{Links, Senders};
use crate::programme::source::Source;
use crate::programme::tag::Tag;
use crate::programme::template::Template;
use crate::programme::tier::{Tier, TierRules};
use crate::programme::voice::form::Form;
use crate::programme::voice::survey::Survey;
use crate::programme::voice::theme::{Theme, Voice};
use crate::programme::wallet::{PointsWallet, Wallet};
use crate::programme::{
    activity, adjustment, benefit, care, desk, earning_rule, general, journey, later, members, privacy, redemption,
    reward, segment, sending, source, tag, template, tier, voice, wallet,
};

/// The whole document. Sections that a later capability reads are carried along in `later`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Document {
    /// General settings.
    pub programme: General,
    /// Exactly two: `points` (spendable) and `status` (qualifying).
    pub wallet: Vec<Wallet>,
    /// The behaviours that may be reported, by CloudEvents type.
    pub activity: BTreeMap<String, ActivityType>,
    /// What is earned for them.
    #[serde(default)]
    pub earning_rule: Vec<EarningRule>,
    /// How tiers rise and fall.
    #[serde(default)]
    pub tiers: TierRules,
    /// The tiers themselves.
    pub tier: Vec<Tier>,
    /// What tiers entitle to.
    #[serde(default)]
    pub benefit: Vec<Benefit>,
    /// Scores and segments; without it nobody is scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rfmls: Option<Rfmls>,
    /// The tag dictionary.
    #[serde(default)]
    pub tag: Vec<Tag>,
    /// Spending.
    pub redemption: Redemption,
    /// The catalogue.
    #[serde(default)]
    pub reward: Vec<Reward>,
    /// Corrections by hand.
    pub adjustment: Adjustment,
    /// How one becomes a member, and by what members are known.
    #[serde(default, skip_serializing_if = "Members::is_default")]
    pub members: Members,
    /// What is known of members beside the usual.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attribute: Vec<MemberAttribute>,
    /// Notice, erasure, and what is kept.
    #[serde(default, skip_serializing_if = "Privacy::is_default")]
    pub privacy: Privacy,
    /// When a member who does nothing is forgotten.
    #[serde(default, skip_serializing_if = "Dormancy::is_default")]
    pub dormancy: Dormancy,
    /// What members are written to for, and what things are kept for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub purpose: Vec<Purpose>,
    /// What members agree to, by version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consent_text: Vec<ConsentText>,
    /// The systems that report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<Source>,
    /// What holds for all journeys.
    #[serde(default, skip_serializing_if = "Care::is_default")]
    pub care: Care,
    /// What is done for members after something has happened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub journey: Vec<Journey>,
    /// Festivals that are proclaimed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub festival: Vec<Dated>,
    /// What members are asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<Form>,
    /// When, and what follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub survey: Vec<Survey>,
    /// What they write about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub theme: Vec<Theme>,
    /// What holds for all they write.
    #[serde(default, skip_serializing_if = "Voice::is_default")]
    pub voice: Voice,
    /// When somebody works.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendar: Vec<Calendar>,
    /// What holds for all tickets.
    #[serde(default, skip_serializing_if = "Desk::is_default")]
    pub desk: Desk,
    /// Service levels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sla_policy: Vec<SlaPolicy>,
    /// Departments of the service desk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub desk_queue: Vec<DeskQueue>,
    /// Where tickets go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub route: Vec<Route>,
    /// What agents may give on the spot, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency_pack: Option<EmergencyPack>,
    /// What that is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emergency_item: Vec<EmergencyItem>,
    /// By what members are written to.
    #[serde(default, skip_serializing_if = "Senders::is_empty")]
    pub channel: Senders,
    /// Where links lead.
    #[serde(default, skip_serializing_if = "Links::is_default")]
    pub links: Links,
    /// What messages say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub template: Vec<Template>,
    /// Everything else, by section name.
    #[serde(flatten)]
    pub later: BTreeMap<String, serde_json::Value>,
}

impl Document {
    /// The `points` wallet.
    #[must_use]
    pub fn points(&self) -> Option<&PointsWallet> {
        self.wallet.iter().find_map(|wallet| match wallet {
            Wallet::Points(points) => Some(points),
            Wallet::Status { .. } => None,
        })
    }

    /// The names of those of what may be reported that are recorded so.
    fn recorded(&self, so: impl Fn(&ActivityType) -> bool) -> BTreeSet<&str> {
        self.activity.iter().filter(|(_, activity)| so(activity)).map(|(name, _)| name.as_str()).collect()
    }

    /// Checks everything but the conditions, which are checked as they are compiled.
    pub(super) fn check(&self) -> Vec<Finding> {
        let segments = self.rfmls.iter().flat_map(|rfmls| &rfmls.segments);
        let names = Names {
            activities: self.recorded(|activity| !activity.is_signal()),
            signals: self.recorded(ActivityType::is_signal),
            tiers: self.tier.iter().map(|tier| tier.id.as_str()).collect(),
            benefits: self.benefit.iter().map(|benefit| benefit.id.as_str()).collect(),
            segments: segments.map(|segment| segment.id.as_str()).collect(),
        };
        let mut findings = Findings::default();
        general::check(&self.programme, &mut findings);
        activity::check(&self.activity, &mut findings);
        wallet::check(&self.wallet, self.programme.refund_window_days, &mut findings);
        tier::check(&self.tiers, &self.tier, &names, &mut findings);
        benefit::check(&self.benefit, &mut findings);
        tag::check(&self.tag, self.rfmls.is_some(), &mut findings);
        if let Some(rfmls) = &self.rfmls {
            segment::check(rfmls, &names, &mut findings);
        }
        earning_rule::check(&self.earning_rule, &names, &mut findings);
        redemption::check(&self.redemption, &mut findings);
        adjustment::check(&self.adjustment, &mut findings);
        reward::check(&self.reward, &names, &mut findings);
        members::check(&self.members, &self.attribute, &self.purpose, &mut findings);
        let said = (self.purpose.as_slice(), self.consent_text.as_slice());
        privacy::check(&self.privacy, self.dormancy, said, &self.members.locales, &mut findings);
        source::check(&self.source, &self.attribute, &mut findings);
        self.check_voice(&mut findings);
        self.check_desk(&mut findings);
        sending::check(&self.channel, &self.links, &mut findings);
        template::check(&self.template, &self.members.locales, &mut findings);
        // Journeys name what stands elsewhere: they are looked at when that is sound.
        if findings.0.is_empty() {
            self.check_journeys(&names, &mut findings);
        }
        for name in self.later.keys().filter(|name| !later::is_known(name)) {
            findings.0.push(Finding::new(name, later::no_such(name)));
        }
        findings.0
    }

    fn check_voice(&self, findings: &mut Findings) {
        let attributes = self.attribute.iter().map(|attribute| attribute.id.as_str());
        let known = voice::Known {
            locale: self.members.locales.first().map(String::as_str),
            fields: members::FIELDS.into_iter().chain(attributes).collect(),
            purposes: self.purpose.iter().map(|purpose| purpose.id.as_str()).collect(),
            queues: self.desk_queue.iter().map(|queue| queue.id.as_str()).collect(),
            policies: self.sla_policy.iter().map(|policy| policy.id.as_str()).collect(),
        };
        voice::check(&self.form, &self.survey, (&self.theme, &self.voice), &known, findings);
    }

    fn check_desk(&self, findings: &mut Findings) {
        let sections = desk::Sections {
            calendars: &self.calendar,
            desk: &self.desk,
            policies: &self.sla_policy,
            queues: &self.desk_queue,
            routes: &self.route,
            pack: self.emergency_pack.as_ref(),
            items: &self.emergency_item,
            rewards: self.reward.iter().map(|reward| reward.id.as_str()).collect(),
            earning: &self.earning_rule,
        };
        desk::check(&sections, findings);
    }

    fn check_journeys(&self, names: &Names<'_>, findings: &mut Findings) {
        care::check(&self.care, &self.members.locales, findings);
        let known = journey::Known {
            names,
            care: &self.care,
            festivals: &self.festival,
            rewards: self.reward.iter().map(|reward| reward.id.as_str()).collect(),
            revoke_window_days: self.tiers.revoke_window_days,
            surveys: self.survey.iter().map(|survey| survey.id.as_str()).collect(),
            queues: self.desk_queue.iter().map(|queue| queue.id.as_str()).collect(),
            policies: self.sla_policy.iter().map(|policy| policy.id.as_str()).collect(),
            later: &self.later,
        };
        journey::check(&self.journey, &known, findings);
        journey::festivals(&self.festival, findings);
    }
}
