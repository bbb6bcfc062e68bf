//! What has become known of messages by receiving them.

/// What later wishes refer to.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Addresses of pages on which something can be done.
    pub(crate) actions: Vec<String>,
    /// Links to forms.
    pub(crate) surveys: Vec<String>,
}

impl Known {
    /// Somebody reads a message.
    pub(crate) fn read(&mut self, text: &str) {
        let page = text.split("/a/").nth(1).and_then(|rest| rest.split_whitespace().next());
        self.actions.extend(page.map(str::to_owned));
        let form = text.split("/s/").nth(1).and_then(|rest| rest.split_whitespace().next());
        self.surveys.extend(form.map(|token| token.trim_end_matches(')').to_owned()));
    }
}
