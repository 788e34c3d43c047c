#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
#[key_part(crat = ::cache_runtime)]
struct ApiToken(String);

fn main() {}
