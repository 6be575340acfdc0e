//! The corpus is built into the command: a new test must rebuild it. So are the rules of the model,
//! in the words of their documentation.

use std::path::{Path, PathBuf};
use std::{env, fs};

use syn::visit::{self, Visit};
use syn::{Arm, Attribute, Expr, ExprCall, File, Item, Lit, Meta, Pat};

const SYSCALLS: &str = "../model/src/syscall";

fn main() {
    println!("cargo::rerun-if-changed=../corpus");
    println!("cargo::rerun-if-changed={SYSCALLS}");
    let mut step = Step::default();
    step.visit_file(&parse(&Path::new(SYSCALLS).join("mod.rs")));
    let rules = step.rules.iter().filter_map(|(calls, module, function)| {
        let (file, text) = files(module).into_iter().find_map(|file| {
            let text = documentation(&parse(&file), function)?;
            Some((file, text))
        })?;
        let file = file.to_string_lossy().trim_start_matches("../").to_owned();
        let place = format!("{file} {function}()");
        let rule = |call: &String| {
            format!("Rule {{ call: {call:?}, place: {place:?}, text: {text:?} }},\n")
        };
        Some(calls.iter().map(rule).collect::<String>())
    });
    let table = format!("const RULES: &[Rule] = &[\n{}];\n", rules.collect::<String>());
    let folder = env::var("OUT_DIR").expect("cargo sets it");
    fs::write(Path::new(&folder).join("rules.rs"), table).expect("the folder can be written");
}

/// The files of a module of the rules: one, or those of its folder.
fn files(module: &str) -> Vec<PathBuf> {
    let folder = Path::new(SYSCALLS).join(module);
    match fs::read_dir(&folder) {
        Ok(entries) => {
            let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
            files.sort_unstable();
            files
        }
        Err(_) => vec![folder.with_extension("rs")],
    }
}

fn parse(path: &Path) -> File {
    let text = fs::read_to_string(path).expect("the module has a file");
    syn::parse_file(&text).expect("it is Rust")
}

/// The arms of the model's `step`: which function is the rule of which operations.
#[derive(Default)]
struct Step {
    rules: Vec<(Vec<String>, String, String)>,
}

impl<'ast> Visit<'ast> for Step {
    fn visit_arm(&mut self, arm: &'ast Arm) {
        let mut call = Called::default();
        call.visit_expr(&arm.body);
        if let Some((module, function)) = call.rule {
            self.rules.push((operations(&arm.pat), module, function));
        }
        visit::visit_arm(self, arm);
    }
}

/// The names of the operations in a pattern.
fn operations(pattern: &Pat) -> Vec<String> {
    match pattern {
        Pat::Or(or) => or.cases.iter().flat_map(operations).collect(),
        Pat::Struct(of) => {
            of.path.segments.last().map(|it| it.ident.to_string()).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The last call of `module::function` in an expression.
#[derive(Default)]
struct Called {
    rule: Option<(String, String)>,
}

impl<'ast> Visit<'ast> for Called {
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let names: Vec<_> =
                path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            if let [module, function] = names.as_slice()
                && module.starts_with(|letter: char| letter.is_lowercase())
            {
                self.rule = Some((module.clone(), function.clone()));
            }
        }
        visit::visit_expr_call(self, call);
    }
}

/// The documentation of a function.
fn documentation(file: &File, name: &str) -> Option<String> {
    let attributes = file.items.iter().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == name => Some(&function.attrs),
        _ => None,
    })?;
    let lines = attributes.iter().filter_map(line);
    Some(lines.collect::<Vec<_>>().join("\n")).filter(|text| !text.is_empty())
}

fn line(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(it) if it.path.is_ident("doc") => match &it.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}
