//! What the shop sells and remembers: plain data, with the rules that hold wherever it comes from.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How many products one listing page shows.
pub const PAGE_SIZE: u32 = 24;

/// An amount in cents, never negative.
///
/// In JSON it is the number of cents; people read and type it as `19.99`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(i64);

impl Money {
    /// The highest price the shop accepts: a million.
    pub const MAX: Self = Self(100_000_000);

    /// Checks that the amount is a price.
    pub fn from_cents(cents: i64) -> Result<Self, Invalid> {
        match cents {
            ..0 => Err(Invalid("a price can't be negative".into())),
            cents if cents > Self::MAX.0 => Err(Invalid(format!("a price can't be above {}", Self::MAX))),
            cents => Ok(Self(cents)),
        }
    }

    /// The amount in cents, as the database stores it.
    pub const fn cents(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl FromStr for Money {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let invalid = || Invalid(format!("`{text}` is not a price such as 19.99"));
        let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
        if text.starts_with('-') {
            return Err(Invalid("a price can't be negative".into()));
        }
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(cents) || cents.len() != 2 {
            return Err(invalid());
        }
        let whole: i64 = whole.parse().map_err(|_| invalid())?;
        let cents: i64 = cents.parse().map_err(|_| invalid())?;
        Self::from_cents(
            whole.checked_mul(100).and_then(|whole| whole.checked_add(cents)).ok_or_else(invalid)?,
        )
    }
}

/// Why a value from outside was refused, in words for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub String);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Invalid {}

/// Something for sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// The supplier's number, above zero.
    pub id: i64,
    /// What the shelf label says.
    pub name: String,
    /// The slug of its category.
    pub category: String,
    /// What it costs, in cents.
    pub price: Money,
}

impl Product {
    /// Checks a product that somebody sent.
    pub fn checked(id: i64, name: &str, category: &str, price: i64) -> Result<Self, Invalid> {
        if id < 1 {
            return Err(Invalid("a product id must be above zero".into()));
        }
        let name = text_within("a product name", name, 120)?;
        Ok(Self { id, name, category: category.to_owned(), price: Money::from_cents(price)? })
    }
}

/// A shelf of the shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// Its name in addresses.
    pub slug: String,
    /// Its name on pages.
    pub name: String,
    /// How many products it holds.
    pub products: u32,
}

impl Category {
    /// How many listing pages it fills; an empty shelf still has its first page.
    pub const fn pages(&self) -> u32 {
        let pages = self.products.div_ceil(PAGE_SIZE);
        if pages == 0 { 1 } else { pages }
    }
}

/// What a customer thinks of a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The number the database gave it.
    pub id: i64,
    /// Who wrote it.
    pub author: String,
    /// One to five.
    pub stars: u8,
    /// What they wrote.
    pub text: String,
}

/// A review as somebody sends it.
#[derive(Clone, Debug, Deserialize)]
pub struct NewReview {
    /// Who wrote it.
    pub author: String,
    /// One to five.
    pub stars: u8,
    /// What they wrote.
    pub text: String,
}

impl NewReview {
    /// Checks lengths and stars, and trims.
    pub fn checked(self) -> Result<Self, Invalid> {
        if !(1..=5).contains(&self.stars) {
            return Err(Invalid("stars must be between 1 and 5".into()));
        }
        Ok(Self {
            author: text_within("an author", &self.author, 60)?,
            stars: self.stars,
            text: text_within("a review", &self.text, 1_000)?,
        })
    }
}

/// What the shop remembers about a visitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The secret in the visitor's cookie.
    pub id: String,
    /// The products looked at last, newest first.
    pub viewed: Vec<i64>,
    /// The last visit, in seconds since 1970.
    pub seen_at: i64,
}

impl Session {
    const REMEMBERED: usize = 6;

    /// A visitor who has seen nothing yet.
    pub const fn new(id: String) -> Self {
        Self { id, viewed: Vec::new(), seen_at: 0 }
    }

    /// Puts `product` in front of what the visitor looked at before.
    #[must_use]
    pub fn seeing(mut self, product: i64, now: i64) -> Self {
        self.viewed.retain(|&seen| seen != product);
        self.viewed.insert(0, product);
        self.viewed.truncate(Self::REMEMBERED);
        self.seen_at = now;
        self
    }
}

/// How often a product's page was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Views {
    /// Whose page.
    pub product_id: i64,
    /// How often.
    pub count: i64,
}

impl Views {
    /// One look.
    pub const fn one(product_id: i64) -> Self {
        Self { product_id, count: 1 }
    }

    /// Both, of one product.
    #[must_use]
    pub const fn plus(self, more: Self) -> Self {
        Self { product_id: self.product_id, count: self.count + more.count }
    }
}

/// What was done to a product, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Whose entry it is.
    pub product_id: i64,
    /// When, in seconds since 1970.
    pub at: i64,
    /// What happened.
    pub action: Action,
    /// The price before, if there was one.
    pub before: Option<Money>,
    /// The price after.
    pub after: Money,
}

/// What can happen to a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It came with an import.
    Imported,
    /// Its price was changed.
    Repriced,
}

impl Action {
    /// The word the database stores.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Repriced => "repriced",
        }
    }
}

impl FromStr for Action {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "imported" => Ok(Self::Imported),
            "repriced" => Ok(Self::Repriced),
            _ => Err(Invalid(format!("`{text}` is not an action"))),
        }
    }
}

fn text_within(what: &str, text: &str, most: usize) -> Result<String, Invalid> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Invalid(format!("{what} can't be empty"))),
        length if length > most => Err(Invalid(format!("{what} can't be longer than {most} characters"))),
        _ if text.contains('\0') => Err(Invalid(format!("{what} can't contain a zero byte"))),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_what_it_writes() {
        for cents in [0, 5, 99, 100, 1999, 100_000_000] {
            let money = Money::from_cents(cents).expect("these are prices");
            assert_eq!(money.to_string().parse(), Ok(money));
        }
        assert_eq!("7".parse(), Money::from_cents(700));
    }

    #[test]
    fn money_refuses_what_is_no_price() {
        for text in [
            "",
            ".",
            "1.",
            ".50",
            "1.5",
            "1.234",
            "+1",
            "-1",
            "1,50",
            "1e3",
            "1000000.01",
            "99999999999999999999",
        ] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    #[test]
    fn session_remembers_each_product_once_and_newest_first() {
        let mut session = Session::new("a".into());
        for product in [1, 2, 3, 4, 5, 6, 7, 3] {
            session = session.seeing(product, 9);
        }
        assert_eq!(session.viewed, [3, 7, 6, 5, 4, 2]);
    }
}
