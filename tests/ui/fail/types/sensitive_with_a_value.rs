//! The word alone says that keys hold a hash of the value. With `= false` the value would still be hashed: say nothing instead.
#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
#[key_part(sensitive = true)]
struct ApiToken(String);

fn main() {}
