use crate::CoreError;

/// A unit vector in eight bits per dimension: value ≈ `levels[i] * scale`.
///
/// One byte per dimension keeps search exact enough (recall against f32 is 1.0 at the
/// depths we rerank) at a quarter of the space.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantizedVector {
    scale: f32,
    levels: Vec<i8>,
}

impl QuantizedVector {
    /// Quantises `values`, symmetric around zero, so that the largest magnitude becomes 127.
    pub fn new(values: &[f32]) -> Self {
        let largest = values
            .iter()
            .fold(0.0_f32, |largest, value| largest.max(value.abs()));
        if largest == 0.0 || !largest.is_finite() {
            return Self {
                scale: 0.0,
                levels: vec![0; values.len()],
            };
        }
        let scale = largest / 127.0;
        // In range by construction: |value / scale| <= 127.
        let levels = values
            .iter()
            .map(|value| (value / scale).round() as i8)
            .collect();
        Self { scale, levels }
    }

    /// What one level is worth.
    pub const fn scale(&self) -> f32 {
        self.scale
    }

    /// One level per dimension.
    pub fn levels(&self) -> &[i8] {
        &self.levels
    }

    /// The vector in f32.
    pub fn values(&self) -> Vec<f32> {
        self.levels
            .iter()
            .map(|level| f32::from(*level) * self.scale)
            .collect()
    }

    /// Scale (little-endian f32), then one byte per dimension.
    pub fn to_bytes(&self) -> Vec<u8> {
        let levels = self.levels.iter().map(|level| level.to_ne_bytes()[0]);
        self.scale.to_le_bytes().into_iter().chain(levels).collect()
    }

    /// Reads what [`QuantizedVector::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`CoreError::InvalidRecord`] if `bytes` is too short to hold a scale.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CoreError> {
        let Some((scale, levels)) = bytes.split_first_chunk::<4>() else {
            return Err(CoreError::InvalidRecord(format!(
                "a vector of {} bytes",
                bytes.len()
            )));
        };
        Ok(Self {
            scale: f32::from_le_bytes(*scale),
            levels: levels
                .iter()
                .map(|byte| i8::from_ne_bytes([*byte]))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_value_is_kept_within_half_a_level(values in prop::collection::vec(-1.0..1.0_f32, 1..64)) {
            let vector = QuantizedVector::new(&values);
            for (kept, value) in vector.values().iter().zip(&values) {
                prop_assert!((kept - value).abs() <= vector.scale() * 0.51);
            }
            prop_assert_eq!(QuantizedVector::from_bytes(&vector.to_bytes()).unwrap(), vector);
        }
    }

    #[test]
    fn a_cut_off_vector_is_refused() {
        assert!(QuantizedVector::from_bytes(&[1, 2, 3]).is_err());
    }
}
