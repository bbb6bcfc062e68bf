//! What functions may do: the policies of their roles.

use super::{Reader, node::Node};

/// A statement of a policy: what may be done, and with what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Actions, such as `dynamodb:GetItem`.
    pub actions: Vec<String>,
    /// ARNs of resources; `*` at the end stands for anything.
    pub resources: Vec<String>,
}

impl Grant {
    /// By which of its resources it allows an action with one, if it does.
    pub fn allows<'a>(&'a self, action: &str, resource: &'a str) -> impl Iterator<Item = &'a String> {
        let known = self.actions.iter().any(|granted| granted == action);
        self.resources.iter().filter(move |granted| match granted.strip_suffix('*') {
            Some(beginning) => known && resource.starts_with(beginning),
            None => known && *granted == resource,
        })
    }
}

impl<'a> Reader<'a> {
    /// A policy of a role, and the role's name. What is allowed to some under a condition is allowed here to nobody.
    pub(super) fn policy(&mut self, resource: &Node<'a>) -> anyhow::Result<()> {
        let properties = resource.required("Properties")?;
        let role = properties.required("RoleName")?.string()?;
        for statement in properties.required("PolicyDocument")?.required("Statement")?.items()? {
            statement.only(&["Effect", "Action", "Resource"])?;
            let effect = statement.required("Effect")?;
            if effect.string()? != "Allow" {
                return Err(effect.wrong("the local platform knows statements that allow"));
            }
            let grant = Grant {
                actions: texts(&statement.required("Action")?)?,
                resources: texts(&statement.required("Resource")?)?,
            };
            self.grants.entry(role.clone()).or_default().push(grant);
        }
        Ok(())
    }
}

/// A text, or a list of them.
fn texts(node: &Node<'_>) -> anyhow::Result<Vec<String>> {
    if let Ok(text) = node.string() {
        return Ok(vec![text]);
    }
    node.items()?.iter().map(Node::string).collect()
}
