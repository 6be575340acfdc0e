//! The page about properties: its table is that of the model.

use std::fmt::Write as _;

use mapspec::explore;
use mapspec_model::property;

#[test]
fn the_table_of_properties_is_that_of_the_model() {
    let configurations = explore::all().unwrap();
    let mut table = "\n| property | sentence | source | fails under | explored by |\n".to_owned();
    table.push_str("| --- | --- | --- | --- | --- |\n");
    for property in property::ALL {
        let explored = configurations
            .iter()
            .filter(|it| it.properties.iter().any(|it| it.name == property.name));
        let names: Vec<_> = explored.map(|it| format!("`{}`", it.name)).collect();
        let mistakes: Vec<_> = property.mistakes.iter().map(|it| format!("`{it}`")).collect();
        writeln!(
            table,
            "| `{}` | {} | {} | {} | {} |",
            property.name,
            property.says,
            property.source,
            mistakes.join(", "),
            names.join(", ")
        )
        .unwrap();
    }
    super::check("../docs/src/properties.md", &table);
}
