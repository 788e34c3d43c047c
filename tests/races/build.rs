//! How the runtime's sources become one copy as they are, and several that are broken on purpose.
//!
//! A copy holds `flight` and `l1` in one file, with their paths led into the copy. Only the stack of loads is another one: the real one hangs
//! on tokio's tasks, which shuttle's are not.

#[allow(unreachable_pub)] // the library makes it public
#[path = "src/mutants.rs"]
mod mutants;

use mutants::{MUTANTS, Mutant};
use std::{env, fs, path::Path};

const FLIGHT: &str = "flight/mod.rs";
const MEMORY: &str = "l1/mod.rs";
const INNER: [(&str, &str); 4] = [
    ("mod stack;\n", "../../tests/races/src/stack.rs"),
    ("mod table;\n", "flight/table.rs"),
    ("mod groups;\n", "l1/groups.rs"),
    ("mod names;\n", "l1/names.rs"),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/mutants.rs");
    println!("cargo::rerun-if-changed=src/stack.rs");
    println!("cargo::rerun-if-changed=../../cache-runtime/src/flight");
    println!("cargo::rerun-if-changed=../../cache-runtime/src/l1");
    write("sound", None);
    for mutant in MUTANTS {
        write(mutant.name, Some(mutant));
    }
}

fn write(name: &str, mutant: Option<&Mutant>) {
    let module = |name: &str, file: &str| {
        let mut text = read(file, mutant);
        for (declared, inner) in INNER {
            if text.contains(declared) {
                let inside = format!("{}{{\n{}}}\n", declared.trim_end_matches(";\n"), read(inner, mutant));
                text = replaced(&text, declared, &inside, file);
            }
        }
        format!("#[allow(dead_code, unused_imports)]\npub(crate) mod {name} {{\n{text}}}\n")
    };
    let text = module("flight", FLIGHT) + &module("l1", MEMORY);
    let text = text.replace("crate::", &format!("crate::{name}::"));
    let folder = env::var("OUT_DIR").expect("cargo sets it for build scripts");
    fs::write(Path::new(&folder).join(format!("{name}.rs")), text).expect("the folder is cargo's own");
}

fn read(file: &str, mutant: Option<&Mutant>) -> String {
    let path = Path::new("../../cache-runtime/src").join(file);
    let mut text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if let Some(tests) = text.find("#[cfg(test)]\nmod tests") {
        text.truncate(tests);
    }
    match mutant.filter(|mutant| mutant.file == file) {
        Some(mutant) => replaced(&text, mutant.sound, mutant.broken, mutant.name),
        None => text,
    }
}

/// The text with what occurs in it exactly once replaced.
fn replaced(text: &str, from: &str, to: &str, what: &str) -> String {
    let found = text.matches(from).count();
    assert!(found == 1, "{what}: the sources say {found} times what is to be replaced:\n{from}");
    text.replace(from, to)
}
