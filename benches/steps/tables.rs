//! The rungs of the ladder.

use crate::{
    KEYS, Step,
    hashes::{Secret, words},
    step,
};
use cache_benches::Product;
use cache_runtime::{__private as private, Cache, cached};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::{
    any::Any,
    hash::{BuildHasher, Hasher},
    sync::Arc,
};

type AnyArc = Arc<dyn Any + Send + Sync>;
type Engine<K, V, S = Low> = quick_cache::sync::Cache<K, V, quick_cache::UnitWeighter, S>;

#[derive(Clone, Copy, Default)]
pub(crate) struct Low;
pub(crate) struct LowHalf(u64);

impl BuildHasher for Low {
    type Hasher = LowHalf;
    #[inline]
    fn build_hasher(&self) -> LowHalf {
        LowHalf(0)
    }
}

impl Hasher for LowHalf {
    #[inline]
    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
    #[inline]
    fn write_usize(&mut self, _: usize) {}
    fn write(&mut self, _: &[u8]) {}
    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

fn engine<K: Eq + std::hash::Hash, V: Clone, S: BuildHasher + Clone + Default>() -> Engine<K, V, S> {
    Engine::with(
        4 * KEYS as usize,
        u64::from(4 * KEYS),
        quick_cache::UnitWeighter,
        S::default(),
        quick_cache::sync::DefaultLifecycle::default(),
    )
}

/// A fingerprint that costs nothing to make: halves that a mixer of one multiplication makes.
#[inline]
fn cheap(key: u32) -> u128 {
    let mixed = u128::from(u64::from(key) ^ 0x9E37_79B9_7F4A_7C15) * 0xD6E8_FEB8_6659_FD93_A5A5;
    mixed ^ (mixed >> 64) ^ (mixed << 61)
}

#[inline]
fn rendered(key: u32) -> private::KeyBuilder {
    let mut builder = private::KeyBuilder::new();
    private::text(&mut builder, "product:");
    private::part(&mut builder, &i64::from(key));
    builder
}

const SIP: (u64, u64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);

/// What is now: rendered on the stack, hashed by `SipHash`-1-3 with 128 bits.
#[inline]
fn sip(key: u32) -> u128 {
    let mut buffer = [0_u8; 32];
    buffer[..8].copy_from_slice(b"product:");
    let length = digits(key, &mut buffer);
    let mut hasher = SipHasher13::new_with_keys(SIP.0, SIP.1);
    hasher.write(&buffer[..length]);
    hasher.finish128().as_u128()
}

#[inline]
fn digits(key: u32, buffer: &mut [u8; 32]) -> usize {
    let count = key.checked_ilog10().unwrap_or(0) as usize + 1;
    let mut rest = key;
    for place in (8..8 + count).rev() {
        buffer[place] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    8 + count
}

/// `SipHash`-1-3 over the typed parts: a constant of the template, then the integer.
#[inline]
fn sip_typed(key: u32) -> u128 {
    let mut hasher = SipHasher13::new_with_keys(SIP.0, SIP.1);
    hasher.write_u64(0x1234_5678_9abc_def0);
    hasher.write_u64(u64::from(key));
    hasher.finish128().as_u128()
}

/// Two folded multiplications over keyed words, 128 bits out: what a fast keyed hash of typed parts would cost.
#[inline]
fn folded(words: &[u64]) -> u128 {
    let (mut a, mut b) = SIP;
    for &word in words {
        let left = u128::from(a ^ word) * u128::from(b ^ word.rotate_left(32) ^ 0x9E37_79B9_7F4A_7C15);
        let right = u128::from(b ^ word) * 0xD6E8_FEB8_6659_FD93_u128;
        a = (left as u64) ^ (left >> 64) as u64;
        b = b.rotate_left(23) ^ (right as u64) ^ (right >> 64) as u64;
    }
    (u128::from(a) << 64) | u128::from(b)
}

pub(crate) fn engines() -> Vec<Step> {
    let default: quick_cache::sync::Cache<u64, Arc<Product>> =
        quick_cache::sync::Cache::new(4 * KEYS as usize);
    let wide: Engine<u128, Arc<Product>> = engine();
    let split: Engine<[u64; 2], Arc<Product>, ahash::RandomState> = engine();
    let any: Engine<u128, AnyArc> = engine();
    for key in 0..KEYS {
        let value = || Arc::new(Product::new(u64::from(key)));
        default.insert(u64::from(key), value());
        wide.insert(cheap(key), value());
        let fingerprint = cheap(key);
        split.insert([fingerprint as u64, (fingerprint >> 64) as u64], value());
        any.insert(cheap(key), value());
    }
    vec![
        step("quick_cache u64 -> Arc", move |key| default.get(&u64::from(key))),
        step("quick_cache 128 bits -> Arc", move |key| wide.get(&cheap(key))),
        step("quick_cache 128 bits as [u64; 2] (ahash) -> Arc", move |key| {
            let fingerprint = cheap(key);
            split.get(&[fingerprint as u64, (fingerprint >> 64) as u64])
        }),
        step("quick_cache 128 bits -> Arc<dyn Any>, downcast", move |key| {
            any.get(&cheap(key))?.downcast().ok()
        }),
    ]
}

pub(crate) fn keys() -> Vec<Step> {
    let none = |_: u128| None;
    let tabled = |name: &'static str, id: fn(u32) -> u128| {
        let table: Engine<u128, Arc<Product>> = engine();
        for key in 0..KEYS {
            table.insert(id(key), Arc::new(Product::new(u64::from(key))));
        }
        step(name, move |key| table.get(&id(key)))
    };
    vec![
        step("only: render with KeyBuilder", move |key| {
            std::hint::black_box(&rendered(key));
            None
        }),
        step("only: render by hand + SipHash-1-3, 128 bits", move |key| none(std::hint::black_box(sip(key)))),
        step("only: SipHash-1-3 of two words", move |key| none(std::hint::black_box(sip_typed(key)))),
        step("only: folded multiplications of two words", move |key| {
            none(std::hint::black_box(folded(&[0x1234_5678, u64::from(key)])))
        }),
        tabled("render by hand + SipHash-1-3 -> Arc", sip),
        tabled("SipHash-1-3 of typed parts -> Arc", sip_typed),
        tabled("folded multiplications of typed parts -> Arc", |key| folded(&[0x1234_5678, u64::from(key)])),
    ]
}

/// Rendered as now, then hashed linearly.
#[inline]
fn linear(secret: &Secret, key: u32) -> u128 {
    let mut buffer = [0_u8; 32];
    buffer[..8].copy_from_slice(b"product:");
    let length = digits(key, &mut buffer);
    let mut space = [0; 20];
    let count = words(&buffer[..length], &mut space);
    secret.hash(&space[..count])
}

/// A word for the text before the number, one that says that a number follows, and the number: nothing is rendered.
#[inline]
fn linear_typed(secret: &Secret, key: u32) -> u128 {
    secret.hash(&[8, u64::from_le_bytes(*b"product:"), 1 << 63, u64::from(key)])
}

thread_local! {
    static STRIPE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// The entry as it is.
#[derive(Clone)]
struct Wide {
    value: Option<AnyArc>,
    hard: u64,
    _soft: u64,
    _spare: u64,
    _groups: Option<Arc<[u64]>>,
    _weight: u32,
}

/// An entry whose rarer parts are elsewhere.
#[derive(Clone)]
struct Slim {
    value: Option<AnyArc>,
    hard: u32,
    _weight: u32,
    _rare: Option<Arc<(u64, u64)>>,
}

#[cached(key = "free:<id>", ttl = "1h")]
async fn free(cache: &Cache, id: u64) -> Result<Arc<Product>, std::io::Error> {
    Ok(Arc::new(Product::new(id)))
}

#[inline]
fn coarse() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::MonotonicCoarse);
    now.tv_sec.cast_unsigned() * 1_000 + now.tv_nsec.cast_unsigned() / 1_000_000
}

