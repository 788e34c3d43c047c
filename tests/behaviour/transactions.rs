//! Writers inside a transaction: what readers see before it is decided, and after it was, on SQLite.

use crate::{
    accounts::{INTENT, cache},
    fixtures::{SqliteFile, eventually, patient},
    ledger::{Ledger, Tx},
};
use cache_runtime::{
    Cache,
    store::{MemoryStore, Store, Token},
};
use sqlx::Sqlite;

/// A process alone, and one of two that share a store, with the other one.
async fn each_kind() -> Vec<(&'static str, SqliteFile, Ledger<Sqlite>, Ledger<Sqlite>)> {
    let mut kinds = Vec::new();
    for kind in ["memory", "shared"] {
        let file = SqliteFile::new();
        let db = file.pool().await;
        let (here, elsewhere) = if kind == "memory" {
            let cache = Cache::memory();
            (cache.clone(), cache)
        } else {
            let store = MemoryStore::new();
            (cache(store.clone(), patient(), INTENT).await, cache(store, patient(), INTENT).await)
        };
        let here = Ledger::<Sqlite>::create(db.clone(), here).await;
        let elsewhere = here.through(elsewhere);
        kinds.push((kind, file, here, elsewhere));
    }
    kinds
}

#[tokio::test]
async fn what_a_transaction_writes_is_seen_when_it_has_committed_and_not_before() {
    for (kind, _file, here, elsewhere) in each_kind().await {
        assert_eq!(elsewhere.balance(1).await.unwrap(), 10, "{kind}");
        assert_eq!(elsewhere.total().await.unwrap(), 10, "{kind}");
        let mut tx = here.cache.begin(&here.db).await.unwrap();
        here.add(&mut tx, 1, 5).await.unwrap();
        here.add(&mut tx, 2, 7).await.unwrap();
        here.open(&mut tx, 3).await.unwrap();
        for _ in 0..2 {
            assert_eq!(elsewhere.balance(1).await.unwrap(), 10, "{kind}: not committed");
            assert_eq!(here.balance(1).await.unwrap(), 10, "{kind}: another connection");
            assert_eq!(here.balance_in(&mut tx, 1).await.unwrap(), 15, "{kind}: its own");
        }
        tx.commit().await.unwrap();
        assert_eq!(elsewhere.balance(1).await.unwrap(), 15, "{kind}");
        assert_eq!((here.balance(2).await.unwrap(), here.balance(3).await.unwrap()), (7, 0), "{kind}");
        assert_eq!(elsewhere.total().await.unwrap(), 22, "{kind}");
        here.loads();
        elsewhere.balance(1).await.unwrap();
        assert_eq!(here.loads(), 0, "{kind}: it is cached again");
    }
}

#[tokio::test]
async fn a_reader_in_a_transaction_stores_nothing_and_is_answered_by_its_body() {
    for (kind, _file, here, elsewhere) in each_kind().await {
        let mut tx = here.cache.begin(&here.db).await.unwrap();
        here.add(&mut tx, 1, 5).await.unwrap();
        assert_eq!(here.balance_in(&mut tx, 1).await.unwrap(), 15, "{kind}");
        drop(tx);
        assert_eq!(elsewhere.balance(1).await.unwrap(), 10, "{kind}: its row never was");
        elsewhere.balance(1).await.unwrap();
        here.loads();
        let mut tx = here.cache.begin(&here.db).await.unwrap();
        here.balance_in(&mut tx, 1).await.unwrap();
        here.balance_in(&mut tx, 1).await.unwrap();
        assert_eq!(here.loads(), 2, "{kind}: a hit could be older than what the transaction sees");
    }
}

#[tokio::test]
async fn a_transaction_that_is_rolled_back_or_dropped_frees_its_keys_at_once() {
    for (kind, _file, here, elsewhere) in each_kind().await {
        for dropped in [true, false] {
            let mut tx = here.cache.begin(&here.db).await.unwrap();
            here.add(&mut tx, 1, 5).await.unwrap();
            if dropped {
                drop(tx);
                here.cache.settle().await;
            } else {
                tx.rollback().await.unwrap();
            }
            assert_eq!(elsewhere.balance(1).await.unwrap(), 10, "{kind}");
            here.loads();
            assert_eq!(elsewhere.balance(1).await.unwrap(), 10, "{kind}");
            assert_eq!(here.loads(), 0, "{kind}: stored again");
        }
    }
}

#[tokio::test]
async fn a_transaction_behind_an_alias_is_one() {
    for (kind, _file, here, elsewhere) in each_kind().await {
        assert_eq!(elsewhere.balance(1).await.unwrap(), 10, "{kind}");
        let mut tx: Tx<'_, Sqlite> = here.cache.begin(&here.db).await.unwrap();
        here.reset(&mut tx, 1).await.unwrap();
        assert_eq!(elsewhere.balance(1).await.unwrap(), 10, "{kind}");
        tx.commit().await.unwrap();
        assert_eq!(elsewhere.balance(1).await.unwrap(), 0, "{kind}");
    }
}

#[tokio::test]
async fn a_value_read_before_the_commit_is_not_stored_after_it() {
    for (kind, _file, here, elsewhere) in each_kind().await {
        let mut tx = here.cache.begin(&here.db).await.unwrap();
        here.add(&mut tx, 1, 5).await.unwrap();
        elsewhere.hold_reads();
        let reader = tokio::spawn({
            let elsewhere = elsewhere.clone();
            async move { elsewhere.balance(1).await.unwrap() }
        });
        eventually("it has read", || elsewhere.has_read()).await;
        tx.commit().await.unwrap();
        elsewhere.let_go();
        assert_eq!(reader.await.unwrap(), 10, "{kind}: read before");
        assert_eq!(elsewhere.balance(1).await.unwrap(), 15, "{kind}");
    }
}

#[tokio::test]
async fn a_transaction_whose_announcement_was_lost_is_announced_again_before_it_commits() {
    let file = SqliteFile::new();
    let db = file.pool().await;
    let store = MemoryStore::new();
    let here = Ledger::<Sqlite>::create(db, cache(store.clone(), patient(), INTENT).await).await;
    let elsewhere = here.through(cache(store.clone(), patient(), INTENT).await);
    let mut tx = here.cache.begin(&here.db).await.unwrap();
    here.add(&mut tx, 1, 5).await.unwrap();
    store.with(|state, _| state.lose_everything());
    elsewhere.cache.clear().await.unwrap(); // learns of the new epochs
    assert_eq!(elsewhere.balance(1).await.unwrap(), 10);
    assert_eq!(store.len(), 1, "nothing keeps the old row out");
    tx.commit().await.unwrap();
    assert_eq!(elsewhere.balance(1).await.unwrap(), 15);
    let other = Token::random();
    assert!(!store.extend(&[crate::accounts::target("balance:1")], other, INTENT).await.unwrap());
}
