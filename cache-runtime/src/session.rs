//! What has a caller written, so that it reads that everywhere?

use crate::{scopes::Scopes, store::Told};
use std::{
    fmt,
    future::Future,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What one user, or one piece of work, has written: readers inside its scope see that in every process.
///
/// It matters where processes answer from their memory beside a shared store (`l1_max_lag`): what one has written another may not have heard of yet. Inside
/// [`Session::scope`] every write raises the session to the moment of its invalidation, on the store's clock; and a reader is answered from memory only if
/// its process has heard of everything up to that moment. Otherwise it asks the shared store.
///
/// A session crosses processes as a short text, in a cookie or a header. It says when something was written and nothing else; who makes one up only
/// has more of their own reads answered by the shared store.
///
/// ```
/// # use cache_runtime::{Cache, Session, cached};
/// # #[cached(key = "price:<id>", ttl = "5m")]
/// # async fn price(cache: &Cache, id: i64) -> i64 { id }
/// # async fn example(cache: &Cache, cookie: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let session: Session = cookie.parse()?; // of the request
/// let price = session.scope(async { price(cache, 7).await }).await;
/// let cookie = session.to_string(); // of the response
/// # let _ = (price, cookie);
/// # Ok(())
/// # }
/// ```
///
/// It holds for what the future itself calls, not for tasks that it spawns: those run in a scope of their own, of a clone. Scopes nest: a write raises all
/// sessions around it, and a reader sees what any of them has written. In a single process entries are exact, and a session stays empty. What a write-behind
/// function has acknowledged is not covered, nor is an invalidation that could not be sent yet.
#[derive(Clone, Default)]
pub struct Session(Arc<AtomicU64>);

/// A text that is no session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionError(());

/// A session, and those around it.
struct Frame {
    session: Session,
    around: Option<Arc<Frame>>,
}

tokio::task_local! {
    static FRAMES: Arc<Frame>;
}

static SCOPES: Scopes = Scopes::new();

impl Session {
    /// One that has written nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether nothing was written in it.
    pub fn is_empty(&self) -> bool {
        self.micros() == 0
    }

    /// Runs a future whose writes are the session's, and whose readers see them.
    pub async fn scope<F: Future>(&self, future: F) -> F::Output {
        let _scope = SCOPES.begin();
        let frame = Frame { session: self.clone(), around: FRAMES.try_with(Arc::clone).ok() };
        FRAMES.scope(Arc::new(frame), Box::pin(future)).await
    }

    fn micros(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// What a reader must have heard of: `None` outside of all sessions, and where nothing was written.
#[inline]
pub(crate) fn floor() -> Option<Duration> {
    if SCOPES.are_none() { None } else { floor_of_task() }
}

#[cold]
fn floor_of_task() -> Option<Duration> {
    let frames = FRAMES.try_with(Arc::clone).ok();
    let latest = around(frames.as_deref()).map(Session::micros).max().filter(|micros| *micros > 0);
    latest.map(Duration::from_micros)
}

/// Something was changed on behalf of this task.
pub(crate) fn raise(told: Told) {
    let _ = FRAMES.try_with(|frame| {
        let micros = u64::try_from(told.0.as_micros()).unwrap_or(u64::MAX);
        around(Some(frame)).for_each(|session| {
            session.0.fetch_max(micros, Ordering::AcqRel);
        });
    });
}

/// The same work as part of the sessions of the task that asks, wherever it runs.
pub(crate) fn along<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let frame = FRAMES.try_with(Arc::clone).ok();
    async move {
        match frame {
            None => work.await,
            Some(frame) => FRAMES.scope(frame, work).await,
        }
    }
}

fn around(frame: Option<&Frame>) -> impl Iterator<Item = &Session> {
    std::iter::successors(frame, |frame| frame.around.as_deref()).map(|frame| &frame.session)
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Session").field(&self.to_string()).finish()
    }
}

/// Notices a text that was cut or mistyped.
fn check(micros: u64) -> u16 {
    (crc32fast::hash(&micros.to_be_bytes()) & 0xffff) as u16
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.micros();
        write!(f, "{micros:x}-{:04x}", check(micros))
    }
}

impl FromStr for Session {
    type Err = SessionError;

    fn from_str(text: &str) -> Result<Self, SessionError> {
        let digits = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let (time, sum) = text.split_once('-').ok_or(SessionError(()))?;
        if !digits(time) || !digits(sum) || sum.len() != 4 {
            return Err(SessionError(()));
        }
        let micros = u64::from_str_radix(time, 16).map_err(|_| SessionError(()))?;
        if u16::from_str_radix(sum, 16) != Ok(check(micros)) {
            return Err(SessionError(()));
        }
        Ok(Self(Arc::new(AtomicU64::new(micros))))
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this text is no session")
    }
}

impl std::error::Error for SessionError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(micros: u64) -> Told {
        Told(Duration::from_micros(micros))
    }

    #[tokio::test]
    async fn writes_raise_every_session_around_them() {
        let (outer, inner) = (Session::new(), Session::new());
        outer
            .scope(async {
                raise(told(5));
                inner
                    .scope(async {
                        assert_eq!(floor(), Some(Duration::from_micros(5)));
                        raise(told(7));
                        raise(told(6));
                    })
                    .await;
                assert_eq!(floor(), Some(Duration::from_micros(7)));
            })
            .await;
        raise(told(9));
        assert_eq!((outer.micros(), inner.micros()), (7, 7));
        assert_eq!(floor(), None);
    }

    #[tokio::test]
    async fn work_taken_along_belongs_to_the_session() {
        let session = Session::new();
        let work = async { raise(told(5)) };
        session.scope(async { tokio::spawn(along(work)).await.unwrap() }).await;
        assert_eq!(session.micros(), 5);
    }

    #[test]
    fn sessions_come_back_from_their_text() {
        for micros in [0, 1, 1_774_000_000_000_000, u64::MAX] {
            let session = Session(Arc::new(AtomicU64::new(micros)));
            let text = session.to_string();
            assert!(text.len() <= 21, "{text}");
            assert_eq!(text.parse::<Session>().unwrap().micros(), micros);
        }
        assert!(Session::new().to_string().parse::<Session>().unwrap().is_empty());
    }

    #[test]
    fn other_texts_are_no_sessions() {
        let good = Session(Arc::new(AtomicU64::new(1_774_000_000_000_000))).to_string();
        let cut = &good[1..];
        for text in ["", "-", "0", "0-0", "zz-0000", "+1-0000", "1-0000", cut, &format!("{good}0"), "é-0000"]
        {
            assert_eq!(text.parse::<Session>().unwrap_err(), SessionError(()), "{text}");
        }
    }
}
