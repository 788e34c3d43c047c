//! Functions that share a template build its key alike, marks of groups and partitions included.

use quote::ToTokens as _;
use syn::{ImplItem, Item};

use super::expand;

const CALLS: &[&str] = &["text", "part", "edge_part", "mark_group", "open_partition", "close_partition"];

/// The calls that build the key, by function, in their order.
fn calls(expansion: &str, function: &str) -> Vec<String> {
    let file = syn::parse_file(expansion).expect("an expansion is Rust");
    let members = file.items.into_iter().flat_map(|item| match item {
        Item::Impl(block) => block.items,
        _ => Vec::new(),
    });
    let found = members.into_iter().find_map(|member| match member {
        ImplItem::Fn(member) if member.sig.ident == function => Some(member.block),
        _ => None,
    });
    let block = found.unwrap_or_else(|| panic!("no function `{function}`")).into_token_stream().to_string();
    let paths = block.split("__private :: ").skip(1);
    let names = paths.filter_map(|rest| rest.split([' ', '(']).next());
    names
        .filter(|name| CALLS.contains(name))
        .map(|name| if name == "edge_part" { "part" } else { name }.to_owned())
        .collect()
}

#[test]
fn functions_of_one_shape_mark_the_same_groups() {
    let expansion = expand(
        r#"
#[repository(cache = self.cache, ttl = "5m")]
impl Shelves {
    #[cached(key = "shelf:<category>:<sort>:<page>")]
    async fn list(&self, category: &str, sort: u8, page: u32) -> R<u32> { body }

    #[cached(strategy = "read_through", key = "shelf:<a>:<b>:<c>", group(a, b))]
    async fn again(&self, c: u32, a: &str, b: u8) -> R<u32> { body }

    #[cached(strategy = "read_through", key = "shelf:<kind>:<sort>:<page>", each(page in pages))]
    async fn many(&self, kind: &str, sort: u8, pages: &[u32]) -> R<HashMap<u32, u32>> { body }

    #[cached(strategy = "write_through", key = "shelf:<category>:<sort>:<page>")]
    async fn put(&self, category: &str, sort: u8, page: u32) -> R<u32> { body }

    #[cached(strategy = "write_through", key = "shelf:<category>:<sort>:<page>", each(page in pages))]
    async fn put_many(&self, category: &str, sort: u8, pages: &[u32]) -> R<HashMap<u32, u32>> { body }

    #[cached(strategy = "write_around", key = "shelf:<result.category>:<result.sort>:<page>")]
    async fn insert(&self, page: u32) -> R<Row> { body }

    #[cached(strategy = "refresh_ahead", key = "shelf:<at.0>:<at.1>:<page>")]
    async fn fresh(&self, at: (u8, u8), page: u32) -> R<u32> { body }

    #[cached(strategy = "write_behind", key = "late:<category>:<page>", value = *count, unordered)]
    async fn late(&self, category: &str, page: u32, count: &u32) -> R<()> { body }

    #[cached(key = "late:<category>:<page>")]
    async fn behind(&self, category: &str, page: u32) -> R<u32> { body }

    #[invalidates(list(category, ..), behind(category, ..))]
    async fn clear(&self, category: &str) -> R<()> { body }
}
"#,
    );
    let expected = ["text", "part", "mark_group", "text", "part", "mark_group", "text", "part"];
    for function in ["list", "again", "many", "put", "put_many", "insert", "fresh", "__cached_list_edge3"] {
        assert_eq!(calls(&expansion, function), expected, "{function}");
    }
    assert_eq!(calls(&expansion, "__cached_many_group1"), ["text", "part"]);
    assert_eq!(calls(&expansion, "__cached_many_group2"), ["text", "part", "mark_group", "text", "part"]);
    // one parameter fills both leading parts, so it names the deeper group only
    assert_eq!(calls(&expansion, "__cached_fresh_group1"), ["text", "part", "mark_group", "text", "part"]);
    assert_eq!(expansion.matches("fn __cached_fresh_group1(").count(), 1);
    for function in ["late", "behind"] {
        assert_eq!(calls(&expansion, function), ["text", "part", "mark_group", "text", "part"], "{function}");
    }
}

#[test]
fn functions_of_one_shape_open_the_same_partition() {
    let expansion = expand(
        r#"
#[repository(cache = self.cache, ttl = "5m")]
impl Carts {
    #[cached(key = "{cart:<user>}:<item>", group(user))]
    async fn find(&self, user: u32, item: u32) -> R<u32> { body }

    #[cached(strategy = "write_around", key = "{cart:<row.user>}:<row.item>")]
    async fn put(&self, row: Row) -> R<()> { body }
}
"#,
    );
    let expected = ["open_partition", "text", "part", "mark_group", "close_partition", "text", "part"];
    assert_eq!(calls(&expansion, "find"), expected);
    assert_eq!(calls(&expansion, "put"), expected);
}
