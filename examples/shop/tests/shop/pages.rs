//! What people see.

use axum::http::{StatusCode, header};

use shop::{config::Caching, load::Scratch};

use crate::{
    TestResult,
    fixture::{self, Fixture, Visitor, header_of},
};

#[tokio::test]
async fn every_page_is_there_and_well_formed() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    for (path, expected) in [
        ("/", "<h1>Best sellers</h1>"),
        ("/c/books", "Page 1 of "),
        ("/c/books?page=2", "rel=\"prev\" href=\"?page=1\""),
        ("/p/42", " No. 42</h1>"),
        ("/p/42/price", "Change the price of "),
        ("/audit", "Nothing was changed yet."),
        ("/stats", "<code>Products::find</code>"),
    ] {
        let page = visitor.page(path).await?;
        assert!(page.contains(expected), "{path} lacks {expected}: {page}");
    }
    let style = visitor.get("/style.css").await?;
    assert_eq!(
        (style.status, header_of(&style, header::CONTENT_TYPE)),
        (StatusCode::OK, "text/css; charset=utf-8")
    );
    Ok(())
}

#[tokio::test]
async fn the_catalogue_is_the_same_in_every_shop() -> TestResult {
    let scratch = Scratch::new()?;
    let (first, second) = (Fixture::start().await, fixture::start(scratch.database(), Caching::Memory).await);
    let path = "/api/products?ids=1,5000,10000";
    let seen = first.visitor().await.json(path).await?;
    assert_eq!(seen["products"].as_array().map(Vec::len), Some(3));
    assert_eq!(seen, Visitor::of(&second).await.json(path).await?);
    Ok(())
}

#[tokio::test]
async fn pages_that_are_not_there_say_so_as_pages() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    for path in [
        "/nothing",
        "/p/0",
        "/p/-1",
        "/p/10001",
        "/p/abc",
        "/p/99999999999999999999",
        "/c/nothing",
        "/c/books?page=999",
        "/p/10001/price",
    ] {
        let reply = visitor.get(path).await?;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{path}: {}", reply.text);
        assert!(reply.text.contains("<h1>Not Found</h1>"), "{path}: {}", reply.text);
    }
    for path in ["/c/books?page=0", "/c/books?page=-1", "/c/books?page=many"] {
        assert_eq!(visitor.get(path).await?.status, StatusCode::BAD_REQUEST, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn a_changed_price_is_on_every_page_at_once() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let product = visitor.json("/api/categories/books/products?page=2").await?["products"][0]["id"].clone();
    let (page, listing) = (format!("/p/{product}"), "/c/books?page=2");
    for path in [page.as_str(), listing, "/audit"] {
        assert!(!visitor.page(path).await?.contains("€1234.56"), "{path}");
    }

    let reply = visitor.fill_in(&format!("{page}/price"), "price=1234.56").await?;
    assert_eq!((reply.status, header_of(&reply, header::LOCATION)), (StatusCode::SEE_OTHER, page.as_str()));

    for path in [page.as_str(), listing, "/audit"] {
        assert!(visitor.page(path).await?.contains("€1234.56"), "{path}");
    }
    assert!(visitor.page(&page).await?.contains("Price history"));
    Ok(())
}

#[tokio::test]
async fn a_bad_price_shows_the_form_again_with_the_reason() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    for (typed, reason) in
        [("-5", "can&#39;t be negative"), ("cheap", "is not a price"), ("1000001", "can&#39;t be above")]
    {
        let reply = visitor.fill_in("/p/42/price", &format!("price={typed}")).await?;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        let reason = reason.replace("&#39;", "'");
        assert!(reply.text.contains(&reason), "{typed}: {}", reply.text);
        assert!(reply.text.contains(&format!("value=\"{typed}\"")), "{typed}: {}", reply.text);
    }
    assert_eq!(visitor.fill_in("/p/42/price", "cost=5").await?.status, StatusCode::UNPROCESSABLE_ENTITY);
    Ok(())
}

#[tokio::test]
async fn a_review_is_there_at_once_and_harmless() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    assert!(!visitor.page("/p/42").await?.contains("Ghost"));
    let reply = visitor
        .fill_in("/p/42/reviews", "author=Ghost&stars=4&text=%3Cscript%3Ealert(1)%3C/script%3E")
        .await?;
    assert_eq!((reply.status, header_of(&reply, header::LOCATION)), (StatusCode::SEE_OTHER, "/p/42#reviews"));
    let page = visitor.page("/p/42").await?;
    assert!(page.contains("Ghost") && page.contains("&lt;script&gt;") && !page.contains("<script"), "{page}");

    let reply = visitor.fill_in("/p/42/reviews", "author=Ghost&stars=9&text=x").await?;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text.contains("stars must be between 1 and 5"), "{}", reply.text);
    Ok(())
}

#[tokio::test]
async fn a_visitor_is_remembered_and_another_is_not_mixed_in() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    assert!(!visitor.page("/").await?.contains("Recently viewed"));
    for path in ["/p/1", "/p/2", "/p/3", "/p/2"] {
        visitor.page(path).await?;
    }
    assert_eq!(visitor.json("/api/session").await?["viewed"], serde_json::json!([2, 3, 1]));
    assert!(visitor.page("/").await?.contains("Recently viewed"));
    assert_eq!(shop.visitor().await.json("/api/session").await?["viewed"], serde_json::json!([]));
    Ok(())
}

#[tokio::test]
async fn views_are_counted() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    for (page, looks) in ["/p/42", "/p/42", "/p/42", "/p/43"].into_iter().zip([1, 2, 3, 1]) {
        visitor.page(page).await?;
        let views = visitor.json(&format!("/api/products/{}/views", &page[3..])).await?;
        assert_eq!(views, serde_json::json!({ "views": looks }));
    }
    Ok(())
}
