//! How does an inventory read as a graph?

use super::{CachedFunction, Reader};
use crate::key;
use std::fmt::Write as _;

/// The graph in Graphviz' language.
pub(super) fn dot(functions: &[CachedFunction]) -> String {
    let mut dot = String::from(
        "digraph inventory {\n    rankdir=LR;\n    node [shape=box, fontname=\"sans-serif\"];\n    edge [fontname=\"sans-serif\"];\n",
    );
    clusters(functions, &mut dot);
    shared(functions, &mut dot);
    edges(functions, &mut dot);
    dot.push_str("}\n");
    dot
}

/// A box for every module, with its functions.
fn clusters(functions: &[CachedFunction], dot: &mut String) {
    let all: Vec<(usize, &CachedFunction)> = functions.iter().enumerate().collect();
    for (number, chunk) in all.chunk_by(|(_, left), (_, right)| left.module == right.module).enumerate() {
        let Some((_, first)) = chunk.first() else { continue };
        write(
            dot,
            format_args!("    subgraph cluster_{number} {{\n        label={};\n", quoted(&[first.module])),
        );
        for (at, function) in chunk {
            let style = if function.strategy.reads() { "rounded" } else { "solid" };
            let strategy = match function.level {
                Some(level) => format!("{}, {}", function.strategy.as_str(), level.as_str()),
                None => function.strategy.as_str().to_owned(),
            };
            let lines = [Some(function.function), Some(strategy.as_str()), function.template].into_iter();
            let label = quoted(&lines.flatten().collect::<Vec<_>>());
            write(dot, format_args!("        f{at} [label={label}, style={style}];\n"));
        }
        dot.push_str("    }\n");
    }
}

/// Bold arrows from writers to the readers of their own template.
fn shared(functions: &[CachedFunction], dot: &mut String) {
    for (from, writer) in functions.iter().enumerate().filter(|(_, function)| !function.strategy.reads()) {
        for (to, reader) in functions.iter().enumerate().filter(|(_, function)| function.strategy.reads()) {
            if let (Some(own), Some(read)) = (writer.template, reader.template)
                && key::same_shape(own, read)
            {
                let label = quoted(&[&key::placeholders(own).join(", ")]);
                write(dot, format_args!("    f{from} -> f{to} [style=bold, label={label}];\n"));
            }
        }
    }
}

/// Dashed arrows along edges; dotted where it isn't certain which reader is meant.
fn edges(functions: &[CachedFunction], dot: &mut String) {
    for (from, writer) in functions.iter().enumerate() {
        for (number, edge) in writer.edges.iter().enumerate() {
            let label = quoted(&[&edge.given()]);
            match &edge.reader {
                Reader::Known(to) => {
                    write(dot, format_args!("    f{from} -> f{to} [style=dashed, label={label}];\n"));
                }
                Reader::Ambiguous(readers) => {
                    for to in readers {
                        write(dot, format_args!("    f{from} -> f{to} [style=dotted, label={label}];\n"));
                    }
                }
                Reader::Unknown => {
                    let name = quoted(&[edge.path]);
                    write(dot, format_args!("    u{from}_{number} [label={name}, style=dotted];\n"));
                    write(
                        dot,
                        format_args!("    f{from} -> u{from}_{number} [style=dotted, label={label}];\n"),
                    );
                }
            }
        }
    }
}

fn write(dot: &mut String, line: std::fmt::Arguments<'_>) {
    dot.write_fmt(line).expect("writing to a string doesn't fail");
}

/// Lines of text as a quoted string: in one only `"` and `\` mean anything.
fn quoted(lines: &[&str]) -> String {
    let escaped: Vec<String> =
        lines.iter().map(|line| line.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', " ")).collect();
    format!("\"{}\"", escaped.join("\\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_hold_quotes_and_backslashes() {
        assert_eq!(quoted(&[r#"f("a\b")"#, "x"]), r#""f(\"a\\b\")\nx""#);
    }
}
