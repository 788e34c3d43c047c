//! What is still there after the shop has stopped.

use serde_json::json;

use crate::{TestResult, fixture::Fixture};

#[tokio::test]
async fn what_was_written_behind_survives_a_restart() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    for path in ["/p/1", "/p/2", "/p/42", "/p/42"] {
        visitor.page(path).await?;
    }
    let shop = shop.restart().await;
    visitor.goes_to(&shop.app).await?;
    assert_eq!(visitor.json("/api/session").await?["viewed"], json!([42, 2, 1]));
    assert_eq!(visitor.json("/api/products/42/views").await?, json!({ "views": 2 }));
    assert!(visitor.page("/p/42").await?.contains("Viewed 2 times<"));
    Ok(())
}

#[tokio::test]
async fn a_shop_that_opens_again_is_not_seeded_again() -> TestResult {
    let shop = Fixture::start().await;
    shop.app.shop().products.reprice(7, "7.77".parse()?).await?;
    let shop = shop.restart().await;
    assert_eq!(shop.visitor().await.price(7).await?, 777);
    let sizes = shop.app.shop().products.categories().await?;
    assert_eq!(sizes.iter().map(|category| category.products).sum::<u32>(), 10_000);
    Ok(())
}
