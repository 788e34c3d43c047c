//! Where do the generated crates lie, and how is cargo called on them?

use crate::variants::Variant;
use std::{
    env,
    error::Error,
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Output},
    time::SystemTime,
};

pub(crate) type Failed = Box<dyn Error>;

/// A workspace of its own below our `target`, with one folder for what cargo builds, so that no variant rebuilds a dependency.
#[derive(Debug)]
pub(crate) struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    /// Writes all crates, each with so many functions.
    pub(crate) fn generate(variants: &[Variant], functions: usize) -> Result<Self, Failed> {
        let ours = root()?;
        let target =
            env::var_os("CARGO_TARGET_DIR").map_or_else(|| ours.join("target"), |given| ours.join(given));
        let folder = target.join("compile-bench");
        fs::create_dir_all(&folder)?;
        let names: Vec<String> = variants.iter().map(|variant| format!("{:?}", variant.name())).collect();
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n\
            [workspace.dependencies]\n\
            cache-runtime = {{ path = '{}' }}\n\
            cached = {{ version = \"4.1\", features = [\"async\"] }}\n\
            serde = {{ version = \"1\", features = [\"derive\"] }}\n",
            names.join(", "),
            ours.join("cache-runtime").display(),
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::copy(ours.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        let workspace = Self { folder };
        for variant in variants {
            workspace.write(*variant, functions)?;
        }
        Ok(workspace)
    }

    fn write(&self, variant: Variant, functions: usize) -> Result<(), Failed> {
        let source = self.source(variant);
        fs::create_dir_all(source.parent().unwrap_or(&self.folder))?;
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
            [dependencies]\ncache-runtime.workspace = true\ncached.workspace = true\nserde.workspace = true\n",
            package(variant),
        );
        fs::write(self.folder.join(variant.name()).join("Cargo.toml"), manifest)?;
        fs::write(source, variant.source(functions))?;
        Ok(())
    }

    fn source(&self, variant: Variant) -> PathBuf {
        self.folder.join(variant.name()).join("src").join("lib.rs")
    }

    /// Runs `cargo <command>` on one crate alone, whose dependencies are there already. What is fresh tells nothing, and a warning
    /// would be paid for by one variant only: both are failures.
    pub(crate) fn compile(&self, command: &str, variant: Variant) -> Result<(), Failed> {
        File::options().append(true).open(self.source(variant))?.set_modified(SystemTime::now())?;
        let output = self.cargo(&[command, "--package", &package(variant)], "built")?;
        let said = String::from_utf8_lossy(&output.stderr);
        let compiled = ["Checking", "Compiling"]
            .iter()
            .any(|word| said.contains(&format!("{word} {} ", package(variant))));
        if !compiled || said.contains("warning") {
            return Err(
                format!("`{}` should be compiled, and without warnings:\n{said}", variant.name()).into()
            );
        }
        Ok(())
    }

    /// The crate with all attributes and derives expanded.
    pub(crate) fn expanded(&self, variant: Variant) -> Result<String, Failed> {
        // The option is unstable, and build scripts look at the variable: what is built under it must not meet what is measured.
        let words =
            ["rustc", "--profile", "check", "--package", &package(variant), "--", "-Zunpretty=expanded"];
        let output = self.cargo(&words, "expanded")?;
        Ok(String::from_utf8(output.stdout)?)
    }

    fn cargo(&self, words: &[&str], built: &str) -> Result<Output, Failed> {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(words).current_dir(&self.folder).env("CARGO_TARGET_DIR", self.folder.join(built));
        command.env("CARGO_INCREMENTAL", "0").env("CARGO_TERM_COLOR", "never");
        for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
            command.env_remove(variable);
        }
        if built == "expanded" {
            command.env("RUSTC_BOOTSTRAP", "1");
        }
        let output = command.output()?;
        if output.status.success() {
            Ok(output)
        } else {
            Err(format!("`cargo {}` failed:\n{}", words.join(" "), String::from_utf8_lossy(&output.stderr))
                .into())
        }
    }
}

fn package(variant: Variant) -> String {
    format!("compile-bench-{}", variant.name())
}

/// The workspace that this package belongs to.
fn root() -> Result<PathBuf, Failed> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.ancestors().nth(2).ok_or("the package lies two folders below the workspace")?.to_owned())
}
