#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
#[key_part(sensitive)]
struct ApiToken(String);

fn main() {}
