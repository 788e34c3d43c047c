//! How rounds become one figure.

/// The figures of one contender, one a round, and those of the base beside it.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    own: Vec<f64>,
    base: Vec<f64>,
}

impl Samples {
    /// Adds a figure, of the base beside it or its own.
    pub fn push(&mut self, base: bool, figure: f64) {
        if base { self.base.push(figure) } else { self.own.push(figure) }
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        median(&self.own)
    }

    /// The smallest one.
    pub fn min(&self) -> f64 {
        quantile(&self.own, 0.0)
    }

    /// Nine in ten lie below it.
    pub fn p90(&self) -> f64 {
        quantile(&self.own, 0.9)
    }

    /// The median of the ratios to the base beside it.
    pub fn ratio(&self) -> f64 {
        let ratios: Vec<f64> = self.own.iter().zip(&self.base).map(|(own, base)| own / base).collect();
        median(&ratios)
    }
}

/// The middle one; not a number when there is none.
pub fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value below which this part of all lies; not a number when there is none.
pub fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let place = (part * last as f64).round() as usize;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}
