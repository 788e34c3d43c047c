//! A keyed hash with a proof instead of a cipher: linear over the field of 2^127 - 1.
//!
//! Two different sequences of words collide with a probability of at most 2^-127 over the choice of the secret (Carter and
//! Wegman 1979; Lemire and Kaser 2014), whoever chose them.

/// The secret: a multiplier of 127 bits for each place.
pub(crate) struct Secret([(u64, u64); 20]);

impl Secret {
    pub(crate) fn random() -> Self {
        let mut random = fastrand::Rng::with_seed(5);
        Self([(); 20].map(|()| (random.u64(..), random.u64(..) >> 1)))
    }

    #[inline]
    pub(crate) fn hash(&self, words: &[u64]) -> u128 {
        let (mut low, mut middle, mut high) = (0_u128, 0_u128, 0_u128);
        for (&word, &(k0, k1)) in words.iter().zip(&self.0) {
            let (p0, p1) = (u128::from(word) * u128::from(k0), u128::from(word) * u128::from(k1));
            low += u128::from(p0 as u64);
            middle += (p0 >> 64) + u128::from(p1 as u64);
            high += p1 >> 64;
        }
        // low + middle * 2^64 + high * 2^128, where 2^127 is 1.
        middle += low >> 64;
        high += middle >> 64;
        let rest = (u128::from(middle as u64) << 64) | u128::from(low as u64);
        let folded = (rest & MODULUS) + (rest >> 127) + (high << 1);
        let folded = (folded & MODULUS) + (folded >> 127);
        if folded == MODULUS { 0 } else { folded }
    }
}

const MODULUS: u128 = (1 << 127) - 1;

/// The words of a text, its length first.
#[inline]
pub(crate) fn words(bytes: &[u8], into: &mut [u64; 20]) -> usize {
    into[0] = bytes.len() as u64;
    let (whole, rest) = bytes.as_chunks::<8>();
    let mut count = 1;
    for chunk in whole {
        into[count] = u64::from_le_bytes(*chunk);
        count += 1;
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        into[count] = u64::from_le_bytes(last);
        count += 1;
    }
    count
}
