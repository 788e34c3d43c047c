//! Prices at both levels, in a process of their own or not.

use cache_runtime::{Cache, repository};
use std::{
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering::SeqCst},
    },
};

#[derive(Clone, Debug)]
pub struct Listing {
    pub cache: Cache,
    pub prices: Prices,
}

/// The table: one row, or the means to write one that another process holds.
#[derive(Clone, Debug)]
pub struct Prices(Arc<Held>);

#[derive(Debug, Default)]
struct Held {
    price: AtomicU32,
    loads: AtomicUsize,
    elsewhere: bool,
}

impl Prices {
    pub fn of_this_process(price: u32) -> Self {
        Self(Arc::new(Held { price: price.into(), ..Held::default() }))
    }

    pub fn of_another_process() -> Self {
        Self(Arc::new(Held { elsewhere: true, ..Held::default() }))
    }

    pub fn commit(&self, price: u32) {
        self.0.price.store(price, SeqCst);
    }

    pub fn loads(&self) -> usize {
        self.0.loads.swap(0, SeqCst)
    }

    fn load(&self) -> u32 {
        self.0.loads.fetch_add(1, SeqCst);
        self.0.price.load(SeqCst)
    }

    fn write(&self, price: u32) -> u32 {
        if self.0.elsewhere {
            for step in ["began", "committed"] {
                println!("{step}");
                std::io::stdout().flush().expect("somebody listens");
                let _ = std::io::stdin().read_line(&mut String::new());
            }
        }
        price
    }
}

#[repository(cache = self.cache, ttl = "5m")]
impl Listing {
    #[cached(strategy = "read_through", key = "strict-price:<id>")]
    pub async fn get_strictly(&self, id: u32) -> u32 {
        let _ = id;
        self.prices.load()
    }

    #[cached(strategy = "write_through", key = "strict-price:<id>")]
    pub async fn set_strictly(&self, id: u32, price: u32) -> u32 {
        let _ = id;
        tokio::task::block_in_place(|| self.prices.write(price))
    }

    #[cached(strategy = "read_through", key = "lease-price:<id>")]
    pub async fn get(&self, id: u32) -> u32 {
        let _ = id;
        self.prices.load()
    }

    #[cached(strategy = "write_around", key = "lease-price:<id>")]
    pub async fn set(&self, id: u32, price: u32) -> u32 {
        let _ = id;
        tokio::task::block_in_place(|| self.prices.write(price))
    }
}
