//! Which tables there are.

use super::Engine;

/// The statements that create what is missing, in order.
pub(super) const fn statements(engine: Engine) -> [&'static str; 9] {
    [
        "CREATE TABLE IF NOT EXISTS categories (slug TEXT PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS products (
            id BIGINT PRIMARY KEY,
            name TEXT NOT NULL,
            category TEXT NOT NULL REFERENCES categories (slug),
            price_cents BIGINT NOT NULL,
            sold BIGINT NOT NULL DEFAULT 0
        )",
        "CREATE INDEX IF NOT EXISTS products_by_category ON products (category, id)",
        // Only the database gives reviews and audit entries their numbers, and each engine has its own words for that.
        match engine {
            Engine::Sqlite => {
                "CREATE TABLE IF NOT EXISTS reviews (
                    id INTEGER PRIMARY KEY,
                    product_id BIGINT NOT NULL REFERENCES products (id),
                    author TEXT NOT NULL, stars BIGINT NOT NULL, text TEXT NOT NULL
                )"
            }
            Engine::Postgres => {
                "CREATE TABLE IF NOT EXISTS reviews (
                    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    product_id BIGINT NOT NULL REFERENCES products (id),
                    author TEXT NOT NULL, stars BIGINT NOT NULL, text TEXT NOT NULL
                )"
            }
        },
        "CREATE INDEX IF NOT EXISTS reviews_by_product ON reviews (product_id, id)",
        "CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, viewed TEXT NOT NULL, seen_at BIGINT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS views (product_id BIGINT PRIMARY KEY, views BIGINT NOT NULL)",
        match engine {
            Engine::Sqlite => {
                "CREATE TABLE IF NOT EXISTS audit (
                    id INTEGER PRIMARY KEY,
                    product_id BIGINT NOT NULL, at BIGINT NOT NULL, action TEXT NOT NULL,
                    before_cents BIGINT, after_cents BIGINT NOT NULL
                )"
            }
            Engine::Postgres => {
                "CREATE TABLE IF NOT EXISTS audit (
                    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                    product_id BIGINT NOT NULL, at BIGINT NOT NULL, action TEXT NOT NULL,
                    before_cents BIGINT, after_cents BIGINT NOT NULL
                )"
            }
        },
        "CREATE INDEX IF NOT EXISTS audit_by_product ON audit (product_id, id)",
    ]
}
