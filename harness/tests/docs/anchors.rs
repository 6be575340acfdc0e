//! What the book includes of the source: each anchor is there, once, and is shown.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use walkdir::WalkDir;

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let files = WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let paths = files.map(walkdir::DirEntry::into_path);
    paths.filter(|path| path.extension().is_some_and(|it| it == extension)).collect()
}

/// The files that pages include, each with the name of its anchor.
fn included() -> BTreeSet<(PathBuf, String)> {
    let mut included = BTreeSet::new();
    for page in files("../docs/src", "md") {
        let text = fs::read_to_string(&page).unwrap();
        for (_, rest) in text.match_indices("{{").map(|(at, open)| text.split_at(at + open.len())) {
            let command = rest.split("}}").next().unwrap();
            let target = command.strip_prefix("#include ");
            let (path, anchor) = target.and_then(|it| it.split_once(':')).unwrap_or_else(|| {
                panic!("{}: neither a file nor an anchor: {command}", page.display())
            });
            let path = page.parent().unwrap().join(path);
            let path = path.canonicalize().unwrap_or_else(|error| panic!("{command}: {error}"));
            included.insert((path, anchor.to_owned()));
        }
    }
    included
}

#[test]
fn each_included_part_of_the_source_is_there_and_no_anchor_is_unused() {
    let mut anchors = BTreeSet::new();
    for path in files("../model/src", "rs") {
        let text = fs::read_to_string(&path).unwrap();
        let path = path.canonicalize().unwrap();
        let marks = |mark: &str| -> Vec<_> {
            text.lines()
                .filter_map(|line| line.trim().strip_prefix(mark))
                .map(str::to_owned)
                .collect()
        };
        let (starts, ends) = (marks("// ANCHOR: "), marks("// ANCHOR_END: "));
        assert_eq!(
            starts.iter().collect::<BTreeSet<_>>(),
            ends.iter().collect(),
            "{}",
            path.display()
        );
        for name in starts {
            assert!(anchors.insert((path.clone(), name.clone())), "{} {name}", path.display());
        }
    }
    assert_eq!(included(), anchors);
}

#[test]
fn each_page_is_in_the_summary() {
    let summary = fs::read_to_string("../docs/src/SUMMARY.md").unwrap();
    for page in files("../docs/src", "md") {
        let name = page.strip_prefix("../docs/src").unwrap().display().to_string();
        assert!(name == "SUMMARY.md" || summary.contains(&format!("({name})")), "{name}");
    }
}
