//! Who takes part, by context. Each registers its handlers, with what is wanted of them and stories whose every call is made to fail
//! once; its auditor; and the mistakes that can be planted in it. `FAULT-MODEL.md` tells how one more joins.

pub(crate) mod audit;
pub(crate) mod care;
pub(crate) mod context;
mod desk;
pub(crate) mod handler;
pub(crate) mod known;
pub mod ledger;
pub(crate) mod members;
mod reported;
pub(crate) mod signals;
pub(crate) mod voice;
pub(crate) mod wish;

use std::sync::OnceLock;

use domain::programme::document::Document;
use fastrand::Rng;
use jiff::Timestamp;

use crate::stack;
use audit::{Audit, Wrong};
use context::{Context, Dump};
use handler::Handler;
use known::Known;
use wish::Wish;

/// Every context. One is a folder beside this file, with its wishes, stories, auditor and mistakes, and a place here.
pub(crate) static CONTEXTS: [Context; 6] =
    [ledger::CONTEXT, members::CONTEXT, signals::CONTEXT, care::CONTEXT, voice::CONTEXT, desk::CONTEXT];

/// Every handler.
pub(crate) fn handlers() -> impl Iterator<Item = &'static Handler> {
    CONTEXTS.iter().flat_map(|context| context.handlers)
}

/// The handler of a function.
pub(crate) fn handler(function: &str) -> &'static Handler {
    handlers().find(|handler| handler.function == function).expect("every function of the template takes part")
}

/// The tables of all contexts.
pub(crate) fn tables() -> impl Iterator<Item = &'static str> {
    CONTEXTS.iter().flat_map(|context| context.tables).copied()
}

/// The default programme, with what the contexts need besides.
pub(crate) fn programme() -> &'static Document {
    static PROGRAMME: OnceLock<Document> = OnceLock::new();
    PROGRAMME.get_or_init(|| {
        let mut programme = stack::programme();
        CONTEXTS.iter().for_each(|context| (context.programme)(&mut programme));
        programme
    })
}

/// An auditor of each context who has read everything there is, and what is wrong with it.
pub(crate) fn audit(dump: Dump<'_>) -> (Vec<Box<dyn Audit>>, Wrong) {
    let (auditors, wrong): (Vec<_>, Vec<Wrong>) = CONTEXTS.iter().map(|context| (context.audit)(dump)).unzip();
    (auditors, wrong.concat())
}

impl Known {
    /// Any next wish, at the time of the world.
    pub(crate) fn next(&mut self, rng: &mut Rng, now: Timestamp) -> Wish {
        self.count += 1;
        let all = || handlers().flat_map(|handler| handler.wishes);
        let mut place = rng.u32(0..all().map(|(weight, _)| weight).sum());
        for (weight, wish) in all() {
            match place.checked_sub(*weight) {
                None => return wish(self, rng, now),
                Some(rest) => place = rest,
            }
        }
        unreachable!("a place lies within the sum of the weights")
    }
}
