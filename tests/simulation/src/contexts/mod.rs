//! Who takes part, by context. Each handler registers what is wanted of it, stories whose every call is made to fail once, and
//! what must be true at the end. `FAULT-MODEL.md` tells how one more joins.

pub(crate) mod ledger;
pub(crate) mod wish;

use fastrand::Rng;
use jiff::Timestamp;

use wish::{Handler, Known, Wish};

/// The handlers of every context. A context is a folder beside this file, with its wishes, stories and auditor, and a place here.
static CONTEXTS: [&[Handler]; 1] = [ledger::HANDLERS];

/// Every handler.
pub(crate) fn handlers() -> impl Iterator<Item = &'static Handler> {
    CONTEXTS.into_iter().flatten()
}

/// The handler of a function.
pub(crate) fn handler(function: &str) -> &'static Handler {
    handlers().find(|handler| handler.function == function).expect("every function of the template takes part")
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