pub(crate) fn entries() -> Vec<Step> {
    let wide: Engine<u128, Wide> = engine();
    let slim: Engine<u128, Slim> = engine();
    let slim_clock: Engine<u128, Slim> = engine();
    for key in 0..KEYS {
        let value = || -> Option<AnyArc> { Some(Arc::new(Product::new(u64::from(key)))) };
        wide.insert(
            cheap(key),
            Wide { value: value(), hard: u64::MAX, _soft: 0, _spare: 0, _groups: None, _weight: 0 },
        );
        let entry = || Slim { value: value(), hard: u32::MAX, _weight: 0, _rare: None };
        slim.insert(cheap(key), entry());
        slim_clock.insert(folded(&[0x1234_5678, u64::from(key)]), entry());
    }
    let secret: &'static Secret = Box::leak(Box::new(Secret::random()));
    let filled = |id: &dyn Fn(u32) -> u128| {
        let table: Engine<u128, Slim> = engine();
        for key in 0..KEYS {
            let value: AnyArc = Arc::new(Product::new(u64::from(key)));
            table.insert(id(key), Slim { value: Some(value), hard: u32::MAX, _weight: 0, _rare: None });
        }
        table
    };
    let rendered = filled(&|key| linear(secret, key));
    let typed = filled(&|key| linear_typed(secret, key));
    let typed_clock = filled(&|key| linear_typed(secret, key));
    let typed_all = filled(&|key| linear_typed(secret, key));
    let sip_all = filled(&sip_typed);
    let counters: &'static [std::sync::atomic::AtomicU64; 64] =
        Box::leak(Box::new([const { std::sync::atomic::AtomicU64::new(0) }; 64]));
    let count = move || {
        let stripe = STRIPE.with(std::cell::Cell::get);
        counters[stripe].fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let whole = Cache::builder().memory(1 << 30).build_memory();
    for key in 0..KEYS {
        runtime.block_on(free(&whole, u64::from(key))).expect("it loads");
    }
    vec![
        step("128 bits -> entry of 64 bytes, copied out", move |key| {
            let entry = wide.get(&cheap(key))?;
            if entry.hard <= 1 {
                return None;
            }
            entry.value?.downcast().ok()
        }),
        step("128 bits -> slim entry of 32 bytes, copied out", move |key| {
            let entry = slim.get(&cheap(key))?;
            if entry.hard <= 1 {
                return None;
            }
            entry.value?.downcast().ok()
        }),
        step("typed parts, folded -> slim entry, coarse clock", move |key| {
            let entry = slim_clock.get(&folded(&[0x1234_5678, u64::from(key)]))?;
            if u64::from(entry.hard) <= coarse() >> 16 {
                return None;
            }
            entry.value?.downcast().ok()
        }),
        step("only: render by hand + linear hash", move |key| {
            std::hint::black_box(linear(secret, key));
            None
        }),
        step("only: linear hash of typed parts", move |key| {
            std::hint::black_box(linear_typed(secret, key));
            None
        }),
        step("render by hand + linear hash -> slim entry", move |key| {
            rendered.get(&linear(secret, key))?.value?.downcast().ok()
        }),
        step("linear hash of typed parts -> slim entry", move |key| {
            typed.get(&linear_typed(secret, key))?.value?.downcast().ok()
        }),
        step("... coarse clock read first", move |key| {
            let now = coarse();
            let entry = typed_clock.get(&linear_typed(secret, key))?;
            if u64::from(entry.hard) <= now >> 16 {
                return None;
            }
            entry.value?.downcast().ok()
        }),
        step("... and a striped counter", move |key| {
            let now = coarse();
            let entry = typed_all.get(&linear_typed(secret, key))?;
            if u64::from(entry.hard) <= now >> 16 {
                return None;
            }
            let value = entry.value?.downcast().ok()?;
            count();
            Some(value)
        }),
        step("the same with SipHash-1-3 of typed parts", move |key| {
            let now = coarse();
            let entry = sip_all.get(&sip_typed(key))?;
            if u64::from(entry.hard) <= now >> 16 {
                return None;
            }
            let value = entry.value?.downcast().ok()?;
            count();
            Some(value)
        }),
        step("ours, whole (polled once by hand)", move |key| {
            let mut future = std::pin::pin!(free(&whole, u64::from(key)));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            match future.as_mut().poll(&mut context) {
                std::task::Poll::Ready(Ok(value)) => Some(value),
                _ => None,
            }
        }),
    ]
}
use std::future::Future;
