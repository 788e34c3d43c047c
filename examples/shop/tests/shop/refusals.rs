//! What the API refuses, and how it says why.

use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use shop::load::Reply;

use crate::{
    TestResult,
    fixture::{self, Fixture, header_of},
};

const BAD: StatusCode = StatusCode::BAD_REQUEST;
const MISSING: StatusCode = StatusCode::NOT_FOUND;
const INVALID: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

fn assert_refused(reply: &Reply, status: StatusCode, reason: &str, what: &str) {
    assert_eq!(reply.status, status, "{what}: {}", reply.text);
    assert_eq!(header_of(reply, header::CONTENT_TYPE), "application/json", "{what}");
    let said = fixture::json(reply);
    let said = said["error"].as_str().unwrap_or_default();
    assert!(said.contains(reason), "{what}: `{said}` lacks `{reason}`");
}

#[tokio::test]
async fn bad_addresses_are_refused_with_a_reason() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let many = (1..=101).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    for (path, status, reason) in [
        ("/api/products/abc", BAD, "`abc` is not a product id"),
        ("/api/products/0", BAD, "`0` is not a product id"),
        ("/api/products/-1", BAD, "`-1` is not a product id"),
        ("/api/products/99999999999999999999", BAD, "is not a product id"),
        ("/api/products/%ff", BAD, "UTF-8"),
        ("/api/products/10001", MISSING, "there is no product 10001"),
        ("/api/products/10001/reviews", MISSING, "there is no product 10001"),
        ("/api/products/10001/history", MISSING, "there is no product 10001"),
        ("/api/products", BAD, "say which products"),
        ("/api/products?ids=", BAD, "say which products"),
        ("/api/products?ids=1,x", BAD, "`x` is not a product id"),
        ("/api/products?ids=1,0", BAD, "`0` is not a product id"),
        ("/api/products?ids=1,,2", BAD, "`` is not a product id"),
        (&format!("/api/products?ids={many}"), BAD, "at most 100 products"),
        ("/api/categories/nothing/products", MISSING, "there is no category `nothing`"),
        ("/api/categories/books/products?page=0", BAD, "pages are counted from 1"),
        ("/api/categories/books/products?page=-1", BAD, "page"),
        ("/api/categories/books/products?page=x", BAD, "page"),
        ("/api/categories/books/products?page=4294967295", MISSING, "there is no page 4294967295"),
        ("/api/categories/books/products?page=99999999999", BAD, "page"),
        ("/api/nothing", MISSING, "there is no such address"),
        ("/api", MISSING, "there is no such address"),
    ] {
        assert_refused(&visitor.get(path).await?, status, reason, path);
    }
    let reply = visitor.send(Method::POST, "/api/products/10001/views", json!({})).await?;
    assert_refused(&reply, MISSING, "there is no product 10001", "a look at nothing");
    let reply = visitor.send(Method::DELETE, "/api/products/1", json!({})).await?;
    assert_refused(&reply, StatusCode::METHOD_NOT_ALLOWED, "can't do that", "DELETE");
    Ok(())
}

#[tokio::test]
async fn bad_bodies_are_refused_with_a_reason() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let price = "/api/products/1/price";
    let reviews = "/api/products/1/reviews";
    for (method, path, body, status, reason) in [
        (Method::PUT, price, json!({ "price": -1 }), INVALID, "a price can't be negative"),
        (Method::PUT, price, json!({ "price": 100_000_001 }), INVALID, "a price can't be above 1000000.00"),
        (Method::PUT, price, json!({ "price": "9" }), INVALID, "price"),
        (Method::PUT, price, json!({ "price": 9.5 }), INVALID, "price"),
        (Method::PUT, price, json!({}), INVALID, "price"),
        (Method::PUT, price, json!([]), INVALID, "JSON body"),
        (
            Method::PUT,
            "/api/products/10001/price",
            json!({ "price": 1 }),
            MISSING,
            "there is no product 10001",
        ),
        (Method::PUT, "/api/products/x/price", json!({ "price": 1 }), BAD, "`x` is not a product id"),
        (
            Method::POST,
            reviews,
            json!({ "author": "A", "stars": 0, "text": "x" }),
            INVALID,
            "between 1 and 5",
        ),
        (Method::POST, reviews, json!({ "author": "A", "stars": 300, "text": "x" }), INVALID, "stars"),
        (
            Method::POST,
            reviews,
            json!({ "author": " ", "stars": 1, "text": "x" }),
            INVALID,
            "an author can't be empty",
        ),
        (
            Method::POST,
            reviews,
            json!({ "author": "A", "stars": 1, "text": "x".repeat(1_001) }),
            INVALID,
            "1000",
        ),
        (
            Method::POST,
            reviews,
            json!({ "author": "A", "stars": 1, "text": "a\u{0}b" }),
            INVALID,
            "zero byte",
        ),
        (
            Method::POST,
            "/api/products/10001/reviews",
            json!({ "author": "A", "stars": 1, "text": "x" }),
            MISSING,
            "10001",
        ),
    ] {
        let what = format!("{path} {body}");
        assert_refused(&visitor.send(method, path, body).await?, status, reason, &what);
    }
    assert_eq!(visitor.json("/api/audit").await?, json!([]));
    Ok(())
}

