//! How rows become values, and how lists become placeholders.

use sqlx::{FromRow, Row as _, any::AnyRow};

use crate::model::{AuditEntry, Category, Money, Product, Review, Session, Views};

/// `($1, $2, $3)` for a list of `count` values.
pub fn ids(count: usize) -> String {
    tuple(1, count)
}

/// `($1, $2), ($3, $4)` for `rows` rows of `columns` values.
pub fn insert_values(rows: usize, columns: usize) -> String {
    (0..rows).map(|row| tuple(row * columns + 1, columns)).collect::<Vec<_>>().join(", ")
}

fn tuple(first: usize, count: usize) -> String {
    let places: Vec<_> = (first..first + count).map(|place| format!("${place}")).collect();
    format!("({})", places.join(", "))
}

impl FromRow<'_, AnyRow> for Product {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            name: row.try_get("name")?,
            category: row.try_get("category")?,
            price: money(row.try_get("price_cents")?)?,
        })
    }
}

impl FromRow<'_, AnyRow> for Category {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            slug: row.try_get("slug")?,
            name: row.try_get("name")?,
            products: small(row.try_get("products")?)?,
        })
    }
}

impl FromRow<'_, AnyRow> for Review {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            author: row.try_get("author")?,
            stars: small(row.try_get("stars")?)?,
            text: row.try_get("text")?,
        })
    }
}

impl FromRow<'_, AnyRow> for Session {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let viewed: String = row.try_get("viewed")?;
        Ok(Self {
            id: row.try_get("id")?,
            viewed: serde_json::from_str(&viewed).map_err(decode)?,
            seen_at: row.try_get("seen_at")?,
        })
    }
}

impl FromRow<'_, AnyRow> for Views {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        Ok(Self { product_id: row.try_get("product_id")?, count: row.try_get("views")? })
    }
}

impl FromRow<'_, AnyRow> for AuditEntry {
    fn from_row(row: &AnyRow) -> sqlx::Result<Self> {
        let before: Option<i64> = row.try_get("before_cents")?;
        Ok(Self {
            product_id: row.try_get("product_id")?,
            at: row.try_get("at")?,
            action: row.try_get::<&str, _>("action")?.parse().map_err(decode)?,
            before: before.map(money).transpose()?,
            after: money(row.try_get("after_cents")?)?,
        })
    }
}

fn money(cents: i64) -> sqlx::Result<Money> {
    Money::from_cents(cents).map_err(decode)
}

fn small<N: TryFrom<i64, Error: std::error::Error + Send + Sync + 'static>>(number: i64) -> sqlx::Result<N> {
    N::try_from(number).map_err(decode)
}

fn decode(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_through() {
        assert_eq!(ids(3), "($1, $2, $3)");
        assert_eq!(insert_values(2, 2), "($1, $2), ($3, $4)");
    }
}
