//! In which order contenders run.

/// Calls `run` with the place of each contender once a round, in another order each round, and shows progress.
pub fn interleave(title: &str, contenders: usize, rounds: usize, mut run: impl FnMut(usize, usize)) {
    let mut order: Vec<usize> = (0..contenders).collect();
    let mut random = fastrand::Rng::with_seed(contenders as u64);
    for round in 0..rounds {
        eprint!("\r{title}: round {}/{rounds} ", round + 1);
        for &place in &order {
            run(round, place);
        }
        random.shuffle(&mut order);
    }
    eprintln!();
}
