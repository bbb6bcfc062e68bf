//! Content that is handed in.

use super::hash::Fingerprint;
use crate::kernel::refusal::InvalidField;

/// Content that is handed in. Images and videos lie where the brand keeps them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Submission {
    /// The text.
    pub text: String,
    /// Where the images are.
    pub images: Vec<String>,
    /// Where the video is.
    pub video: Option<String>,
    /// May it be shown?
    pub licence: bool,
}

/// The longest text, in characters.
const LONGEST: usize = 2_000;
/// The most images.
const IMAGES: usize = 9;
/// The longest address, in bytes.
const ADDRESS: usize = 2_048;

impl Submission {
    /// What it is known by.
    #[must_use]
    pub fn hash(&self) -> Fingerprint {
        let urls: Vec<String> = self.images.iter().chain(&self.video).cloned().collect();
        Fingerprint::of(&self.text, &urls)
    }
}

/// Looks at what is handed in.
///
/// # Errors
/// The field that is wrong.
pub fn check(submission: &Submission, hosts: &[String]) -> Result<(), InvalidField> {
    let wrong = |field: &str, message: String| Err(InvalidField::new(field, message));
    let empty = submission.images.is_empty() && submission.video.is_none();
    if submission.text.trim().is_empty() && empty {
        return wrong("text", "there is nothing in it".into());
    }
    if submission.text.chars().count() > LONGEST {
        return wrong("text", format!("at most {LONGEST} characters"));
    }
    if submission.images.len() > IMAGES {
        return wrong("images", format!("at most {IMAGES} images"));
    }
    let images = submission.images.iter().enumerate().map(|(place, url)| (format!("images/{place}"), url));
    let video = submission.video.iter().map(|url| ("video".to_owned(), url));
    for (field, url) in images.chain(video) {
        if !lies(url, hosts) {
            return wrong(&field, "an address https://HOST/..., whose host is one of the brand's".into());
        }
    }
    if submission.licence { Ok(()) } else { wrong("licence", "it may not be shown".into()) }
}

/// Does it lie on one of some hosts?
fn lies(url: &str, hosts: &[String]) -> bool {
    let plain = url.len() <= ADDRESS && url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    plain && host.is_some_and(|host| hosts.iter().any(|known| known.eq_ignore_ascii_case(host)))
}
