//! How an empty database becomes a catalogue, the same one every time.

use fastrand::Rng;
use sqlx::{Any, AnyPool, AssertSqlSafe, Transaction};

use super::{Engine, insert_values, schema};

/// How many products the catalogue has; their ids are 1 to this.
const PRODUCTS: i64 = 10_000;
const REVIEWS: usize = 20_000;
const SEED: u64 = 0x0005_0B01;
const ROWS_PER_INSERT: usize = 500;
/// Any number will do, if every instance uses the same.
const ADVISORY_LOCK: &str = "SELECT pg_advisory_xact_lock(7283)";

const CATEGORIES: [(&str, &str, [&str; 5]); 12] = [
    ("audio", "Audio", ["Headphones", "Speaker", "Turntable", "Microphone", "Radio"]),
    ("bags", "Bags", ["Backpack", "Tote", "Satchel", "Suitcase", "Pouch"]),
    ("bikes", "Bikes", ["City Bike", "Helmet", "Pump", "Saddle", "Lamp"]),
    ("books", "Books", ["Atlas", "Cookbook", "Field Guide", "Notebook", "Novel"]),
    ("garden", "Garden", ["Spade", "Watering Can", "Planter", "Hose", "Bird House"]),
    ("kitchen", "Kitchen", ["Kettle", "Pan", "Grinder", "Knife", "Teapot"]),
    ("lighting", "Lighting", ["Desk Lamp", "Lantern", "Pendant", "Spotlight", "Candle"]),
    ("music", "Music", ["Ukulele", "Harmonica", "Kalimba", "Metronome", "Drum"]),
    ("office", "Office", ["Chair", "Pen", "Stapler", "Shelf", "Calendar"]),
    ("outdoor", "Outdoor", ["Tent", "Sleeping Bag", "Stove", "Compass", "Hammock"]),
    ("toys", "Toys", ["Puzzle", "Kite", "Marble Run", "Train", "Yo-yo"]),
    ("watches", "Watches", ["Chronograph", "Diver", "Pocket Watch", "Strap", "Wall Clock"]),
];

const ADJECTIVES: [&str; 16] = [
    "Amber", "Bold", "Calm", "Classic", "Copper", "Crisp", "Gentle", "Grand", "Ivory", "Light", "Nordic",
    "Quiet", "Rustic", "Silver", "Sturdy", "Swift",
];

const AUTHORS: [&str; 8] = ["Ada", "Basim", "Chloé", "Dmitri", "Emeka", "Fumiko", "Greta", "Hugo"];

/// What people say, by the stars they give.
const OPINIONS: [&str; 5] = [
    "Broke in the first week.",
    "Not what I expected.",
    "Does the job.",
    "Good value, would buy it again.",
    "Better than anything I owned before.",
];

/// Creates the tables and fills an empty catalogue, in one transaction that only one instance holds at a time.
pub(super) async fn ensure(pool: &AnyPool, engine: Engine) -> sqlx::Result<()> {
    let mut tx = match engine {
        // SQLite must be told that the transaction is going to write; else two of them could block each other halfway.
        Engine::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await?,
        Engine::Postgres => {
            let mut tx = pool.begin().await?;
            sqlx::query(ADVISORY_LOCK).execute(&mut *tx).await?;
            tx
        }
    };
    for statement in schema::statements(engine) {
        sqlx::query(statement).execute(&mut *tx).await?;
    }
    let seeded: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM categories").fetch_one(&mut *tx).await?;
    if seeded == 0 {
        fill(&mut tx).await?;
    }
    tx.commit().await
}

async fn fill(tx: &mut Transaction<'static, Any>) -> sqlx::Result<()> {
    let mut rng = Rng::with_seed(SEED);

    let sql = format!("INSERT INTO categories (slug, name) VALUES {}", insert_values(CATEGORIES.len(), 2));
    let mut insert = sqlx::query(AssertSqlSafe(sql));
    for (slug, name, _) in CATEGORIES {
        insert = insert.bind(slug).bind(name);
    }
    insert.execute(&mut **tx).await?;

    let ids: Vec<i64> = (1..=PRODUCTS).collect();
    for chunk in ids.chunks(ROWS_PER_INSERT) {
        let rows = insert_values(chunk.len(), 5);
        let mut insert = sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO products (id, name, category, price_cents, sold) VALUES {rows}"
        )));
        for &id in chunk {
            let (category, _, nouns) = pick(&mut rng, &CATEGORIES);
            let name = format!("{} {} No. {id}", pick(&mut rng, &ADJECTIVES), pick(&mut rng, nouns));
            let price = rng.i64(2..=400) * 100 - 1;
            // A few sell much, most sell little.
            let sold = 50_000 / rng.i64(1..=PRODUCTS);
            insert = insert.bind(id).bind(name).bind(*category).bind(price).bind(sold);
        }
        insert.execute(&mut **tx).await?;
    }

    for _ in 0..REVIEWS / ROWS_PER_INSERT {
        let rows = insert_values(ROWS_PER_INSERT, 4);
        let mut insert = sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO reviews (product_id, author, stars, text) VALUES {rows}"
        )));
        for _ in 0..ROWS_PER_INSERT {
            // The better of two draws: most reviews are kind.
            let stars = rng.u8(1..=5).max(rng.u8(1..=5));
            let opinion = OPINIONS.get(usize::from(stars) - 1).copied().unwrap_or_default();
            insert = insert
                .bind(rng.i64(1..=PRODUCTS))
                .bind(*pick(&mut rng, &AUTHORS))
                .bind(i64::from(stars))
                .bind(opinion);
        }
        insert.execute(&mut **tx).await?;
    }
    Ok(())
}

fn pick<'a, T>(rng: &mut Rng, from: &'a [T]) -> &'a T {
    &from[rng.usize(..from.len())]
}