#[tokio::test]
async fn malformed_bodies_are_refused_with_a_reason() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let path = "/api/products/1/price";
    let json = "application/json";
    for (kind, body, status, reason) in [
        (json, "{ \"price\": ", BAD, "JSON"),
        (json, "", BAD, "JSON"),
        (json, "price=5", BAD, "JSON"),
        ("text/plain", "{ \"price\": 5 }", StatusCode::UNSUPPORTED_MEDIA_TYPE, "Content-Type"),
    ] {
        assert_refused(&visitor.send_text(Method::PUT, path, kind, body).await?, status, reason, body);
    }
    let huge = format!("[{}]", " ".repeat(3_000_000));
    let reply = visitor.send_text(Method::POST, "/api/import", json, &huge).await;
    // A server may close the connection on the sender of such a body; if it answers, it says why.
    if let Ok(reply) = reply {
        assert_refused(&reply, StatusCode::PAYLOAD_TOO_LARGE, "limit", "3 MB");
    }
    Ok(())
}

fn line(id: i64, category: &str, price: i64) -> Value {
    json!({ "id": id, "name": "Thing", "category": category, "price": price })
}

#[tokio::test]
async fn one_bad_line_leaves_the_catalogue_as_it_was() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    let known = visitor.json("/api/categories/toys/products").await?["products"][0]["id"]
        .as_i64()
        .expect("ids are numbers");
    let good = line(20_000, "toys", 5);
    let many: Vec<Value> = (0..501).map(|number| line(30_000 + number, "toys", 5)).collect();
    for (list, status, reason) in [
        (json!([good, line(20_001, "nothing", 5)]), INVALID, "line 2: there is no category `nothing`"),
        (json!([good, line(20_001, "toys", -5)]), INVALID, "line 2: a price can't be negative"),
        (json!([good, line(0, "toys", 5)]), INVALID, "line 2: a product id must be above zero"),
        (json!([good, good]), INVALID, "line 2: product 20000 is in the list twice"),
        (json!([good, line(known, "books", 5)]), StatusCode::CONFLICT, "an import can't move it to `books`"),
        (
            json!([good, { "id": 20_001, "name": "", "category": "toys", "price": 5 }]),
            INVALID,
            "line 2: a product name can't be empty",
        ),
        (json!([good, { "id": 20_001 }]), INVALID, "name"),
        (json!({ "id": 20_001 }), INVALID, "sequence"),
        (json!(many), INVALID, "at most 500 products"),
    ] {
        assert_refused(&visitor.send(Method::POST, "/api/import", list).await?, status, reason, reason);
    }
    assert_eq!(visitor.get("/api/products/20000").await?.status, MISSING);
    assert_eq!(visitor.send(Method::POST, "/api/import", json!([])).await?.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_lost_database_is_a_500_that_tells_nothing() -> TestResult {
    let shop = Fixture::start().await;
    let mut visitor = shop.visitor().await;
    visitor.json("/api/products/1").await?;
    shop.app.shop().db.close().await;
    let reply = visitor.get("/api/products/2").await?;
    assert_refused(
        &reply,
        StatusCode::INTERNAL_SERVER_ERROR,
        "the shop can't do that right now",
        "closed pool",
    );
    for word in ["pool", "sql", "products"] {
        assert!(!reply.text.to_lowercase().contains(word), "{}", reply.text);
    }
    let page = visitor.get("/p/2").await?;
    assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.text.contains("the shop can't do that right now"), "{}", page.text);
    assert!(visitor.price(1).await?.is_number(), "what is cached is still there");
    Ok(())
}
