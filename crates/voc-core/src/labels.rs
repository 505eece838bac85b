//! The closed label sets. Their ids appear in files, exports and search filters: renaming
//! one is a migration.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::CoreError;

macro_rules! label_set {
    ($(#[$doc:meta])* $name:ident, $what:literal, { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every member, in canonical order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable id.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = CoreError;
            fn from_str(text: &str) -> Result<Self, CoreError> {
                Self::ALL.iter().copied().find(|label| label.as_str() == text).ok_or_else(|| {
                    CoreError::UnknownLabel {
                        what: $what,
                        value: text.to_owned(),
                        expected: Self::ALL.iter().map(|l| l.as_str()).collect::<Vec<_>>().join(", "),
                    }
                })
            }
        }
    };
}

label_set!(
    /// Where a record was written.
    Channel, "channel", {
        /// A help-desk ticket.
        Ticket = "ticket",
        /// A live chat or messenger thread.
        Chat = "chat",
        /// An e-mail.
        Email = "email",
        /// A post or comment on a social network.
        Social = "social",
        /// A public review.
        Review = "review",
        /// A survey answer.
        Survey = "survey",
        /// A note by sales staff.
        SalesNote = "sales_note",
        /// Text written by the company itself.
        Agent = "agent",
        /// Anything else.
        Other = "other",
    }
);

label_set!(
    /// What the customer is doing; a record may carry several kinds, or none.
    Kind, "kind", {
        /// An expectation was breached.
        Complaint = "complaint",
        /// Asks for information, help or a status.
        Question = "question",
        /// Something went well.
        Praise = "praise",
        /// Asks for a change, a feature, a product.
        Wish = "wish",
        /// Leaves, cancels, switches, or threatens to.
        Churn = "churn",
    }
);

label_set!(
    /// The feeling of a whole record.
    Sentiment, "sentiment", {
        /// Negative only.
        Negative = "negative",
        /// No signal.
        Neutral = "neutral",
        /// Positive only.
        Positive = "positive",
        /// Both signs are clearly present.
        Mixed = "mixed",
    }
);

label_set!(
    /// The feeling of one mention.
    Polarity, "polarity", {
        /// Negative.
        Negative = "negative",
        /// No signal.
        Neutral = "neutral",
        /// Positive.
        Positive = "positive",
    }
);

label_set!(
    /// Where in the customer journey the experience happened.
    Touchpoint, "touchpoint", {
        /// Adverts, social posts, reviews read.
        Awareness = "awareness",
        /// Browsing, comparing, product information.
        Consideration = "consideration",
        /// Cart, checkout, payment.
        Purchase = "purchase",
        /// Delivery.
        Delivery = "delivery",
        /// Product or service in use, account, app.
        Use = "use",
        /// Contact with service, returns, refunds.
        Support = "support",
        /// Renewal, programmes, recommendation, leaving.
        Loyalty = "loyalty",
    }
);

label_set!(
    /// A type of personal data.
    PiiType, "personal data type", {
        /// A name that points to a real individual.
        Person = "PERSON",
        /// An e-mail address.
        Email = "EMAIL",
        /// A telephone number.
        Phone = "PHONE",
        /// A postal address.
        Address = "ADDRESS",
        /// An international bank account number.
        Iban = "IBAN",
        /// A payment card number.
        Card = "CARD",
        /// A national identity number.
        NationalId = "NATIONAL_ID",
        /// An IP address.
        Ip = "IP",
        /// A link that carries a secret.
        UrlToken = "URL_TOKEN",
        /// The social handle of a private person.
        Username = "USERNAME",
        /// A date of birth.
        DateOfBirth = "DATE_OF_BIRTH",
        /// A vehicle registration plate.
        Plate = "PLATE",
        /// A customer or transaction reference; kept by default.
        OrderId = "ORDER_ID",
    }
);

impl Sentiment {
    /// The feeling of this and one more mention: opposite signs are mixed, neutral yields.
    #[must_use]
    pub fn joined_with(self, next: Polarity) -> Self {
        match (self, Self::from(next)) {
            (a, b) if a == b => a,
            (Self::Neutral, other) | (other, Self::Neutral) => other,
            _ => Self::Mixed,
        }
    }
}

impl From<Polarity> for Sentiment {
    fn from(polarity: Polarity) -> Self {
        match polarity {
            Polarity::Negative => Self::Negative,
            Polarity::Neutral => Self::Neutral,
            Polarity::Positive => Self::Positive,
        }
    }
}

/// How soon someone must react: 0 none, 1 normal, 2 high, 3 critical.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u8", into = "u8")]
pub struct Urgency(u8);

impl Urgency {
    /// Every level, lowest first.
    pub const ALL: &'static [Self] = &[Self(0), Self(1), Self(2), Self(3)];

    /// The level, 0 to 3.
    pub const fn level(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Urgency {
    type Error = CoreError;
    fn try_from(level: u8) -> Result<Self, CoreError> {
        Self::ALL
            .get(usize::from(level))
            .copied()
            .ok_or_else(|| CoreError::UnknownLabel {
                what: "urgency",
                value: level.to_string(),
                expected: "0, 1, 2, 3".to_owned(),
            })
    }
}

impl From<Urgency> for u8 {
    fn from(urgency: Urgency) -> Self {
        urgency.0
    }
}
