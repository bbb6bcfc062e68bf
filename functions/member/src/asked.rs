//! What a request that changes members begins with: the programme as of now, who speaks, and what they ask.

use std::sync::Arc;

use domain::kernel::id::OperationId;
use domain::kernel::stamp::Stamp;
use domain::members::speaking::Speaker;
use domain::members::telling::Rules;
use domain::programme::compiled::{Programme, Programmes};
use domain::programme::setting::Setting;
use domain::programme::source::Sends;
use jiff::Timestamp;
use lambda::{Failure, Private, Request, Role};
use serde_json::Value;
use store::{Asking, Patience};

use crate::speaker::{by, operation, speaker};

/// A request, and what it is decided by.
pub(crate) struct Asked<'a> {
    app: &'a Private,
    request: &'a Request,
    programmes: Arc<Programmes>,
    by: String,
    operation: OperationId,
    /// Now.
    pub(crate) now: Timestamp,
}

impl<'a> Asked<'a> {
    pub(crate) async fn of(app: &'a Private, request: &'a Request) -> Result<Self, Failure> {
        Self::by(app, request, by(request)?).await
    }

    /// The same of a request that has a key, by which it is known.
    pub(crate) async fn keyed(app: &'a Private, request: &'a Request, stamp: &Stamp) -> Result<Self, Failure> {
        Self::under(app, request, by(request)?, |_| stamp.operation).await
    }

    /// The same of a caller without a token.
    pub(crate) async fn by(app: &'a Private, request: &'a Request, by: String) -> Result<Self, Failure> {
        // Without a body the path says it all.
        let said = |now| operation(&request.route, &request.json().unwrap_or(Value::Null), now);
        Self::under(app, request, by, said).await
    }

    async fn under(
        app: &'a Private,
        request: &'a Request,
        by: String,
        operation: impl FnOnce(Timestamp) -> OperationId,
    ) -> Result<Self, Failure> {
        let (programmes, now) = (app.programmes().await?, app.now());
        Ok(Self { app, request, programmes, by, operation: operation(now), now })
    }

    pub(crate) fn programme(&self) -> &Programme {
        self.programmes.at(self.now)
    }

    pub(crate) fn rules(&self) -> Rules<'_> {
        Rules::of(self.programme(), self.now)
    }

    /// Who speaks: see [`speaker`].
    pub(crate) fn speaker(&self, source: Option<&str>, sends: Sends) -> Result<Speaker<'_>, Failure> {
        speaker(self.request, source, sends, self.programme())
    }

    pub(crate) fn asking(&self) -> Asking<'_> {
        let setting = Setting { programmes: &self.programmes, now: self.now };
        Asking { keys: self.app.keys(), by: &self.by, operation: self.operation, rules: self.rules(), setting }
    }

    pub(crate) fn patience(&self) -> Patience {
        self.app.patience(self.request.deadline)
    }

    /// Who asks, as rows of the log name the caller.
    pub(crate) fn who(&self) -> &str {
        &self.by
    }

    /// The sources whose values a system sees; none for all others, who see of which there are any.
    pub(crate) fn sees(&self) -> Result<Option<Vec<String>>, Failure> {
        let principal = self.request.principal()?;
        let sources = self.programme().document().source.iter();
        let own = sources.filter(|source| source.is(&principal.subject)).map(|source| source.id.clone());
        Ok((principal.role == Role::Partner).then(|| own.collect()))
    }
}
