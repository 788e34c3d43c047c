//! What was acknowledged and given up: looking at it, trying it again, forgetting it.

use std::{error::Error, time::SystemTime};

use cache_runtime::DeadLetter;

use crate::{Config, app::Shop};

/// What to do with dead letters.
#[derive(Debug, PartialEq, Eq)]
pub enum Task {
    /// Names them.
    List,
    /// Shows one, with its arguments.
    Show(String),
    /// Queues one again, or all.
    Replay(Option<String>),
    /// Forgets one, or all: what was acknowledged is lost.
    Discard(Option<String>),
}

impl Task {
    /// Reads the words after `dead-letters`.
    pub fn parse(words: &[&str]) -> Result<Self, String> {
        let which = |id: &str| (id != "--all").then(|| id.to_owned());
        match words {
            [] | ["list"] => Ok(Self::List),
            ["show", id] => Ok(Self::Show((*id).to_owned())),
            ["replay", id] => Ok(Self::Replay(which(id))),
            ["discard", id] => Ok(Self::Discard(which(id))),
            ["show" | "replay" | "discard"] => {
                Err("which dead letter? `shop dead-letters` lists their ids".into())
            }
            [other, ..] => Err(format!("`dead-letters` can't `{other}`, or takes fewer words")),
        }
    }
}

/// Does it, on the queue that the environment names.
pub async fn run(task: &Task) -> Result<(), Box<dyn Error + Send + Sync>> {
    let shop = Shop::look_at(&Config::from_env()?).await?;
    let behind = shop.cache.write_behind();
    match task {
        Task::List => {
            let letters = behind.dead_letters().await?;
            letters.iter().for_each(|letter| println!("{}", line(letter)));
            println!("{}", count(letters.len()));
        }
        Task::Show(id) => {
            let letter = behind.dead_letter(id).await?;
            println!("{}\nschema {}: {}", line(&letter), letter.schema, letter.arguments);
        }
        Task::Replay(None) => println!("queued again: {}", count(behind.replay_all().await?)),
        Task::Replay(Some(id)) => {
            if !behind.replay(&behind.dead_letter(id).await?).await? {
                return Err(format!("{id} stays: a newer write to its key was made").into());
            }
            println!("{id} is queued again; a shop that runs writes it to the database");
        }
        Task::Discard(None) => println!("forgotten: {}", count(behind.discard_all().await?)),
        Task::Discard(Some(id)) => {
            behind.discard(&behind.dead_letter(id).await?).await?;
            println!("{id} is forgotten");
        }
    }
    shop.db.close().await;
    Ok(())
}

fn count(letters: usize) -> String {
    if letters == 1 { "1 dead letter".to_owned() } else { format!("{letters} dead letters") }
}

fn line(letter: &DeadLetter) -> String {
    let ago = SystemTime::now().duration_since(letter.given_up).unwrap_or_default().as_secs();
    let DeadLetter { function, key, error, attempts, .. } = letter;
    let older = if letter.superseded { ", and a newer write was made" } else { "" };
    let tried = if *attempts == 1 { "once".to_owned() } else { format!("{attempts} times") };
    format!("{}  {function} {key}: {error} (tried {tried}, given up {ago} s ago{older})", letter.id())
}
