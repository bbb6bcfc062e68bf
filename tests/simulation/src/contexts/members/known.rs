//! What has become known of members by asking and hearing.

use serde_json::Value;

use crate::contexts::wish::{Way, Wish};

/// Ids of members and imports that were answered.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) people: Vec<String>,
    pub(crate) imports: Vec<String>,
}

impl Known {
    /// Hears an answer that is a success.
    pub(crate) fn hear(&mut self, wish: &Wish, answer: &Value) {
        let body =
            answer["body"].as_str().and_then(|body| serde_json::from_str::<Value>(body).ok()).unwrap_or_default();
        let member = body["member"].as_str().filter(|_| wish.way == Way::Invoke("member"));
        if let Some(member) = member.filter(|member| !self.people.iter().any(|known| known == member)) {
            self.people.push(member.to_owned());
        }
        let import = body["import"].as_str().filter(|import| !self.imports.iter().any(|known| known == import));
        self.imports.extend(import.map(str::to_owned));
    }
}
