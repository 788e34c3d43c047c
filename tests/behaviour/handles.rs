//! Steering one entry by hand.

use crate::fixtures::each_kind;
use behaviour_tests::{Product, Products};

#[tokio::test]
async fn peek_shows_what_is_cached_and_loads_nothing() {
    for (kind, products) in each_kind().await {
        assert!(products.find_entry(1).peek().await.is_none(), "{kind}");
        products.find(1).await.unwrap();
        assert_eq!(products.find_entry(1).peek().await.unwrap().unwrap().unwrap().id, 1, "{kind}");
        products.find(404).await.unwrap();
        assert_eq!(products.find_entry(404).peek().await, Some(Ok(None)), "{kind}: known to be absent");
        assert_eq!(products.db.queries(), 2, "{kind}");
        assert_eq!(products.find_entry(1).key(), "product:1");
    }
}

#[tokio::test]
async fn refresh_replaces_what_is_cached() {
    for (kind, products) in each_kind().await {
        products.find(1).await.unwrap();
        products.db.set_price(1, 9);
        assert_eq!(products.find(1).await.unwrap().unwrap().price, 100);
        assert_eq!(products.find_entry(1).refresh().await.unwrap().unwrap().price, 9);
        let queries = products.db.queries();
        assert_eq!(products.find(1).await.unwrap().unwrap().price, 9, "{kind}");
        assert_eq!(products.db.queries(), queries, "{kind}");
    }
}

#[tokio::test]
async fn prime_stores_a_value_from_elsewhere() {
    for (kind, products) in each_kind().await {
        let product = Product { id: 1, category: "primed".into(), price: 1 };
        products.find_entry(1).prime(async { Ok(Some(product.clone())) }).await.unwrap();
        assert_eq!(products.find(1).await.unwrap(), Some(product), "{kind}");
        assert_eq!(products.db.queries(), 0, "{kind}");
    }
}

#[tokio::test]
async fn a_primed_value_loaded_before_an_invalidation_is_not_kept() {
    for (kind, products) in each_kind().await {
        let old = Product { id: 1, category: "old".into(), price: 1 };
        products
            .find_entry(1)
            .prime(async {
                products.reprice(1, 7).await.unwrap();
                Ok(Some(old.clone()))
            })
            .await
            .unwrap();
        assert_eq!(products.find(1).await.unwrap().unwrap().price, 7, "{kind}");
    }
}

#[tokio::test]
async fn invalidate_and_write_drop_the_entry() {
    for (kind, products) in each_kind().await {
        products.find(1).await.unwrap();
        products.find_entry(1).invalidate().await;
        assert!(products.find_entry(1).peek().await.is_none(), "{kind}");
        products.find(1).await.unwrap();
        let done = products
            .find_entry(1)
            .write(async {
                products.db.set_price(1, 3);
                "done"
            })
            .await;
        assert_eq!(done, "done");
        assert_eq!(products.find(1).await.unwrap().unwrap().price, 3, "{kind}");
    }
}

#[test]
fn keys_parse_back_into_arguments() {
    assert_eq!(Products::find_args("product:42"), Some((42,)));
    assert_eq!(Products::find_args("product:x"), None);
    assert_eq!(Products::find_args("other:42"), None);
    assert_eq!(Products::browse_args("browse:a%3Ab:7"), Some(("a:b".to_owned(), 7)));
}
