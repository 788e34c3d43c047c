//! What each visitor looked at.

use cache_runtime::{Cache, CacheTx, repository};
use sqlx::{Any, AssertSqlSafe};

use crate::{
    db::{self, Db},
    model::Session,
};

/// The sessions of all visitors.
#[derive(Clone, Debug)]
pub struct Sessions {
    db: Db,
    cache: Cache,
}

#[repository(cache = self.cache, db = self.db.pool(), ttl = "1h", strict)]
impl Sessions {
    /// A visitor's session, if the cookie names one.
    #[cached(strategy = "read_through", key = "session:<id>")]
    pub async fn find(&self, id: &str) -> sqlx::Result<Option<Session>> {
        sqlx::query_as("SELECT id, viewed, seen_at FROM sessions WHERE id = $1")
            .bind(id)
            .fetch_optional(self.db.counted("Sessions::find"))
            .await
    }

    /// Remembers a session. Every reader of this instance sees it from here on; the database follows in a moment, with many
    /// sessions in one statement.
    #[cached(strategy = "write_behind", key = "session:<session.id>", value = session, batch = Self::save)]
    pub async fn touch(&self, session: Session) -> sqlx::Result<()>;

    async fn save(&self, tx: &mut CacheTx<'_, Any>, batch: &[Session]) -> sqlx::Result<()> {
        let rows = db::insert_values(batch.len(), 3);
        let mut upsert = sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO sessions (id, viewed, seen_at) VALUES {rows}
             ON CONFLICT (id) DO UPDATE SET viewed = excluded.viewed, seen_at = excluded.seen_at"
        )));
        for session in batch {
            let viewed =
                serde_json::to_string(&session.viewed).map_err(|error| sqlx::Error::Encode(error.into()))?;
            upsert = upsert.bind(&session.id).bind(viewed).bind(session.seen_at);
        }
        self.db.count("Sessions::touch");
        upsert.execute(&mut ***tx).await?;
        Ok(())
    }
}

impl Sessions {
    /// Sessions over this database and this cache.
    pub const fn new(db: Db, cache: Cache) -> Self {
        Self { db, cache }
    }
}
