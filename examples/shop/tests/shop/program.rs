//! What the program does when it is started from a terminal.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
};

use shop::load::Scratch;

use crate::TestResult;

/// The program, started where no `.env` of a developer is found.
fn shop(folder: &Scratch, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
    command.args(arguments).current_dir(folder.folder());
    for variable in ["DATABASE_URL", "REDIS_URL", "PORT"] {
        command.env_remove(variable);
    }
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn help_goes_to_stdout_and_nonsense_is_an_error() -> TestResult {
    let folder = Scratch::new()?;
    let Output { status, stdout, .. } = shop(&folder, &["help"]).output()?;
    assert!(status.success() && text(&stdout).starts_with("usage: shop"));
    let Output { status, stderr, .. } = shop(&folder, &["sell"]).output()?;
    assert!(
        !status.success() && text(&stderr).starts_with("shop: there is no command `sell`"),
        "{}",
        text(&stderr)
    );
    Ok(())
}

#[test]
fn bad_settings_are_an_error_that_names_them() -> TestResult {
    let folder = Scratch::new()?;
    for (name, value) in [("DATABASE_URL", "oracle://x"), ("REDIS_URL", "somewhere"), ("PORT", "x")] {
        let Output { status, stderr, .. } = shop(&folder, &[]).env(name, value).output()?;
        assert!(!status.success() && text(&stderr).contains(name), "{}", text(&stderr));
    }
    Ok(())
}

#[test]
fn settings_are_also_read_from_a_file() -> TestResult {
    let folder = Scratch::new()?;
    std::fs::write(folder.folder().join(".env"), "# servers\nDATABASE_URL=oracle://x\n")?;
    let Output { status, stderr, .. } = shop(&folder, &[]).output()?;
    assert!(!status.success() && text(&stderr).contains("DATABASE_URL"), "{}", text(&stderr));
    Ok(())
}

#[test]
fn key_prints_where_an_entry_is() -> TestResult {
    let folder = Scratch::new()?;
    let Output { status, stdout, .. } = shop(&folder, &["key", "product:42"]).output()?;
    assert!(status.success() && text(&stdout).starts_with("shop:d:{"), "{}", text(&stdout));
    assert!(text(&stdout).contains("}:product:42#"), "{}", text(&stdout));
    let Output { status, stderr, .. } = shop(&folder, &["key", "product:x"]).output()?;
    assert!(!status.success() && text(&stderr).contains("`product:x` is no key"), "{}", text(&stderr));
    Ok(())
}

#[test]
fn load_shows_what_was_spared() -> TestResult {
    let folder = Scratch::new()?;
    let Output { status, stdout, stderr } = shop(&folder, &["load", "--requests", "600"]).output()?;
    assert!(status.success(), "{}", text(&stderr));
    let table = text(&stdout);
    for expected in
        ["with the cache", "without it", "product page", "Products::find", "database statements spared: "]
    {
        assert!(table.contains(expected), "{table}");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_it_in_order() -> TestResult {
    let folder = Scratch::new()?;
    let mut child = shop(&folder, &[]).env("PORT", "0").stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
    let serving = lines
        .find(|line| line.as_ref().is_ok_and(|line| line.starts_with("serving:")))
        .expect("it serves")?;
    assert!(serving.contains("http://127.0.0.1:"), "{serving}");
    Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
    assert!(child.wait()?.success());
    assert!(folder.folder().join("shop-data").join("shop.db").exists());
    Ok(())
}
