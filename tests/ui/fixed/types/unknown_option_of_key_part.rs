#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
#[key_part(crate = ::cache_runtime)]
struct ApiToken(String);

fn main() {}
