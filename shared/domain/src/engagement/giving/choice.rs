//! The project that a member chose.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::GivingFact;
use crate::engagement::scene::{Barred, Scene, Standing};
use crate::kernel::change::{Aggregate, Change, Effect};
use crate::kernel::id::MemberId;
use crate::kernel::refusal::{Reused, refusals};
use crate::programme::engagement::giving::Giving;

/// The projects that a member chose, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Whose.
    pub member: MemberId,
    /// Since when, and which.
    pub chosen: Vec<(Timestamp, String)>,
}

refusals! {
    /// Why a project is not chosen.
    GivingRefusal {
        /// There is no such project.
        Invalid UnknownProject ("unknown_project" at "project") {
            /// Those that there are.
            known: Vec<String>,
        } = "there is no such project",
        /// It takes no money any more.
        Conflict ProjectClosed ("project_closed") = "the project takes no money any more",
        | Barred,
        | Reused,
    }
}

impl Aggregate for Choices {
    type Fact = GivingFact;
    type Refusal = GivingRefusal;

    fn member(&self) -> Option<&MemberId> {
        Some(&self.member)
    }

    fn denied(_: &Effect) -> GivingRefusal {
        unreachable!("a choice changes nothing beside itself")
    }
}

impl Choices {
    /// The choices that are kept.
    pub const MOST: usize = 10;

    /// Of a member who has chosen nothing.
    #[must_use]
    pub fn new(member: MemberId) -> Self {
        Self { member, chosen: Vec::new() }
    }

    /// Chooses a project, from now on. What was booked stays where it is.
    ///
    /// # Errors
    /// There is no such project, or it takes no money any more.
    pub fn choose(
        &self,
        project: &str,
        giving: &Giving,
        standing: &Standing,
        scene: Scene<'_>,
    ) -> Result<Change<Self>, GivingRefusal> {
        standing.takes_part()?;
        if giving.project(project).is_none() {
            let known = giving.projects.iter().map(|project| project.id.clone()).collect();
            return Err(GivingRefusal::UnknownProject { known });
        }
        if !giving.takes(project, scene.programme.zone().date(scene.now)) {
            return Err(GivingRefusal::ProjectClosed);
        }
        let mut choices = self.clone();
        if choices.at(scene.now) == Some(project) {
            return Ok(Change::to(choices));
        }
        choices.chosen.push((scene.now, project.to_owned()));
        if choices.chosen.len() > Self::MOST {
            choices.chosen.remove(0);
        }
        let told = GivingFact::ProjectChosen { project: project.to_owned() };
        Ok(Change::to(choices).telling(told))
    }

    /// The choice in force at an instant; it counts from its own instant on, included.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Option<&str> {
        let before = self.chosen.iter().rev().find(|(since, _)| *since <= at);
        before.map(|(_, project)| project.as_str())
    }
}
