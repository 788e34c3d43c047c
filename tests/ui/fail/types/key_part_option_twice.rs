//! Once says it. Twice looks like a slip for another option.
#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
#[key_part(sensitive, sensitive)]
struct ApiToken(String);

fn main() {}
