//! Plain text of a given width.

/// The lines of a text that are not longer than this, where words allow.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_long_as_they_may_be() {
        assert_eq!(wrap("a bb  ccc\nd", 4), ["a bb", "ccc", "d"]);
        assert_eq!(wrap("longer", 4), ["longer"]);
        assert!(wrap(" ", 4).is_empty());
    }
}
