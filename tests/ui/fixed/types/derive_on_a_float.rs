#![allow(unused)]

use cache_runtime::{KeyPart, KeyWriter};

struct Point {
    lat: f64,
    name: String,
}

impl KeyPart for Point {
    fn write(&self, key: &mut KeyWriter<'_>) {
        key.field(&((self.lat * 1e6).round() as i64));
        key.joint();
        key.field(&self.name);
    }
}

fn main() {}
