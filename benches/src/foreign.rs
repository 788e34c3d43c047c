//! How busy the machine was with other programs meanwhile.

use std::fs;

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
    /// The share of all processor time that went to other processes since then, in percent; not a number where the
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
        let own = fs::read_to_string("/proc/self/stat").ok()?;
        // The name of the program, in parentheses, may contain blanks.
        let own: Vec<&str> = own.rsplit_once(')')?.1.split_whitespace().collect();
        let own = own.get(11)?.parse::<u64>().ok()? + own.get(12)?.parse::<u64>().ok()?;
        Some(Self { all: fields.iter().sum(), idle: fields.get(3)? + fields.get(4)?, own })
    }
}
