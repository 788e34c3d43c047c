#![allow(unused)]

use cache_runtime::{KeyPart, KeyWriter};

enum Sort {
    Name,
    By(String),
}

impl KeyPart for Sort {
    fn write(&self, key: &mut KeyWriter<'_>) {
        match self {
            Sort::Name => key.text("name"),
            Sort::By(column) => {
                key.text("by");
                key.joint();
                key.field(column);
            }
        }
    }
}

fn main() {}
