//! What the linker knows of annotated functions.

use behaviour_tests::listed::readers::alone;
use cache_runtime::{Cache, CachedFunction, DeclaredTtl, Inventory, Reader, Strategy, inventory};
use std::time::Duration;

/// The functions of `listed`.
fn listed(inventory: &Inventory) -> Vec<&CachedFunction> {
    inventory.functions().iter().filter(|f| f.module.starts_with("behaviour_tests::listed")).collect()
}

fn find<'i>(inventory: &'i Inventory, name: &str) -> &'i CachedFunction {
    listed(inventory).into_iter().find(|f| f.function == name).unwrap_or_else(|| panic!("{name} is listed"))
}

fn value(inventory: &Inventory, name: &str) -> Option<String> {
    find(inventory, name).value.map(|value| value.name())
}

#[test]
fn every_function_is_listed_once_and_in_order() {
    let inventory = inventory();
    let names: Vec<(&str, &str)> = listed(&inventory)
        .iter()
        .map(|f| (f.module.rsplit("::").next().expect("a module"), f.function))
        .collect();
    assert_eq!(
        names,
        [
            ("readers", "Books::find"),
            ("readers", "Books::find_many"),
            ("readers", "Books::found"),
            ("readers", "Books::shelf"),
            ("readers", "Table::count"),
            ("readers", "Table::row"),
            ("readers", "alone"),
            ("writers", "Desk::listed"),
            ("writers", "Desk::put"),
            ("writers", "close"),
            ("writers", "through_an_alias"),
        ]
    );
}

#[test]
fn a_function_is_described_as_its_attribute_says() {
    let inventory = inventory();
    let found = find(&inventory, "Books::find");
    assert_eq!((found.strategy, found.template), (Strategy::ReadThrough, Some("listed-book:<id>")));
    assert_eq!(found.ttl, Some(DeclaredTtl::For(Duration::from_mins(5))));
    assert_eq!(found.negative_ttl, Some(Duration::from_secs(30)));
    assert!(found.file.ends_with("listed.rs"), "{}", found.file);
    let line = include_str!("listed.rs").lines().nth(found.line as usize - 1).expect("a line of the file");
    assert!(line.contains("fn find("), "{line}");
    let shelf = find(&inventory, "Books::shelf");
    assert_eq!(
        (shelf.ttl, shelf.groups.as_slice()),
        (Some(DeclaredTtl::Forever), [vec!["genre"]].as_slice())
    );
    assert_eq!(find(&inventory, "close").template, None);
}

#[test]
fn value_types_are_known_where_they_can_be_named() {
    let inventory = inventory();
    assert_eq!(value(&inventory, "Books::find").as_deref(), Some("Vec<String>"));
    assert_eq!(find(&inventory, "Books::find").value, find(&inventory, "Books::find_many").value);
    assert_eq!(value(&inventory, "Books::found").as_deref(), Some("i16"));
    assert_eq!(value(&inventory, "Table::count").as_deref(), Some("u64"));
    assert_eq!((value(&inventory, "Table::row"), find(&inventory, "Table::row").generic), (None, true));
    assert_eq!(value(&inventory, "close"), None);
}

#[tokio::test]
async fn a_function_alone_has_a_value_type_since_its_first_call() {
    assert_eq!(value(&inventory(), "alone"), None);
    alone(&Cache::memory(), 1).await;
    assert_eq!(value(&inventory(), "alone").as_deref(), Some("u8"));
}

#[test]
fn edges_lead_to_their_readers() {
    let inventory = inventory();
    let edges = |name: &str| -> Vec<(String, Option<&str>)> {
        let reader = |reader: &Reader| match reader {
            Reader::Known(at) => Some(inventory.functions()[*at].function),
            _ => None,
        };
        find(&inventory, name).edges.iter().map(|edge| (edge.to_string(), reader(&edge.reader))).collect()
    };
    let some = |edge: &str, reader| (edge.to_owned(), reader);
    assert_eq!(
        edges("Desk::put"),
        [
            some("Books::find(id)", Some("Books::find")),
            some("Books::shelf(&self.genre, ..)", Some("Books::shelf")),
            some("listed(result.len() as u64, 2+1)", Some("Desk::listed")),
        ]
    );
    assert_eq!(edges("close"), [some("super::readers::Books::shelf(genre, ..)", Some("Books::shelf"))]);
    assert_eq!(edges("through_an_alias"), [some("Renamed::find(id)", None)]);
}

#[test]
fn what_would_conflict_in_one_cache_is_known_before_anything_is_called() {
    let conflicts = inventory().conflicts();
    // Other tests of this program have templates of the same names.
    let own = |sentence: &&String| sentence.matches("conflicting.rs").count() == 2;
    let of = |word: &str| conflicts.iter().filter(own).filter(|sentence| sentence.contains(word)).count();
    assert_eq!((of("There::home"), of("There::put")), (0, 1), "{conflicts:#?}");
    assert_eq!(of("Books::"), 0, "{conflicts:#?}");
}
