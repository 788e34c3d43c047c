//! The example web app.
fn main() {}
