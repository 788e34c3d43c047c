//! Nobody knows which field of a union is set, so its value can't be rendered as text.
#![allow(unused)]

use cache_runtime::KeyPart;

#[derive(KeyPart)]
union Either {
    left: u8,
    right: u8,
}

fn main() {}
