//! Mistakes on purpose. A simulator that finds nothing proves little until it is known what it would find: each feature
//! `bug-...` compiles one realistic mistake in, at the place where it would be made, and [`plant`] turns one of them on for
//! the thread that calls it. No feature is on in any build that is deployed; there the compiler removes every trace.

use std::cell::Cell;

thread_local! {
    static PLANTED: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Plants a bug on this thread in place of the one before; `None` plants none.
pub fn plant(bug: Option<&'static str>) {
    PLANTED.set(bug);
}

/// Is it the bug that is planted on this thread?
#[must_use]
pub fn is(bug: &str) -> bool {
    PLANTED.get() == Some(bug)
}

/// Is the bug compiled in, by the feature of its name in the crate that asks, and planted on this thread?
#[macro_export]
macro_rules! planted {
    ($bug:literal) => {
        cfg!(feature = $bug) && $crate::kernel::planted::is($bug)
    };
}
