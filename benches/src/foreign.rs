//! How busy the machine was with other programs meanwhile.

use std::fs;

/// The kernel tells processor time in hundredths of a second, whatever it counts in itself.
const TICKS: f64 = 100.0;

/// The processor time of all processes that this one started and waited for, in seconds; not a number where the system doesn't tell.
pub fn children_time() -> f64 {
    #[allow(clippy::cast_precision_loss)]
    own_ticks().map_or(f64::NAN, |[_, _, user, system]| (user + system) as f64 / TICKS)
}

/// Watches the processors from its making on.
#[derive(Debug)]
pub struct Foreign {
    begun: Option<Ticks>,
}

#[derive(Clone, Copy, Debug)]
struct Ticks {
    all: u64,
    idle: u64,
    own: u64,
}

impl Default for Foreign {
    fn default() -> Self {
        Self { begun: Ticks::now() }
    }
}

impl Foreign {
    /// The share of all processor time that went to other processes than this one and those it waited for since then, in percent; not a number where the
    /// system doesn't tell.
    pub fn percent(&self) -> f64 {
        let (Some(begun), Some(now)) = (self.begun, Ticks::now()) else {
            return f64::NAN;
        };
        let all = now.all - begun.all;
        let busy = all.saturating_sub(now.idle - begun.idle).saturating_sub(now.own - begun.own);
        #[allow(clippy::cast_precision_loss)]
        let percent = 100.0 * busy as f64 / all.max(1) as f64;
        percent
    }
}

impl Ticks {
    fn now() -> Option<Self> {
        let whole = fs::read_to_string("/proc/stat").ok()?;
        let fields: Vec<u64> = whole
            .lines()
            .next()?
            .split_whitespace()
            .skip(1)
            .take(8)
            .filter_map(|field| field.parse().ok())
            .collect();
        Some(Self {
            all: fields.iter().sum(),
            idle: fields.get(3)? + fields.get(4)?,
            own: own_ticks()?.iter().sum(),
        })
    }
}

/// What this process has used, then what those have that it waited for: of each the user's part, then the system's.
fn own_ticks() -> Option<[u64; 4]> {
    let own = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may contain blanks.
    let mut fields =
        own.rsplit_once(')')?.1.split_whitespace().skip(11).map_while(|field| field.parse().ok());
    Some([fields.next()?, fields.next()?, fields.next()?, fields.next()?])
}
