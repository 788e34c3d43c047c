#![allow(unused)]

use cache_runtime::KeyPart;

enum Never {}

fn main() {}
