//! Which keys are asked for, and in which order.

/// How often each key is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mix {
    /// All alike.
    Uniform,
    /// The n-th most popular one in proportion to `n^-exponent`.
    Zipf(f64),
}

impl Mix {
    /// `uniform`, `zipf(1.0)`.
    pub fn name(self) -> String {
        match self {
            Self::Uniform => "uniform".to_owned(),
            Self::Zipf(exponent) => format!("zipf({exponent:.1})"),
        }
    }

    /// `count` keys below `universe`, the same for the same seed.
    pub fn sequence(self, universe: u32, count: usize, seed: u64) -> Vec<u32> {
        let mut random = fastrand::Rng::with_seed(seed);
        match self {
            Self::Uniform => (0..count).map(|_| random.u32(..universe)).collect(),
            Self::Zipf(exponent) => {
                let zipf = Zipf::new(universe, exponent);
                (0..count).map(|_| zipf.draw(&mut random)).collect()
            }
        }
    }
}

/// A Zipf distribution whose popular keys lie anywhere.
#[derive(Debug)]
pub struct Zipf {
    cumulated: Vec<f64>,
    keys: Vec<u32>,
}

impl Zipf {
    /// Over the keys below `universe`. Which of them are popular is the same every time.
    pub fn new(universe: u32, exponent: f64) -> Self {
        let mut sum = 0.0;
        let cumulated = (1..=universe)
            .map(|rank| {
                sum += f64::from(rank).powf(-exponent);
                sum
            })
            .collect();
        let mut keys: Vec<u32> = (0..universe).collect();
        fastrand::Rng::with_seed(7).shuffle(&mut keys);
        Self { cumulated, keys }
    }

    /// One key.
    pub fn draw(&self, random: &mut fastrand::Rng) -> u32 {
        let all = self.cumulated.last().copied().unwrap_or_default();
        let at = random.f64() * all;
        let rank = self.cumulated.partition_point(|&sum| sum < at).min(self.keys.len() - 1);
        self.keys[rank]
    }
}
