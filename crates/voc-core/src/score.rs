use serde::{Deserialize, Serialize};

use crate::CoreError;

/// Scores are kept to four decimals: more would only show the noise of a number type.
const DECIMALS: f32 = 10_000.0;

macro_rules! score {
    ($(#[$doc:meta])* $name:ident, $low:literal, $high:literal, $range:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[serde(try_from = "f32", into = "f32")]
        pub struct $name(f32);

        impl $name {
            /// Checks and wraps `value`, rounded to four decimals.
            ///
            /// # Errors
            /// [`CoreError::ScoreOutOfRange`] outside the range or for NaN.
            pub fn new(value: f32) -> Result<Self, CoreError> {
                if ($low..=$high).contains(&value) {
                    Ok(Self((value * DECIMALS).round() / DECIMALS))
                } else {
                    Err(CoreError::ScoreOutOfRange { value: value.to_string(), range: $range })
                }
            }

            /// The nearest value in range; NaN becomes zero.
            pub fn clamped(value: f32) -> Self {
                let value = if value.is_nan() { 0.0 } else { value.clamp($low, $high) };
                Self((value * DECIMALS).round() / DECIMALS)
            }

            /// The number.
            pub const fn get(self) -> f32 {
                self.0
            }
        }

        impl TryFrom<f32> for $name {
            type Error = CoreError;
            fn try_from(value: f32) -> Result<Self, CoreError> {
                Self::new(value)
            }
        }

        impl From<$name> for f32 {
            fn from(score: $name) -> f32 {
                score.0
            }
        }
    };
}

score!(
    /// How sure a head is, from 0 to 1.
    Probability, 0.0, 1.0, "0..=1"
);
impl Probability {
    /// What a person says.
    pub const CERTAIN: Self = Self(1.0);
}

score!(
    /// A feeling from -1 (negative) to 1 (positive).
    SignedScore, -1.0, 1.0, "-1..=1"
);
