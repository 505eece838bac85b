use thiserror::Error;
use voc_core::Language;

/// Why a text pipeline cannot be built. Preparing a text never fails.
#[derive(Debug, Error)]
pub enum TextError {
    /// A configured language that the detector cannot tell.
    #[error("language `{language}` cannot be detected; offered are: {offered}")]
    LanguageNotOffered {
        /// The code as configured.
        language: Language,
        /// All codes on offer, joined by commas.
        offered: String,
    },
    /// A handle of the company that is empty or holds a space.
    #[error("own handle `{0}` is not a handle; write it as `@name` or `name`")]
    InvalidHandle(String),
    /// A pattern of this crate does not compile: a fault of the build, not of the input.
    #[error("a built-in pattern does not compile: {0}")]
    Pattern(#[from] regex::Error),
}
