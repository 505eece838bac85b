use serde::Deserialize;
use voc_core::Language;

/// What a company may choose about the handling of its texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextOptions {
    /// Replace order and customer references too. They are always found and reported.
    pub hide_order_ids: bool,
    /// The languages to tell apart; empty means all on offer.
    pub languages: Vec<Language>,
    /// The company's own social handles, with or without `@`: they are not personal data.
    pub own_handles: Vec<String>,
}
