//! What programs get.

use axum::http::{Method, StatusCode};
use serde_json::json;

use crate::{
    TestResult,
    fixture::{self, Fixture},
};

#[tokio::test]
async fn products_are_read_alone_and_together() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let product = visitor.json("/api/products/42").await?;
    assert_eq!(product["id"], 42);
    let found = visitor.json("/api/products?ids=7,42,20000,7").await?;
    assert_eq!(found["products"][1], product);
    assert_eq!((found["products"][0]["id"].clone(), found["missing"].clone()), (json!(7), json!([20_000])));
    assert_eq!(visitor.json("/api/best-sellers").await?.as_array().map(Vec::len), Some(12));
    Ok(())
}

#[tokio::test]
async fn listings_cover_the_whole_category() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let categories = visitor.json("/api/categories").await?;
    let sizes =
        categories.as_array().into_iter().flatten().filter_map(|category| category["products"].as_i64());
    assert_eq!(sizes.sum::<i64>(), 10_000);

    let first = visitor.json("/api/categories/toys/products").await?;
    let pages = first["pages"].as_u64().expect("a listing says how many pages there are");
    let mut seen = 0;
    for page in 1..=pages {
        let listing = visitor.json(&format!("/api/categories/toys/products?page={page}")).await?;
        seen += listing["products"].as_array().map_or(0, Vec::len);
    }
    assert_eq!(first["category"]["products"], seen);
    Ok(())
}

#[tokio::test]
async fn a_changed_price_is_everywhere_at_once() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let product = visitor.json("/api/categories/audio/products").await?["products"][3].clone();
    let id = product["id"].as_i64().expect("ids are numbers");
    visitor.price(id).await?;
    for price in [1, 0, 100_000_000, 4_711] {
        let reply = visitor
            .send(Method::PUT, &format!("/api/products/{id}/price"), json!({ "price": price }))
            .await?;
        assert_eq!((reply.status, fixture::json(&reply)["price"].clone()), (StatusCode::OK, json!(price)));
        assert_eq!(visitor.price(id).await?, price);
        assert_eq!(visitor.json(&format!("/api/products?ids={id}")).await?["products"][0]["price"], price);
        assert_eq!(visitor.json("/api/categories/audio/products").await?["products"][3]["price"], price);
        let history = visitor.json(&format!("/api/products/{id}/history")).await?;
        assert_eq!(
            (history[0]["action"].clone(), history[0]["after"].clone()),
            (json!("repriced"), json!(price))
        );
        assert_eq!(visitor.json("/api/audit").await?[0], history[0]);
    }
    let history = visitor.json(&format!("/api/products/{id}/history")).await?;
    assert_eq!(history[3]["before"], product["price"]);
    Ok(())
}

#[tokio::test]
async fn an_import_is_everywhere_at_once() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let before = visitor.json("/api/categories/bikes/products").await?;
    assert_eq!(visitor.get("/api/products/20001").await?.status, StatusCode::NOT_FOUND);
    let (size, known) = (&before["category"]["products"], &before["products"][0]);
    let list = json!([
        { "id": known["id"], "name": "Renamed", "category": "bikes", "price": 1 },
        { "id": 20_001, "name": "New", "category": "bikes", "price": 2 },
    ]);
    let reply = visitor.send(Method::POST, "/api/import", list).await?;
    assert_eq!((reply.status, fixture::json(&reply)), (StatusCode::OK, json!({ "imported": 2 })));

    assert_eq!(visitor.json("/api/products/20001").await?["name"], "New");
    let after = visitor.json("/api/categories/bikes/products").await?;
    assert_eq!(
        after["products"][0],
        json!({ "id": known["id"], "name": "Renamed", "category": "bikes", "price": 1 })
    );
    assert_eq!(after["category"]["products"].as_i64(), size.as_i64().map(|size| size + 1));
    let history = visitor.json(&format!("/api/products/{}/history", known["id"])).await?;
    assert_eq!(
        (history[0]["action"].clone(), history[0]["before"].clone()),
        (json!("imported"), known["price"].clone())
    );
    assert_eq!(visitor.json("/api/products/20001/history").await?[0]["before"], json!(null));
    Ok(())
}

#[tokio::test]
async fn a_review_is_in_the_list_at_once() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let before = visitor.json("/api/products/5/reviews").await?.as_array().map_or(0, Vec::len);
    let review = json!({ "author": " Ünal ", "stars": 5, "text": "👍" });
    let reply = visitor.send(Method::POST, "/api/products/5/reviews", review).await?;
    assert_eq!(reply.status, StatusCode::CREATED);
    let after = visitor.json("/api/products/5/reviews").await?;
    assert_eq!(after.as_array().map(Vec::len), Some(before + 1));
    assert_eq!(after[0], fixture::json(&reply));
    assert_eq!(after[0]["author"], "Ünal");
    Ok(())
}

#[tokio::test]
async fn looks_are_counted_one_by_one() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    for looks in 1..=3 {
        let reply = visitor.send(Method::POST, "/api/products/5/views", json!({})).await?;
        assert_eq!((reply.status, fixture::json(&reply)), (StatusCode::OK, json!({ "views": looks })));
    }
    let shop = shop.restart().await;
    assert_eq!(shop.app.shop().views.find(5).await?.map(|views| views.count), Some(3));
    Ok(())
}

#[tokio::test]
async fn statements_count_for_the_request_they_were_sent_for() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    visitor.page("/p/7").await?;
    visitor.json("/api/products/8").await?;
    let sent = shop.app.shop().db.statements_by_origin();
    let of = |request| {
        let ours = sent.iter().filter(|(origin, _)| origin.request.as_deref() == Some(request));
        ours.map(|(origin, sent)| (origin.function, *sent)).collect::<Vec<_>>()
    };
    assert_eq!(
        of("GET /p/{id}"),
        [("Audit::history", 1), ("Products::find", 1), ("Reviews::of", 1), ("ViewCounts::shown", 1)]
    );
    assert_eq!(of("GET /api/products/{id}"), [("Products::find", 1)]);
    Ok(())
}

#[tokio::test]
async fn a_second_look_reaches_no_database() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let paths = [
        "/api/products/42",
        "/api/products?ids=42,43",
        "/api/categories/books/products",
        "/api/best-sellers",
        "/api/products/9/reviews",
    ];
    for path in paths {
        visitor.json(path).await?;
    }
    let sent = shop.app.shop().db.statements();
    for path in paths {
        visitor.json(path).await?;
    }
    assert_eq!(shop.app.shop().db.statements(), sent);
    Ok(())
}
