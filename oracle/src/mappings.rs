//! The text of `/proc/PID/maps`, as proc_pid_maps(5) describes it.

use std::ops::Range;

use mapspec_model::op::Protection;
use mapspec_model::outcome::Permissions;

/// A line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping<'a> {
    /// Its addresses, in bytes.
    pub addresses: Range<usize>,
    pub permissions: Permissions,
    /// What is mapped: a path, or a name in brackets; empty for anonymous memory.
    pub name: &'a str,
}

/// The mappings of a process, by their addresses; a line that is none is left out.
pub fn mappings(maps: &str) -> impl Iterator<Item = Mapping<'_>> {
    maps.lines().filter_map(mapping)
}

fn mapping(line: &str) -> Option<Mapping<'_>> {
    // The name may have spaces in it.
    let mut words = line.splitn(6, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let start = usize::from_str_radix(start, 16).ok()?;
    let end = usize::from_str_radix(end, 16).ok()?;
    let letters = words.next()?.as_bytes().first_chunk::<4>()?;
    let permissions = Permissions {
        protection: protection([letters[0] == b'r', letters[1] == b'w', letters[2] == b'x']),
        shared: letters[3] == b's',
    };
    let name = words.nth(3).unwrap_or_default().trim_start();
    Some(Mapping { addresses: start..end, permissions, name })
}

/// What may be done, of reading, writing and executing.
pub fn protection([read, write, execute]: [bool; 3]) -> Protection {
    let flags =
        [(read, Protection::READ), (write, Protection::WRITE), (execute, Protection::EXECUTE)];
    flags
        .into_iter()
        .filter(|&(is_there, _)| is_there)
        .fold(Protection::EMPTY, |all, (_, flag)| all | flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_addresses_permissions_and_name() {
        let text = "1000-3000 r-xp 00000000 fe:00 5311640                    /bin/a program\n\
                    5000-6000 rw-s 00000000 00:00 0 \n";
        let expected = [
            Mapping {
                addresses: 0x1000..0x3000,
                permissions: Permissions {
                    protection: Protection::READ | Protection::EXECUTE,
                    shared: false,
                },
                name: "/bin/a program",
            },
            Mapping {
                addresses: 0x5000..0x6000,
                permissions: Permissions {
                    protection: Protection::READ | Protection::WRITE,
                    shared: true,
                },
                name: "",
            },
        ];
        assert_eq!(mappings(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_line_that_is_no_mapping_is_left_out() {
        assert_eq!(mappings("\n1000 rw-p\nx-y rw-p 0 00:00 0\n1000-2000 rw\n").count(), 0);
    }
}
