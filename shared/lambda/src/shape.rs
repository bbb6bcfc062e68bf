//! What a route is asked and answers. Without the feature `described` a shape has its query parameters alone, so that no function
//! that is deployed holds the means to describe the rest.

use schemars::JsonSchema;
#[cfg(feature = "described")]
use schemars::{Schema, SchemaGenerator as Generator};

/// Makes the schema of a type.
#[cfg(feature = "described")]
pub type Describe = fn(&mut Generator) -> Schema;

/// What is asked and answered.
pub struct Shape {
    /// The body; absent if there is none.
    #[cfg(feature = "described")]
    pub request: Option<Describe>,
    /// Query parameters, and what they mean; others are refused.
    pub query: &'static [(&'static str, &'static str)],
    /// It is a page for people: asked by a form, answered in HTML.
    pub page: bool,
    /// Answers when it succeeds.
    #[cfg(feature = "described")]
    pub replies: &'static [Answer],
}

/// An answer when it succeeds.
pub struct Answer {
    /// Its status.
    #[cfg(feature = "described")]
    pub status: u16,
    /// What it means.
    #[cfg(feature = "described")]
    pub says: &'static str,
    /// Its body.
    #[cfg(feature = "described")]
    pub body: Describe,
}

#[cfg(feature = "described")]
fn of<T: JsonSchema>(generator: &mut Generator) -> Schema {
    generator.subschema_for::<T>()
}

#[cfg(feature = "described")]
fn any_object(_: &mut Generator) -> Schema {
    schemars::json_schema!({"type": "object"})
}

/// An answer with a body of a type.
#[must_use]
#[cfg_attr(not(feature = "described"), expect(unused_variables, reason = "nothing is described"))]
pub const fn reply<T: JsonSchema>(status: u16, says: &'static str) -> Answer {
    Answer {
        #[cfg(feature = "described")]
        status,
        #[cfg(feature = "described")]
        says,
        #[cfg(feature = "described")]
        body: of::<T>,
    }
}

/// An answer with any object.
#[must_use]
#[cfg_attr(not(feature = "described"), expect(unused_variables, reason = "nothing is described"))]
pub const fn anything(status: u16, says: &'static str) -> Answer {
    Answer {
        #[cfg(feature = "described")]
        status,
        #[cfg(feature = "described")]
        says,
        #[cfg(feature = "described")]
        body: any_object,
    }
}

#[cfg_attr(not(feature = "described"), expect(unused_variables, reason = "nothing is described"))]
impl Shape {
    /// A body of a type, and answers.
    #[must_use]
    pub const fn of<T: JsonSchema>(replies: &'static [Answer]) -> Self {
        Self {
            #[cfg(feature = "described")]
            request: Some(of::<T>),
            query: &[],
            page: false,
            #[cfg(feature = "described")]
            replies,
        }
    }

    /// No body, perhaps query parameters, and answers.
    #[must_use]
    pub const fn asked(query: &'static [(&'static str, &'static str)], replies: &'static [Answer]) -> Self {
        Self {
            #[cfg(feature = "described")]
            request: None,
            query,
            page: false,
            #[cfg(feature = "described")]
            replies,
        }
    }

    /// A page, perhaps with query parameters.
    #[must_use]
    pub const fn page(query: &'static [(&'static str, &'static str)], replies: &'static [Answer]) -> Self {
        Self { page: true, ..Self::asked(query, replies) }
    }

    /// A page that is asked by a form of a type.
    #[must_use]
    pub const fn form<T: JsonSchema>(
        query: &'static [(&'static str, &'static str)],
        replies: &'static [Answer],
    ) -> Self {
        Self { page: true, query, ..Self::of::<T>(replies) }
    }
}
