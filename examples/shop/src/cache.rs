//! TEMPORARY stand-in.
#![allow(missing_docs, clippy::all, clippy::pedantic)]
pub type CacheTx<'c, DB> = sqlx::Transaction<'c, DB>;
#[derive(Clone, Debug)]
pub struct Cache;
#[derive(Clone, Debug, Default)]
pub struct FunctionStats {
    pub function: &'static str,
    pub template: &'static str,
    pub strategy: &'static str,
    pub hits: u64,
    pub shared_hits: u64,
    pub negative_hits: u64,
    pub stale_hits: u64,
    pub bypasses: u64,
    pub misses: u64,
    pub loads: u64,
}
impl Cache {
    pub fn memory() -> Self {
        Self
    }
    pub fn disabled() -> Self {
        Self
    }
    pub fn stats(&self) -> Vec<FunctionStats> {
        Vec::new()
    }
    pub async fn shutdown(&self) {}
    pub async fn settle(&self) {}
    pub fn physical_key(&self, key: &str) -> String {
        key.to_owned()
    }
}
