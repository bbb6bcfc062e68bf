//! What a command says, on standard output.

use std::error::Error;
use std::fmt;
use std::io::{self, Write as _};

/// Whoever read it has gone, as `head` does when it has enough. Nothing is wrong, and there is nobody left to tell.
#[derive(Debug)]
pub struct Unread;

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody reads what is said any more")
    }
}

impl Error for Unread {}

/// Says it.
///
/// # Errors
/// [`Unread`], or it cannot be written.
pub fn say(text: fmt::Arguments<'_>) -> anyhow::Result<()> {
    match io::stdout().lock().write_fmt(text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Unread.into()),
        said => Ok(said?),
    }
}

/// `say!("{count} items")?`: a line on standard output. Where `println!` would panic because nobody reads it, this ends the command.
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => {
        $crate::terminal::say(format_args!("{}\n", format_args!($($text)*)))
    };
}
