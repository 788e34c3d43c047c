//! Do expansions add anything that clippy complains of? Linting this file is the test.
#![deny(warnings, clippy::all, clippy::pedantic)]

use std::collections::HashMap;
use std::sync::Arc;

use cache_runtime::{Cache, KeyPart, Queue, Sensitive, cached, invalidates, repository};

type Answer<T> = Result<T, cache_runtime::Error>;

#[derive(Clone, Copy, KeyPart)]
enum Sort {
    Name,
    Price,
}

#[derive(Clone, KeyPart)]
struct Place {
    country: String,
    zip: u32,
}

#[derive(Clone)]
struct Products {
    cache: Cache,
    limit: usize,
}

#[repository(cache = self.cache, ttl = "5m", negative_ttl = 30)]
impl Products {
    #[cached(strategy = "read_through", key = "product:<id>")]
    async fn find(&self, id: i64) -> Answer<Option<String>> {
        Ok(Some(format!("{id} {}", self.limit)))
    }

    #[cached(strategy = "read_through", key = "product:<id>", each(id in ids))]
    async fn find_many(&self, ids: &[i64]) -> Answer<HashMap<i64, String>> {
        Ok(ids.iter().take(self.limit).map(|id| (*id, id.to_string())).collect())
    }

    #[cached(key = "browse:<category>:<sort>:<place>:<page>", skip(trace))]
    async fn browse(
        &self,
        category: &str,
        sort: Sort,
        place: Place,
        page: u32,
        trace: u64,
    ) -> Answer<Arc<Vec<String>>> {
        let sort = if matches!(sort, Sort::Price) { "price" } else { "name" };
        Ok(Arc::new(vec![
            format!("{category} {sort} {} {} {page} {trace}", place.country, place.zip);
            self.limit
        ]))
    }

    #[cached(strategy = "write_through", key = "product:<id>", invalidates(browse(result, ..)))]
    async fn rename(&self, id: i64, name: String) -> Answer<String> {
        self.find(id).await?;
        Ok(name)
    }

    #[cached(strategy = "write_around", key = "product:<id>", invalidates(browse(category, Sort::Name, ..)))]
    async fn import(&self, id: i64, category: &str) -> Answer<()> {
        self.browse(category, Sort::Name, Place { country: String::new(), zip: 1 }, 1, 1).await?;
        Ok(())
    }

    #[cached(strategy = "refresh_ahead", key = "home:<lang>")]
    async fn home(&self, lang: &str) -> Answer<Arc<Vec<String>>> {
        Ok(Arc::new(vec![lang.to_owned(); self.limit]))
    }

    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "views:<id>", value = count, unordered)]
    async fn count(&self, id: i64, count: u64) -> Answer<()> {
        self.find(id).await?;
        let _ = count;
        Ok(())
    }

    #[allow(deprecated)]
    #[cached(strategy = "write_behind", key = "seen:<id>", value = id, batch = Self::save, unordered)]
    async fn seen(&self, id: i64) -> Answer<()>;

    async fn save(&self, batch: &[i64]) -> Answer<()> {
        self.find_many(batch).await?;
        Ok(())
    }

    #[cached(key = "page:<lang>", ttl = self.lives(), when = !preview, unless = |page| page.len() > self.limit || *page == lang, skip(preview))]
    async fn page(&self, lang: String, preview: bool) -> Answer<String> {
        self.find(i64::from(preview)).await?;
        Ok(lang)
    }

    #[cached(strategy = "refresh_ahead", key = "front:<lang>", ttl = |page| self.lives() * u32::try_from(page.len()).unwrap_or(1), unless = |page| page == lang)]
    async fn front(&self, lang: &str) -> Answer<String> {
        self.find(1).await?;
        Ok(lang.to_owned())
    }

    #[cached(key = "size:<word>", each(word in words), unless = |size| *size > self.limit, when = !words.is_empty())]
    async fn sizes(&self, words: &[String]) -> Answer<HashMap<String, usize>> {
        self.find(1).await?;
        Ok(words.iter().map(|word| (word.clone(), word.len())).collect())
    }

    #[cached(strategy = "write_through", key = "size:<word>", value = size, ttl = |_| self.lives(), unless = |size| *size > word.len())]
    async fn measure(&self, word: String, size: usize) -> Answer<()> {
        self.find(i64::try_from(size).unwrap_or(0)).await?;
        drop(word);
        Ok(())
    }

    #[invalidates(before = self.find(id).await?, front(before), front(result))]
    async fn translate(&self, id: i64) -> Answer<String> {
        Ok(self.find(id).await?.unwrap_or_default())
    }

    fn lives(&self) -> std::time::Duration {
        std::time::Duration::from_mins(1) * u32::try_from(self.limit).unwrap_or(1)
    }

    #[invalidates(find(id), home("en"), Tokens::owner_of(id), each(id in ids))]
    async fn delete(&self, ids: &[i64]) -> Answer<usize> {
        Ok(ids.len().min(self.limit))
    }
}

