//! In which order contenders run.

/// One measurement.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The round it belongs to.
    pub round: usize,
    /// Whose figure it is.
    pub place: usize,
    /// Whether the base runs here, to be what the contender is divided by.
    pub base: bool,
}

/// Lets every contender run once a round, in another order each round, with the base right before it or, every second
/// round, right after it. Shows progress.
pub fn interleave(title: &str, contenders: usize, rounds: usize, mut run: impl FnMut(Turn)) {
    let mut order: Vec<usize> = (0..contenders).collect();
    let mut random = fastrand::Rng::with_seed(contenders as u64);
    for round in 0..rounds {
        eprint!("\r{title}: round {}/{rounds} ", round + 1);
        for &place in &order {
            for base in [round % 2 == 0, round % 2 == 1] {
                run(Turn { round, place, base });
            }
        }
        random.shuffle(&mut order);
    }
    eprintln!();
}
