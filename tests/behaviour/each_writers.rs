//! Writers of many keys at once.

use cache_runtime::{Cache, repository};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

#[derive(Clone)]
struct Stock {
    cache: Cache,
    rows: Arc<Mutex<HashMap<u32, u32>>>,
    reads: Arc<AtomicUsize>,
}

#[derive(Clone, Debug, PartialEq)]
struct Missing;

#[derive(Clone)]
struct Delivery {
    id: u32,
    pieces: u32,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Stock {
    #[cached(strategy = "read_through", key = "stock:<id>")]
    async fn pieces(&self, id: u32) -> Result<Option<u32>, Missing> {
        self.reads.fetch_add(1, SeqCst);
        Ok(self.rows.lock().unwrap().get(&id).copied())
    }

    #[cached(strategy = "write_through", key = "stock:<id>", each(id in ids))]
    async fn add_to(&self, ids: &[u32], more: u32) -> Result<BTreeMap<u32, u32>, Missing> {
        let mut rows = self.rows.lock().unwrap();
        let add = |id: &u32| {
            let row = rows.get_mut(id)?;
            *row += more;
            Some((*id, *row))
        };
        Ok(ids.iter().filter_map(add).collect())
    }

    #[cached(strategy = "write_around", key = "stock:<delivery.id>", each(delivery in deliveries))]
    async fn import(&self, deliveries: &[Delivery]) -> Result<(), Missing> {
        self.rows.lock().unwrap().extend(deliveries.iter().map(|d| (d.id, d.pieces)));
        Ok(())
    }

    #[invalidates(pieces(id), each(id in ids))]
    async fn clear(&self, ids: &[u32]) -> Result<(), Missing> {
        self.rows.lock().unwrap().retain(|id, _| !ids.contains(id));
        Ok(())
    }
}

fn stock() -> Stock {
    let rows = Arc::new(Mutex::new((1..=5).map(|id| (id, 10)).collect()));
    Stock { cache: Cache::memory(), rows, reads: Arc::default() }
}

#[tokio::test]
async fn a_write_through_of_many_keys_keeps_what_it_returns_for_each() {
    let stock = stock();
    assert_eq!(stock.pieces(1).await, Ok(Some(10)));
    assert_eq!(stock.add_to(&[1, 2, 9], 5).await.unwrap(), BTreeMap::from([(1, 15), (2, 15)]));
    assert_eq!((stock.pieces(1).await, stock.pieces(2).await), (Ok(Some(15)), Ok(Some(15))));
    assert_eq!(stock.reads.load(SeqCst), 1, "both came from the write");
    assert_eq!(stock.pieces(9).await, Ok(None), "nothing was kept for an id without a value");
}

#[tokio::test]
async fn a_write_around_of_many_keys_drops_each() {
    let stock = stock();
    for id in 1..=3 {
        stock.pieces(id).await.unwrap();
    }
    let delivery = |id| Delivery { id, pieces: 99 };
    stock.import(&[delivery(1), delivery(2)]).await.unwrap();
    assert_eq!((stock.pieces(1).await, stock.pieces(2).await), (Ok(Some(99)), Ok(Some(99))));
    assert_eq!(stock.pieces(3).await, Ok(Some(10)));
    assert_eq!(stock.reads.load(SeqCst), 5, "the third was still there");
}

#[tokio::test]
async fn invalidating_many_keys_drops_each() {
    let stock = stock();
    for id in 1..=3 {
        stock.pieces(id).await.unwrap();
    }
    stock.clear(&[1, 2]).await.unwrap();
    assert_eq!(
        (stock.pieces(1).await, stock.pieces(2).await, stock.pieces(3).await),
        (Ok(None), Ok(None), Ok(Some(10)))
    );
}
