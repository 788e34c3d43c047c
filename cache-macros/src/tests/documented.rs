//! The examples in the documentation are in a file that the UI suite compiles.

#[test]
fn documented_examples_are_compiled() {
    let source = include_str!("../lib.rs");
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/ui/pass/documented.rs");
    let compiled = std::fs::read_to_string(root).expect("the compiled examples");
    let mut example: Option<String> = None;
    let mut count = 0;
    for line in source.lines() {
        let Some(text) = line.strip_prefix("///") else { continue };
        let text = text.strip_prefix(' ').unwrap_or(text);
        example = match (example.take(), text) {
            (None, "```ignore") => Some(String::new()),
            (None, _) => None,
            (Some(example), "```") => {
                assert!(compiled.contains(example.trim()), "not in tests/ui/pass/documented.rs:\n{example}");
                count += 1;
                None
            }
            (Some(example), line) => Some(example + line + "\n"),
        };
    }
    assert!(count >= 4, "each attribute has an example");
}
