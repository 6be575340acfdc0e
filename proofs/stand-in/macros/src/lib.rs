//! The attributes of Kani's harnesses, without Kani: a proof becomes a test.

use proc_macro::{Delimiter, TokenStream, TokenTree};

/// A harness: a test that runs its body many times.
#[proc_macro_attribute]
pub fn proof(arguments: TokenStream, item: TokenStream) -> TokenStream {
    if !arguments.is_empty() {
        return error("#[kani::proof] takes no argument");
    }
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    let Some(TokenTree::Group(body)) = tokens.pop().filter(is_block) else {
        return error("#[kani::proof] belongs to a function");
    };
    let mut words = tokens.iter().map(ToString::to_string);
    let name = words.by_ref().find(|word| word == "fn").and_then(|_| words.next());
    let Some(name) = name else {
        return error("#[kani::proof] belongs to a function");
    };
    let must_fail = tokens.iter().any(|token| token.to_string().contains("should_panic"));
    let head: TokenStream = tokens.into_iter().collect();
    let test = format!("#[test] {head} {{ ::kani::run({name:?}, {must_fail}, || {body}) }}");
    test.parse().unwrap_or_else(|_| error("#[kani::proof] belongs to a function"))
}

/// Some run of the harness must fail.
#[proc_macro_attribute]
pub fn should_panic(arguments: TokenStream, item: TokenStream) -> TokenStream {
    if arguments.is_empty() { item } else { error("#[kani::should_panic] takes no argument") }
}

/// How often loops are unrolled, which matters to Kani alone.
#[proc_macro_attribute]
pub fn unwind(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let is_number = arguments.to_string().parse::<u32>().is_ok();
    if is_number { item } else { error("#[kani::unwind] takes a number") }
}

/// The solver, which matters to Kani alone.
#[proc_macro_attribute]
pub fn solver(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let is_known = ["cadical", "kissat", "minisat", "z3"].contains(&arguments.to_string().as_str());
    if is_known { item } else { error("#[kani::solver] takes cadical, kissat, minisat or z3") }
}

fn is_block(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn error(message: &str) -> TokenStream {
    format!("compile_error!({message:?});").parse().unwrap_or_default()
}
