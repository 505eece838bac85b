use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::CoreError;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks and wraps `value`; surrounding blanks are dropped.
            ///
            /// # Errors
            /// [`CoreError::InvalidId`] if nothing is left or a control character occurs.
            pub fn new(value: &str) -> Result<Self, CoreError> {
                let trimmed = value.trim();
                if trimmed.is_empty() || trimmed.chars().any(char::is_control) {
                    return Err(CoreError::InvalidId { what: $what, value: value.to_owned() });
                }
                Ok(Self(trimmed.into()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = CoreError;
            fn try_from(value: String) -> Result<Self, CoreError> {
                Self::new(&value)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }
    };
}

text_id!(
    /// The immutable id of a source, as named in `voc.toml`.
    SourceId,
    "source id"
);
text_id!(
    /// The id of a record within its source.
    RecordId,
    "record id"
);
text_id!(
    /// The stable id of a theme, such as `delivery.damage`.
    ThemeId,
    "theme id"
);
text_id!(
    /// A keyed hash (HMAC-SHA-256, hex) that stands for a customer or author. The name
    /// or id it was made from is not stored anywhere.
    Pseudonym,
    "pseudonym"
);

text_id!(
    /// The short name of an employee who looks at labels, as they write it themselves.
    Reviewer,
    "name of who labels"
);

/// What identifies a record in a store: its source and its id there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey {
    /// The source.
    pub source: SourceId,
    /// The id within the source.
    pub id: RecordId,
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.source, self.id)
    }
}
