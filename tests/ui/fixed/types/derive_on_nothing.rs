#![allow(unused)]

use cache_runtime::KeyPart;

struct Unit;

fn main() {}
