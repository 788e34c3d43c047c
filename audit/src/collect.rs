//! How what the processes say reaches the checker, while they say it.

use crate::{
    admitted::Terms,
    checker::Checker,
    clock::now,
    event::{Event, What},
    merge::Merge,
    record::{LENGTH, decode},
    words::Nanos,
};
use std::{
    io::{BufReader, Read},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

/// The auditor's own process in the history.
pub(crate) const AUDITOR: u32 = 0;

/// What reaches the thread that checks.
enum Message {
    Open(u32, Nanos),
    Event(Event),
    Close(u32),
}

/// What is known while the run goes on.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) checked: AtomicU64,
    pub(crate) violations: AtomicU64,
}

/// The thread that checks, and the way to it.
#[derive(Debug)]
pub(crate) struct Collector {
    say: Say,
    checking: JoinHandle<(Checker, u64)>,
    progress: Arc<Progress>,
}

/// Says what the auditor itself does and sees.
#[derive(Clone, Debug)]
pub(crate) struct Say(Arc<Mutex<Sender<Message>>>);

impl Collector {
    pub(crate) fn start(terms: Terms) -> std::io::Result<Self> {
        let (sender, messages) = mpsc::channel();
        let progress = Arc::new(Progress::default());
        let checking = thread::Builder::new().name("checker".to_owned()).spawn({
            let progress = progress.clone();
            move || check(&messages, Checker::new(terms), &progress)
        })?;
        let say = Say(Arc::new(Mutex::new(sender)));
        say.send(Message::Open(AUDITOR, now()));
        Ok(Self { say, checking, progress })
    }

    pub(crate) fn say(&self) -> &Say {
        &self.say
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Waits until everything was checked; returns what was found, and how many events came out of order.
    pub(crate) fn finish(self) -> (Checker, u64) {
        self.say.send(Message::Close(AUDITOR));
        drop(self.say);
        self.checking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Say {
    /// Something happened now, in the auditor's own process.
    pub(crate) fn now(&self, what: What) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let event = Event { at: now(), process: AUDITOR, what };
        // The checker ends only after everybody has stopped talking.
        let _ = sender.send(Message::Event(event));
    }

    /// Listens to a process until its pipe ends, on a thread of its own.
    pub(crate) fn listen(&self, process: u32, pipe: impl Read + Send + 'static) -> std::io::Result<()> {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let _ = sender.send(Message::Open(process, now()));
        thread::Builder::new().name(format!("ear-{process}")).spawn(move || {
            let mut pipe = BufReader::new(pipe);
            let mut bytes = [0; LENGTH];
            while pipe.read_exact(&mut bytes).is_ok() {
                let Some(event) = decode(process, &bytes) else {
                    eprintln!("process {process} says what nobody understands; it is no longer listened to");
                    break;
                };
                let _ = sender.send(Message::Event(event));
            }
            let _ = sender.send(Message::Close(process));
        })?;
        Ok(())
    }

    fn send(&self, message: Message) {
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).send(message);
    }
}

fn check(messages: &Receiver<Message>, mut checker: Checker, progress: &Progress) -> (Checker, u64) {
    let mut merge = Merge::default();
    while let Ok(message) = messages.recv() {
        match message {
            Message::Open(process, at) => merge.open(process, at),
            Message::Event(event) => merge.push(event),
            Message::Close(process) => merge.close(process),
        }
        let mut moved = false;
        while let Some(event) = merge.next() {
            checker.take(&event);
            moved = true;
        }
        if moved {
            progress.checked.store(checker.tally().checked(), Ordering::Relaxed);
            progress.violations.store(checker.tally().violations(), Ordering::Relaxed);
        }
    }
    (checker, merge.late())
}
