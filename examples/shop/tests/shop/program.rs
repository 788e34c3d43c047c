//! What the program does when it is started from a terminal.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
};

use shop::load::Scratch;

use crate::TestResult;

/// The program, started where no `.env` of a developer is found.
pub(crate) fn shop(folder: &Scratch, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shop"));
    command.args(arguments).current_dir(folder.folder());
    for variable in ["DATABASE_URL", "REDIS_URL", "QUEUE", "PORT"] {
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

/// The rows of the table that begins with this head, without the heads; cells are two spaces apart.
fn table<'a>(page: &'a str, head: &str) -> Vec<Vec<&'a str>> {
    let lines = page.lines().skip_while(|line| !line.starts_with(head)).skip(2);
    let cells = |line: &'a str| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    lines.take_while(|line| !line.is_empty()).map(cells).collect()
}

fn number(cell: &str) -> f64 {
    let digits = cell.trim_end_matches(" %").replace(',', "");
    digits.parse().unwrap_or_else(|_| panic!("`{cell}` is no number"))
}

#[test]
fn the_cache_spares_nine_of_ten_statements() -> TestResult {
    // A new cache is empty, and the catalogue large: fewer requests find too little in it.
    const REQUESTS: u32 = 24_000;
    let folder = Scratch::new()?;
    let Output { status, stdout, stderr } =
        shop(&folder, &["load", "--requests", &REQUESTS.to_string()]).output()?;
    assert!(status.success(), "{}", text(&stderr));
    let page = text(&stdout);

    let totals = table(&page, "in all");
    let [on, off] = totals.as_slice() else { panic!("two runs are compared: {page}") };
    assert_eq!((number(on[1]), number(on[3])), (f64::from(REQUESTS), 0.0), "requests and failures: {page}");
    assert_eq!((number(off[1]), number(off[3])), (f64::from(REQUESTS / 8), 0.0), "the same: {page}");
    let (on, off) = (number(on[5]), number(off[5]));
    assert!(on <= 0.1 * off, "{on} statements per request, {off} without the cache: {page}");

    let spared = page.lines().find_map(|line| line.strip_prefix("database statements spared: "));
    let spared =
        number(spared.and_then(|rest| rest.strip_suffix(" per request")).expect("it is the last line"));
    assert!(spared >= 90.0, "only {spared} % of the statements are spared: {page}");
    Ok(())
}

#[test]
fn load_compares_every_strategy() -> TestResult {
    let folder = Scratch::new()?;
    let Output { status, stdout, stderr } = shop(&folder, &["load", "--requests", "4000"]).output()?;
    assert!(status.success(), "{}", text(&stderr));
    let page = text(&stdout);

    let (totals, rows) = (table(&page, "in all"), table(&page, "by strategy"));
    let mut sums = [(0.0, 0.0); 2];
    let mut strategies = Vec::new();
    for pair in rows.chunks(2) {
        let [on, off] = pair else { panic!("rows come in pairs: {page}") };
        let strategy = on[0];
        strategies.push(strategy);
        assert_eq!((on[0], on[1], on[2], off[2]), (off[0], off[1], "on", "off"), "{page}");
        for (sum, row) in sums.iter_mut().zip([on, off]) {
            sum.0 += number(row[3]);
            sum.1 += number(row[4]);
            assert!(
                number(row[7]) > 0.0 && number(row[7]) <= number(row[8]),
                "p50, p99 of {strategy}: {page}"
            );
        }
        let (sent, before) = (number(on[5]), number(off[5]));
        assert!(sent <= before, "{strategy}: {sent} statements per request, {before} without: {page}");
        if ["cache_aside", "read_through", "refresh_ahead"].contains(&strategy) {
            let (hit, before) = (number(on[6]), number(off[6]));
            assert!(hit > 50.0 && before == 0.0, "{strategy}: {hit} % hits, {before} % without: {page}");
        } else {
            assert_eq!((on[6], off[6]), ("–", "–"), "{strategy} reads nothing: {page}");
        }
    }
    assert_eq!(
        strategies,
        [
            "cache_aside",
            "read_through",
            "refresh_ahead",
            "write_through",
            "write_around",
            "write_behind",
            "invalidates"
        ]
    );
    // Each request and each statement belongs to one strategy.
    for (sum, total) in sums.iter().zip(&totals) {
        assert_eq!(*sum, (number(total[1]), number(total[4])), "requests and statements: {page}");
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
