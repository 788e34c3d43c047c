//! Loading entries before they are asked for.

use crate::fixtures::each_kind;

#[tokio::test]
async fn warming_loads_every_id_and_tells_how_far_it_is() {
    for (kind, products) in each_kind().await {
        let mut told = Vec::new();
        let warmed = products
            .cache
            .warm(1..=10)
            .concurrency(3)
            .progress(|w| told.push(w.done))
            .each(|id| products.find(id))
            .await;
        assert_eq!((warmed.done, warmed.failed), (10, 0), "{kind}");
        assert_eq!(told, (1..=10).collect::<Vec<_>>());
        assert_eq!(products.db.queries(), 10);
        products.find(3).await.unwrap();
        assert_eq!(products.db.queries(), 10, "{kind}");
    }
}

#[tokio::test]
async fn warming_in_batches_asks_once_a_batch() {
    for (kind, products) in each_kind().await {
        let warmed = products
            .cache
            .warm(1..=20)
            .batches(8, |ids| {
                let products = &products;
                async move { products.find_many(&ids).await }
            })
            .await;
        assert_eq!((warmed.done, warmed.failed), (20, 0));
        assert_eq!(products.db.queries(), 3, "{kind}");
    }
}

#[tokio::test]
async fn warming_counts_what_failed() {
    for (_, products) in each_kind().await {
        products.db.fail(true);
        let warmed = products.cache.warm(1..=4).each(|id| products.find(id)).await;
        assert_eq!((warmed.done, warmed.failed), (4, 4));
    }
}
