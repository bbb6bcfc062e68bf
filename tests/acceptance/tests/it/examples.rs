//! The example of every route, asked of the whole platform: what it shows is what is answered, and is as described.

use std::collections::BTreeMap;
use std::sync::Arc;

use local::functions::operations;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use sam::examples::{self, Also, Answered, Asked, Example, Examples};
use sam::operation::Operation;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::contract;
use crate::world::{Answer, World, answer, repository};

/// Examples with their routes.
struct Book {
    routes: BTreeMap<&'static str, Operation>,
    examples: Examples,
}

/// Texts that examples show where chance decides, each with what it was here.
type Chances = Vec<(String, String)>;

impl Book {
    fn read() -> Self {
        let mut operations = operations();
        operations.retain(Operation::has_example);
        let examples = examples::read(&repository(""), &operations).unwrap_or_else(|error| panic!("{error:#}"));
        Self { routes: operations.into_iter().map(|operation| (operation.id, operation)).collect(), examples }
    }

    /// What is answered to an example after those that it names, written as the example would show it.
    async fn answered(&self, id: &str) -> Answered {
        let before: Vec<&str> = self.examples[id].before.iter().map(String::as_str).collect();
        let first = &self.examples[*before.first().unwrap_or(&id)];
        let world = World::whole(&first.at.to_string(), &[]).await;
        let mut chances = Chances::new();
        for earlier in before {
            let answered = self.ask(&world, earlier, &mut chances).await;
            assert_eq!(answered.status, self.examples[earlier].response.status, "{earlier} before {id}: {answered:?}");
        }
        self.ask(&world, id, &mut chances).await
    }

    async fn ask(&self, world: &World, id: &str, chances: &mut Chances) -> Answered {
        let example = &self.examples[id];
        world.advance(&example.at.to_string()).await;
        for Also { id, by, body } in &example.also {
            let answer = world.caller(by.role, &by.subject).post(self.routes[id.as_str()].path, body).await;
            assert!(answer.status < 300, "{id}: {answer:?}");
        }
        world.platform.rest().await.unwrap();
        let (method, path, asked) = self.request(id, chances);
        let mut request = match &example.by {
            Some(by) => {
                let here = |text: String, (shown, here): &(String, String)| text.replace(shown, here);
                let subject = chances.iter().fold(by.subject.clone(), here);
                world.caller(by.role, &subject).prepared(method.clone(), &path)
            }
            None => world.request(method.clone(), &path),
        };
        for (name, value) in &asked.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &asked.body {
            request = request.json(body);
        }
        let answer = answer(request).await;
        contract::check(&method, &path, asked.body.as_ref(), &answer);
        assert!(!answer.repeated, "the example of {id} is answered as a repeat");
        world.platform.rest().await.unwrap();
        as_shown(example, answer, chances)
    }

    /// An example's method, path with query, and whatever else it asks.
    fn request(&self, id: &str, chances: &Chances) -> (Method, String, Asked) {
        let mut text = serde_json::to_string(&self.examples[id].request).unwrap();
        for (shown, here) in chances {
            text = text.replace(shown, here);
        }
        let asked: Asked = serde_json::from_str(&text).unwrap();
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let route = &self.routes[id];
        let mut path = route.path.to_owned();
        for (name, value) in &asked.path {
            path = path.replace(&format!("{{{name}}}"), &encoded(value));
        }
        let query: Vec<String> = asked.query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        (route.method.name().parse().unwrap(), path, asked)
    }
}

/// An answer with the example's own words where chance decides.
fn as_shown(example: &Example, answer: Answer, chances: &mut Chances) -> Answered {
    let mut text = answer.body.to_string();
    for (shown, here) in &*chances {
        text = text.replace(here, shown);
    }
    let mut body: serde_json::Value = serde_json::from_str(&text).unwrap();
    for pointer in &example.varies {
        let (Some(shown), Some(here)) = (example.response.body.pointer(pointer), body.pointer_mut(pointer)) else {
            continue;
        };
        if let (Some(shown), Some(here)) = (shown.as_str(), here.as_str()) {
            chances.push((shown.to_owned(), here.to_owned()));
        }
        shown.clone_into(here);
    }
    Answered { status: answer.status, body }
}

#[test]
fn every_example_is_as_described() {
    let book = Book::read();
    for (id, Example { response: Answered { status, body }, .. }) in &book.examples {
        let shown = Answer { status: *status, content_type: String::new(), repeated: false, body: body.clone() };
        let (method, path, asked) = book.request(id, &Chances::new());
        contract::check(&method, &path, asked.body.as_ref(), &shown);
    }
}

/// Each on a platform of its own, a few at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_example_is_answered_as_it_says() {
    let (book, permits) = (Arc::new(Book::read()), Arc::new(Semaphore::new(4)));
    let mut asked = JoinSet::new();
    for id in book.routes.keys().copied() {
        let (book, permits) = (Arc::clone(&book), Arc::clone(&permits));
        asked.spawn(async move {
            let _permit = permits.acquire().await.unwrap();
            (id, book.answered(id).await)
        });
    }
    let mut otherwise = asked.join_all().await;
    otherwise.retain(|(id, answered)| *answered != book.examples[*id].response);
    let told =
        otherwise.iter().map(|(id, answered)| format!("{id}: {}", serde_json::to_string_pretty(answered).unwrap()));
    assert!(otherwise.is_empty(), "answered otherwise:\n{}", told.collect::<Vec<_>>().join("\n"));
}

/// For who writes an example: ask, and read what is answered before it is kept.
#[tokio::test]
#[ignore = "writes what is answered into the examples"]
async fn answers_are_written_into_the_examples() {
    let mut book = Book::read();
    for id in book.routes.keys().copied().collect::<Vec<_>>() {
        let answered = book.answered(id).await;
        let example = book.examples.get_mut(id).unwrap();
        assert_eq!(answered.status, example.response.status, "{id}: {}", answered.body);
        example.response = answered;
        let text = serde_json::to_string_pretty(&example).unwrap();
        std::fs::write(repository("").join(examples::place(&book.routes[id])), format!("{text}\n")).unwrap();
    }
}