#[derive(Clone)]
struct Tokens {
    cache: Cache,
    tenant: u32,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Tokens {
    #[cached(key = "owner:<id>")]
    async fn owner_of(&self, id: i64) -> Answer<u32> {
        Ok(u32::try_from(id).unwrap_or(self.tenant))
    }
}

#[repository(strict, scope = <self.tenant>, cache = self.cache, ttl = "5m")]
impl Tokens {
    #[cached(key = "token:<token>")]
    async fn of(&self, token: Sensitive<&str>) -> Answer<usize> {
        self.ping().await;
        Ok(token.expose().len())
    }

    #[invalidates(of(token))]
    async fn revoke(&self, token: Sensitive<&str>) -> Answer<usize> {
        Ok(token.expose().len())
    }

    #[uncached]
    async fn ping(&self) {
        tokio::task::yield_now().await;
    }
}

#[cached(key = "free:<id>", ttl = "5m")]
async fn free(cache: &Cache, id: i64) -> Answer<String> {
    Ok(format!("{id} {cache:?}"))
}

#[invalidates(free(id))]
async fn forget(cache: &Cache, id: i64) {
    let _ = free(cache, id).await;
}

#[tokio::test]
async fn linted_functions_work() {
    let cache = Cache::builder().write_behind(Queue::memory()).build().await.expect("a cache in memory");
    let products = Products { cache: cache.clone(), limit: 2 };
    assert_eq!(products.find(1).await.ok().flatten().as_deref(), Some("1 2"));
    assert_eq!(products.find_many(&[1]).await.map(|found| found.len()).ok(), Some(1));
    assert_eq!(products.rename(1, "a".to_owned()).await.ok().as_deref(), Some("a"));
    assert_eq!(products.find(1).await.ok().flatten().as_deref(), Some("a"));
    assert!(products.import(1, "b").await.is_ok());
    assert_eq!(products.home("en").await.map(|home| home.len()).ok(), Some(2));
    assert!(products.count(1, 2).await.is_ok());
    assert!(products.seen(1).await.is_ok());
    assert_eq!(products.page("en".to_owned(), true).await.ok().as_deref(), Some("en"));
    assert_eq!(products.front("en").await.ok().as_deref(), Some("en"));
    assert_eq!(products.sizes(&["one".to_owned()]).await.map(|sizes| sizes.len()).ok(), Some(1));
    assert!(products.measure("one".to_owned(), 3).await.is_ok());
    assert!(products.translate(1).await.is_ok());
    assert_eq!(products.delete(&[1, 2, 3]).await.ok(), Some(2));
    forget(&cache, 1).await;
    let tokens = Tokens { cache, tenant: 3 };
    assert_eq!(tokens.of(Sensitive::new("abc")).await.ok(), Some(3));
    assert_eq!(tokens.revoke(Sensitive::new("abc")).await.ok(), Some(3));
    assert_eq!(tokens.owner_of(-1).await.ok(), Some(3));
}
