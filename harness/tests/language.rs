//! The litmus language: text to test and back.

use arbitrary::Unstructured;
use mapspec::compare::model_trace;
use mapspec::generate;
use mapspec::litmus::{Condition, Expectation, Test, parse, text};
use mapspec_model::policy::Policy;
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

/// A test that claims what the model says, now and then only under a condition.
fn test_of(bytes: &[u8]) -> Test {
    let program = generate::program(&[], &mut Unstructured::new(bytes)).unwrap();
    let mut test = Test::of_program("generated.program", &program);
    let trace = model_trace(&program, &Policy::default());
    for (place, (line, outcome)) in test.lines.iter_mut().zip(trace).enumerate() {
        if place % 4 == 1 {
            line.comments = ["why, \"how\" */ A: load(@0)", "", "x"].map(str::to_owned).to_vec();
        }
        let condition = Condition { field: "seal_exec_exists".to_owned(), value: place % 2 == 0 };
        let alternatives = match place % 3 {
            0 => vec![(outcome, None)],
            1 => vec![(outcome, Some(condition)), (outcome, None)],
            _ => continue,
        };
        line.expectation = Some(Expectation { alternatives });
    }
    test
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same(bytes in vec(any::<u8>(), 0..300)) {
        let test = test_of(&bytes);
        prop_assert_eq!(parse(&text(&test)), Ok(test));
    }

    #[test]
    fn no_text_makes_the_parser_panic(garbage in "(?s).{0,200}") {
        if let Ok(test) = parse(&garbage) {
            prop_assert_eq!(parse(&text(&test)), Ok(test));
        }
    }

    #[test]
    fn a_damaged_test_is_understood_or_refused_in_place(
        bytes in vec(any::<u8>(), 50..300), place in any::<usize>(), letter in any::<char>(),
    ) {
        let whole = text(&test_of(&bytes));
        let mut letters: Vec<char> = whole.chars().collect();
        let place = place % letters.len();
        letters[place] = letter;
        let damaged: String = letters.iter().collect();
        if let Err(diagnostic) = parse(&damaged) {
            prop_assert!(diagnostic.span.end <= damaged.len() + 1);
            prop_assert!(diagnostic.render("x", &damaged, false).contains("expected"));
        }
    }
}

#[test]
fn comments_stay_with_their_statements() {
    let written = "# above\ntest: x.y # in the header\n\n# One\n\n#two\nA: load(@0) = SIGSEGV/MAPERR # three\n\
                   A: load(@1) # four\n# nothing follows\n";
    let test = parse(written).unwrap();
    let comments: Vec<_> = test.lines.iter().map(|line| line.comments.join("/")).collect();
    assert_eq!(comments, ["One/two/three", "four"]);
    assert!(text(&test).contains("\n# four\nA: load(@1)\n"), "{}", text(&test));
}
