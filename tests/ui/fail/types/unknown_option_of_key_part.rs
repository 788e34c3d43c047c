//! An option that nobody reads would be a wish that nobody hears: a misspelt `sensitive` would put secrets into keys.
#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
#[key_part(crat = ::cache_runtime)]
struct ApiToken(String);

fn main() {}
