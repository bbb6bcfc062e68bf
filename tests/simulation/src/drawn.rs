//! What is random in the product, drawn anew in every run: what an invocation draws follows from what it is asked.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use fastrand::Rng;
use lambda::Trigger;
use store::Draw;

tokio::task_local! {
    static DRAWN: RefCell<Rng>;
}

/// Draws for whichever invocation is at work.
pub(crate) fn draw() -> Draw {
    Draw::by(|bytes| DRAWN.with(|rng| rng.borrow_mut().fill(bytes)))
}

/// Does an invocation's work; tried again, it draws the same.
pub(crate) async fn drawing<F: Future>(trigger: &str, work: F) -> F::Output {
    DRAWN.scope(RefCell::new(generator(trigger)), work).await
}

fn generator(trigger: &str) -> Rng {
    let mut hasher = DefaultHasher::new();
    trigger.hash(&mut hasher);
    Rng::with_seed(hasher.finish())
}

/// What an invocation draws first.
pub(crate) fn first<const N: usize>(trigger: &str) -> [u8; N] {
    let mut bytes = [0; N];
    generator(trigger).fill(&mut bytes);
    bytes
}

/// What an invocation is asked.
pub(crate) fn asked(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Http(request) => format!("{} {:?}", request.route, request.json().unwrap_or_default()),
        _ => String::new(),
    }
}
