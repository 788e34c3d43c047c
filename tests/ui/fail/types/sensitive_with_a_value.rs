#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
#[key_part(sensitive = true)]
struct ApiToken(String);

fn main() {}
