//! The tables of a platform that does not run.

use std::path::Path;

use sam::machine::{DATABASE, DataDir, Ports};
use sam::template::Stack;

use crate::dynamodb;
use crate::server::{Server, listen};

/// The embedded database alone, on the data of a platform that does not run; other programs find it as they find a platform's.
pub struct AtRest {
    _server: Server,
    _data: DataDir,
}

impl AtRest {
    /// Opens it; nothing if a platform runs there, whose database answers then.
    ///
    /// # Errors
    /// None has ever run there, or its data is damaged or of another format or shape.
    pub async fn open(template: &Path, data_dir: &Path) -> anyhow::Result<Option<Self>> {
        let Some(data) = DataDir::at_rest(data_dir)? else { return Ok(None) };
        let stack = Stack::read(template, "")?;
        let (listener, dynamodb) = listen(0).await?;
        let (server, _) = dynamodb::start(listener, Some(&data.file(DATABASE)), &stack.tables, &stack.streams)?;
        data.publish(Ports { api: 0, dynamodb, sqs: 0, kms: 0 })?;
        Ok(Some(Self { _server: server, _data: data }))
    }
}
