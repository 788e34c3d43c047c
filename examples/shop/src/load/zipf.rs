//! Which thing is popular: the first much more than the second, the second more than the third.

use fastrand::Rng;

/// Draws 0 to `count - 1`, where the chance of number k is proportional to 1 / (k + 1)^exponent.
#[derive(Clone, Debug)]
pub(super) struct Zipf {
    /// The chance of each number or a smaller one.
    cumulative: Vec<f64>,
}

impl Zipf {
    pub(super) fn new(count: u32, exponent: f64) -> Self {
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = (1..=count)
            .map(|rank| {
                sum += f64::from(rank).powf(-exponent);
                sum
            })
            .collect();
        for chance in &mut cumulative {
            *chance /= sum;
        }
        Self { cumulative }
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> usize {
        let at = rng.f64();
        self.cumulative.partition_point(|&chance| chance <= at).min(self.cumulative.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_is_drawn_as_often_as_promised() {
        let zipf = Zipf::new(100, 1.0);
        let mut rng = Rng::with_seed(1);
        let mut drawn = [0; 100];
        for _ in 0..100_000 {
            drawn[zipf.draw(&mut rng)] += 1;
        }
        // The chance of the first of a hundred is 1 / H(100) = 0.193.
        assert!((18_500..20_100).contains(&drawn[0]), "{}", drawn[0]);
        assert!(drawn[0] > drawn[1] && drawn[1] > drawn[9] && drawn[9] > drawn[99] && drawn[99] > 0);
    }
}
