//! Colors. They are always written; where none are wanted, the output stream strips them.

use anstyle::{AnsiColor, Style};

/// For what is as it should be.
pub const fn good() -> Style {
    AnsiColor::Green.on_default()
}

/// For what is not.
pub const fn bad() -> Style {
    AnsiColor::Red.on_default().bold()
}

/// For what is known, or left out.
pub const fn warn() -> Style {
    AnsiColor::Yellow.on_default()
}

/// For what is less important.
pub const fn faint() -> Style {
    Style::new().dimmed()
}

/// For headings.
pub const fn emphasis() -> Style {
    Style::new().bold()
}
