//! Referrals: the first touch counts, nobody brings themselves, and what comes back is not paid.

mod claims;
mod money;
mod orders;

use std::collections::{BTreeMap, BTreeSet};

use domain::engagement::referral::{
    Advocate, Answer, Claim, ClaimRefusal, Claiming, Decision, Ground, Identity, IdentityHash, IpWindow, Kind,
    PaidOrder, ReferralCode, approved, first_touch, payable, qualified, refunded,
};
use domain::engagement::{Scene, Standing};
use domain::kernel::quantity::Minor;
use domain::programme::compiled::Programme;
use domain::programme::engagement::referral::Referral;
use jiff::Timestamp;

use super::challenges::SHANGHAI;
use super::stage::{at, member, programme};

const REFERRAL: &str = "[referral]\nmin_tier = 'gold'\nattribution = 'first_touch'\nwindow_days = 30\nnew_member_hours = 24\n\
    qualify = { event = 'order.paid', first_order = true, min_minor = 5000 }\npayout_after_days = 14\n\
    advocate = { commission_bp = 500, commission_cap_minor = 2000, points = 200 }\n\
    friend = { coupon = 'welcome-10', value_minor = 1000 }\nlimits = { per_advocate_30d = 20, per_ip_7d = 10 }\n\
    levels = 1\nbaseline_cac_minor = 8000\ncost_ratio_warn_bp = 4000\ncost_ratio_stop_bp = 5000\nguard_days = 90\n";

const ENROLLED: &str = "2026-11-02T02:00:00Z";
const CLAIMED: &str = "2026-11-02T03:00:00Z";

fn has(all: &[(Kind, u8)]) -> BTreeSet<Identity> {
    all.iter().map(|(kind, byte)| Identity { kind: *kind, hash: IdentityHash([*byte; 16]) }).collect()
}

/// Advocates, claims, and where they came from.
struct World {
    programme: Programme,
    advocates: BTreeMap<&'static str, Advocate>,
    claims: BTreeMap<String, Claim>,
    windows: BTreeMap<IdentityHash, IpWindow>,
    points: i64,
}

impl World {
    fn new(changes: &[(&str, &str)]) -> Self {
        let text = changes.iter().fold(REFERRAL.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        let advocate = |name: &str, code: &str| Advocate {
            member: member(name),
            code: ReferralCode::read(code),
            active: true,
            identities: BTreeSet::new(),
            last_ip: None,
            above: Vec::new(),
            rewarded: Vec::new(),
        };
        let own =
            [(Kind::Phone, 1), (Kind::Email, 2), (Kind::Device, 3), (Kind::Pay, 4), (Kind::Door, 5), (Kind::House, 6)];
        let lead =
            Advocate { identities: has(&own), last_ip: Some(IdentityHash([7; 16])), ..advocate("m-lead", "MAMA2026") };
        let silver = Advocate { active: false, ..advocate("m-silver", "S11VER00") };
        let all = [("MAMA2026", lead), ("S11VER00", silver), ("B1ACK001", advocate("m-other", "B1ACK001"))];
        Self {
            programme: programme(SHANGHAI, &text),
            advocates: all.into(),
            claims: BTreeMap::new(),
            windows: BTreeMap::new(),
            points: 0,
        }
    }

    fn referral(&self) -> Referral {
        self.programme.engagement().referral.clone().unwrap()
    }

    fn friend(name: &str, code: Option<&str>) -> Claiming {
        Claiming {
            friend: member(name),
            standing: Standing::active(),
            code: code.map(ReferralCode::read),
            touches: Vec::new(),
            enrolled_at: at(ENROLLED),
            has_ordered: false,
            identities: BTreeSet::new(),
            ip: None,
            window: IpWindow::default(),
        }
    }

    /// A claim at an instant: how it stands.
    fn claim(&mut self, now: &str, mut claiming: Claiming) -> Result<&'static str, ClaimRefusal> {
        let (referral, now) = (self.referral(), at(now));
        if let Some(ip) = claiming.ip {
            claiming.window = self.windows.get(&ip).cloned().unwrap_or_default();
        }
        let touch = first_touch(&claiming, &referral, now);
        let advocate = touch.and_then(|touch| self.advocates.get(touch.code.as_str()));
        let name = claiming.friend.to_string();
        match claiming.decide(Ground { open: true, earlier: self.claims.get(&name), advocate }, &referral, now)? {
            Answer::Stood(claim) => Ok(claim.state.name()),
            Answer::Stands { change, window } => {
                claiming.ip.iter().for_each(|ip| drop(self.windows.insert(*ip, window.clone())));
                let state = change.state.state.name();
                self.claims.insert(name, change.state);
                Ok(state)
            }
        }
    }

    fn claims(&mut self, name: &str) -> &'static str {
        self.claim(CLAIMED, Self::friend(name, Some("MAMA2026"))).unwrap()
    }

    fn lead(&self) -> Advocate {
        // What qualified is what stands, at the instants of the orders.
        let stands = |claim: &&Claim| matches!(claim.state.name(), "qualified" | "payable" | "settled");
        let at = |claim: &Claim| claim.order.as_ref().map(|order| order.occurred_at);
        let rewarded = self.claims.values().filter(stands).filter_map(at).collect();
        Advocate { rewarded, ..self.advocates["MAMA2026"].clone() }
    }

    /// An order of a friend that is recorded at an instant and was paid at another.
    fn order_of(
        &mut self,
        (name, id): (&str, &str),
        times: [&str; 2],
        net: i64,
        identities: &[(Kind, u8)],
    ) -> (&'static str, i64) {
        let order =
            PaidOrder { id: id.into(), occurred_at: at(times[1]), net: Minor(net), identities: has(identities) };
        let scene = Scene { programme: &self.programme, now: at(times[0]) };
        let advocate = self.lead();
        if let Some(change) = qualified(&self.claims[name], &order, &advocate, &self.referral(), scene) {
            self.claims.insert(name.to_owned(), change.state);
        }
        self.stands(name)
    }

    fn order(&mut self, name: &str, id: &str, paid: &str, net: i64) -> (&'static str, i64) {
        self.order_of((name, id), [paid, paid], net, &[])
    }

    fn stands(&self, name: &str) -> (&'static str, i64) {
        (self.claims[name].state.name(), self.claims[name].commission().0)
    }

    fn payable_at(&self, name: &str) -> Timestamp {
        self.claims[name].order.as_ref().unwrap().payable_at
    }

    /// What becomes payable at an instant.
    fn settle(&mut self, now: &str) -> Vec<String> {
        let mut names = Vec::new();
        for (name, claim) in &mut self.claims {
            let Some((change, activity)) = payable(claim, at(now)) else { continue };
            assert_eq!((activity.kind, activity.id), ("referral.qualified", format!("referral|{name}")));
            assert_eq!(activity.member, member("m-lead"));
            *claim = change.state;
            self.points += 200;
            names.push(name.clone());
        }
        names
    }

    fn refund(&mut self, name: &str, order: &str, minor: i64) -> i64 {
        let Some(done) = refunded(&self.claims[name], order, Minor(minor), &self.referral()) else { return 0 };
        self.claims.insert(name.to_owned(), done.change.state);
        self.points -= if done.takes_points { 200 } else { 0 };
        done.clawback.0
    }

    fn approve(&mut self, name: &str, now: &str) {
        let decision = Decision { by: None, at: at(now) };
        let change = approved(&self.claims[name], &decision, &self.referral()).unwrap();
        self.claims.insert(name.to_owned(), change.state);
    }
}
