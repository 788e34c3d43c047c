//! What visitors do next; the same visitor always does the same.

use axum::http::Method;
use fastrand::Rng;
use serde_json::json;

use super::{Mix, zipf::Zipf};

const PRODUCTS: u32 = 10_000;
const PAGES: u32 = 30;
const CATEGORIES: [&str; 12] = [
    "kitchen", "books", "audio", "toys", "garden", "bikes", "office", "outdoor", "lighting", "bags",
    "watches", "music",
];
/// How many products one API request asks for.
const BATCH: usize = 20;
/// After so many requests a visitor leaves and another one comes.
const STAY: u32 = 40;

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Route {
    Home,
    Listing,
    Product,
    Batch,
    Look,
    Reprice,
    Review,
    Import,
}

impl Route {
    pub(super) const ALL: [Self; 8] = [
        Self::Home,
        Self::Listing,
        Self::Product,
        Self::Batch,
        Self::Look,
        Self::Reprice,
        Self::Review,
        Self::Import,
    ];

    /// What the table calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Home => "home page",
            Self::Listing => "listing page",
            Self::Product => "product page",
            Self::Batch => "20 products (API)",
            Self::Look => "look (API)",
            Self::Reprice => "price change (API)",
            Self::Review => "review (API)",
            Self::Import => "import (API)",
        }
    }

    /// How [`Origin::request`](crate::db::Origin::request) names it.
    pub(super) const fn address(self) -> &'static str {
        match self {
            Self::Home => "GET /",
            Self::Listing => "GET /c/{slug}",
            Self::Product => "GET /p/{id}",
            Self::Batch => "GET /api/products",
            Self::Look => "POST /api/products/{id}/views",
            Self::Reprice => "PUT /api/products/{id}/price",
            Self::Review => "POST /api/products/{id}/reviews",
            Self::Import => "POST /api/import",
        }
    }

    /// The repository function that it is there for; its strategy is the strategy of the route.
    pub(super) const fn main_function(self) -> &'static str {
        match self {
            Self::Home => "Products::best_sellers",
            Self::Listing => "Products::browse",
            Self::Product => "Products::find",
            Self::Batch => "Products::find_many",
            Self::Look => "ViewCounts::add",
            Self::Reprice => "Products::reprice",
            Self::Review => "Reviews::add",
            Self::Import => "Products::import",
        }
    }
}

impl Mix {
    /// How many of a thousand requests go to each of [`Route::ALL`].
    const fn weights(self) -> [u32; 8] {
        match self {
            Self::Default => [100, 200, 600, 50, 20, 10, 15, 5],
            Self::Reads => [100, 200, 650, 50, 0, 0, 0, 0],
            Self::Writes => [50, 150, 300, 50, 50, 200, 150, 50],
        }
    }
}

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) route: Route,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<serde_json::Value>,
    /// The cookie of the visitor before doesn't belong to this one.
    pub(super) as_somebody_new: bool,
}

/// An endless row of requests.
#[derive(Debug)]
pub(super) struct Visits {
    rng: Rng,
    mix: Mix,
    products: Zipf,
    categories: Zipf,
    pages: Zipf,
    count: u32,
}

impl Visits {
    pub(super) fn new(visitor: u64, mix: Mix) -> Self {
        Self {
            rng: Rng::with_seed(visitor),
            mix,
            // A tenth of the products gets nine tenths of the looks.
            products: Zipf::new(PRODUCTS, 1.2),
            categories: Zipf::new(12, 0.8),
            pages: Zipf::new(PAGES, 1.5),
            count: 0,
        }
    }

    pub(super) fn next(&mut self) -> Request {
        self.count += 1;
        let route = self.route();
        let (method, path, body) = match route {
            Route::Home => (Method::GET, "/".to_owned(), None),
            Route::Listing => {
                let page = self.pages.draw(&mut self.rng) + 1;
                (Method::GET, format!("/c/{}?page={page}", self.category()), None)
            }
            Route::Product => (Method::GET, format!("/p/{}", self.product()), None),
            Route::Batch => {
                let ids: Vec<_> = (0..BATCH).map(|_| self.product().to_string()).collect();
                (Method::GET, format!("/api/products?ids={}", ids.join(",")), None)
            }
            Route::Look => (Method::POST, format!("/api/products/{}/views", self.product()), None),
            Route::Reprice => {
                let price = self.rng.i64(100..=50_000);
                (
                    Method::PUT,
                    format!("/api/products/{}/price", self.product()),
                    Some(json!({ "price": price })),
                )
            }
            Route::Review => {
                let review = json!({ "author": "Load", "stars": self.rng.u8(1..=5), "text": "One of many." });
                (Method::POST, format!("/api/products/{}/reviews", self.product()), Some(review))
            }
            Route::Import => {
                // New products, so that no category is left by one.
                let id = self.rng.i64(1_000_000..2_000_000_000);
                let category = self.category();
                let line =
                    json!({ "id": id, "name": format!("Import {id}"), "category": category, "price": 999 });
                (Method::POST, "/api/import".to_owned(), Some(json!([line])))
            }
        };
        Request { route, method, path, body, as_somebody_new: self.count.is_multiple_of(STAY) }
    }

    fn route(&mut self) -> Route {
        let mut at = self.rng.u32(..1_000);
        for (route, weight) in Route::ALL.into_iter().zip(self.mix.weights()) {
            if at < weight {
                return route;
            }
            at -= weight;
        }
        Route::Product
    }

    /// Popular products are spread over the catalogue: 7919 and 10,000 have no common divisor.
    fn product(&mut self) -> usize {
        self.products.draw(&mut self.rng) * 7_919 % PRODUCTS as usize + 1
    }

    fn category(&mut self) -> &'static str {
        CATEGORIES[self.categories.draw(&mut self.rng)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_make_a_thousand() {
        for mix in [Mix::Default, Mix::Reads, Mix::Writes] {
            assert_eq!(mix.weights().iter().sum::<u32>(), 1_000, "{mix:?}");
        }
    }

    #[test]
    fn the_same_visitor_does_the_same() {
        let (mut first, mut second) = (Visits::new(3, Mix::Default), Visits::new(3, Mix::Default));
        for _ in 0..200 {
            assert_eq!(format!("{:?}", first.next()), format!("{:?}", second.next()));
        }
    }
}
