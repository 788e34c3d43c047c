#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
#[key_part]
struct ApiToken(String);

fn main() {}
