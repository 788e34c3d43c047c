//! Options are names, as in every attribute. A string could be misspelt without anybody noticing.
#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
#[key_part("sensitive")]
struct ApiToken(String);

fn main() {}
