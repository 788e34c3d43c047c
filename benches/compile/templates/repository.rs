
#[derive(Clone, Debug)]
pub struct Table_N {
    pub name: &'static str,
    pub cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Table_N {
    #[cached(strategy = "read_through", key = "row_N:<id>", negative_ttl = 30)]
    pub async fn find(&self, id: u64) -> Result<Option<Row_N>, LoadError> {
        let lines = Query::new("select * from row where id = $1").bind(id).rows().await?;
        Ok(lines.first().map(Row_N::read))
    }

    #[cached(key = "row_N-named:<name>")]
    pub async fn named(&self, name: &str) -> Result<Row_N, LoadError> {
        let line = Query::new("select * from row where name = $1").bind(name).row().await?;
        Ok(Row_N::read(&line))
    }

    #[cached(strategy = "read_through", key = "row_N-page:<kind>:<page>")]
    pub async fn page(&self, kind: &str, page: u32) -> Result<Arc<Vec<Row_N>>, LoadError> {
        let query = Query::new("select * from row where kind = $1 offset $2 limit 20").bind(kind).bind(page * 20);
        Ok(Arc::new(query.rows().await?.iter().map(Row_N::read).collect()))
    }

    #[cached(strategy = "read_through", key = "row_N-count:<kind>")]
    pub async fn count(&self, kind: &str) -> Result<u64, LoadError> {
        let line = Query::new("select count(*) from row where kind = $1").bind(kind).row().await?;
        Ok(line.number(0))
    }

    #[cached(key = "row_N-shared:<owner>:<unit>")]
    pub async fn shared(&self, owner: u64, unit: u32) -> Result<Arc<Row_N>, LoadError> {
        let line = Query::new("select * from row where owner = $1 and unit = $2").bind(owner).bind(unit).row().await?;
        Ok(Arc::new(Row_N::read(&line)))
    }

    #[cached(strategy = "read_through", key = "row_N:<id>", each(id in ids))]
    pub async fn find_many(&self, ids: &[u64]) -> Result<HashMap<u64, Row_N>, LoadError> {
        let lines = Query::new("select * from row where id = any($1)").bind(ids.len()).rows().await?;
        Ok(lines.iter().map(Row_N::read).map(|row| (row.id, row)).collect())
    }

    #[cached(strategy = "refresh_ahead", key = "row_N-top", ttl = 60, refresh_at = 0.8)]
    pub async fn top(&self) -> Result<Arc<Vec<Row_N>>, LoadError> {
        let lines = Query::new("select * from row order by sold desc limit 20").rows().await?;
        Ok(Arc::new(lines.iter().map(Row_N::read).collect()))
    }

    #[cached(strategy = "write_through", key = "row_N:<id>", invalidates(page(result.kind, ..), count(result.kind)))]
    pub async fn rename(&self, id: u64, name: &str) -> Result<Row_N, LoadError> {
        let query = Query::new("update row set name = $2 where id = $1 returning *").bind(id).bind(name);
        Ok(Row_N::read(&query.row().await?))
    }

    #[cached(strategy = "write_around", key = "row_N:<row.id>", invalidates(page(&row.kind, ..)))]
    pub async fn put(&self, row: &Row_N) -> Result<(), LoadError> {
        Query::new("update row set price = $2 where id = $1").bind(row.id).bind(row.price).rows().await?;
        Ok(())
    }

    #[invalidates(find(id), page(kind, ..), count(kind))]
    pub async fn delete(&self, id: u64, kind: &str) -> Result<(), LoadError> {
        Query::new("delete from row where id = $1 and kind = $2").bind(id).bind(kind).rows().await?;
        Ok(())
    }
}
