//! Secrets as parameters of readers, writers, edges, handles and batches.
#![deny(warnings)]
#![allow(dead_code)]

use std::collections::HashMap;

use cache_runtime::{Cache, KeyPart, Sensitive, repository};

#[derive(Clone, Debug, PartialEq, Eq, Hash, KeyPart)]
#[key_part(sensitive)]
struct ApiToken(String);

#[derive(Clone, KeyPart)]
#[key_part(sensitive)]
struct Login {
    user: String,
    pin: u32,
}

#[derive(Clone, Copy, KeyPart)]
#[key_part(sensitive, crate = cache_runtime)]
enum Vote {
    Yes,
    No,
}

#[derive(Clone)]
struct Accounts {
    cache: Cache,
}

#[repository(cache = self.cache, ttl = "5m")]
impl Accounts {
    #[cached(key = "borrowed:<token>")]
    async fn borrowed(&self, token: Sensitive<&str>) -> usize {
        token.expose().len()
    }

    #[cached(key = "owned:<token>")]
    async fn owned(&self, token: Sensitive<String>) -> usize {
        token.expose().len()
    }

    #[cached(key = "derived:<token>:<vote>")]
    async fn derived(&self, token: &ApiToken, vote: Vote) -> usize {
        let _ = vote;
        token.0.len()
    }

    #[cached(strategy = "refresh_ahead", key = "login:<login>")]
    async fn login(&self, login: Login) -> u32 {
        login.pin
    }

    #[cached(key = "owned:<token>", each(token in tokens))]
    async fn owned_many(&self, tokens: &[Sensitive<String>]) -> HashMap<Sensitive<String>, usize> {
        tokens.iter().map(|token| (token.clone(), token.expose().len())).collect()
    }

    #[cached(key = "one:<token>", each(token in tokens))]
    async fn derived_many(&self, tokens: Vec<ApiToken>) -> HashMap<ApiToken, usize> {
        tokens.iter().map(|token| (token.clone(), token.0.len())).collect()
    }

    #[cached(strategy = "write_through", key = "borrowed:<token>", invalidates(owned(token), derived(of, Vote::Yes)))]
    async fn rename(&self, token: Sensitive<&str>, of: &ApiToken, size: usize) -> usize {
        let _ = (token, of);
        size
    }

    #[invalidates(borrowed(Sensitive::new(token.expose().as_str())), owned(token), derived(&ApiToken(token.expose().to_string()), Vote::No))]
    async fn revoke(&self, token: Sensitive<String>) {
        let _ = token;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let accounts = Accounts { cache: Cache::memory() };
    assert_eq!(accounts.borrowed(Sensitive::new("abc")).await, 3);
    let entry = {
        let token = String::from("abc");
        accounts.borrowed_entry(Sensitive::new(&token))
    };
    assert_eq!(entry.peek().await, Some(3));
    assert_eq!(entry.key(), "borrowed:ba7816bf8f01cfea414140de5dae2223");
    assert_eq!(entry.refresh().await, 3);
    assert_eq!(accounts.derived_entry(&ApiToken("abc".into()), Vote::Yes).refresh().await, 3);
    assert_eq!(Accounts::owned_args("owned:ba7816bf8f01cfea414140de5dae2223"), None);
    accounts.revoke(Sensitive::new("abc".into())).await;
    assert_eq!(accounts.borrowed_entry(Sensitive::new("abc")).peek().await, None);
}
