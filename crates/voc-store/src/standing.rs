use jiff::Timestamp;

use crate::ContentHash;

/// How a version of a record stands to what the store has under its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The store has no such record.
    New,
    /// It would replace the stored version.
    Changed,
    /// The store has it as it is.
    Unchanged,
    /// The store has a newer version.
    Stale,
}

/// One version of a record, as far as ordering versions needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version<'a> {
    /// Microseconds since 1970, see [`version_stamp`].
    pub(crate) updated_at: Option<i64>,
    pub(crate) content: ContentHash,
    pub(crate) model: &'a str,
    pub(crate) taxonomy: &'a str,
}

/// The stamp that orders versions, in microseconds: versions less than that apart count as
/// equal, and the one read later wins.
pub(crate) fn version_stamp(updated_at: Option<Timestamp>) -> Option<i64> {
    updated_at.map(Timestamp::as_microsecond)
}

/// Where `next` stands to `stored`. The same content is unchanged, unless another model or
/// taxonomy annotated it; an older stamp is stale; else, with a newer, equal or missing
/// stamp, what is read later wins.
pub(crate) fn standing(stored: Option<Version<'_>>, next: Version<'_>) -> Standing {
    let Some(stored) = stored else {
        return Standing::New;
    };
    if stored.content == next.content {
        let same_annotator = stored.model == next.model && stored.taxonomy == next.taxonomy;
        return if same_annotator {
            Standing::Unchanged
        } else {
            Standing::Changed
        };
    }
    match (stored.updated_at, next.updated_at) {
        (Some(stored), Some(next)) if next < stored => Standing::Stale,
        _ => Standing::Changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(updated_at: Option<i64>, content: u8, model: &str) -> Version<'_> {
        Version {
            updated_at,
            content: ContentHash::from_bytes([content; 32]),
            model,
            taxonomy: "t",
        }
    }

    #[track_caller]
    fn check(stored: (Option<i64>, u8, &str), next: (Option<i64>, u8, &str), expect: Standing) {
        let stored = version(stored.0, stored.1, stored.2);
        assert_eq!(
            standing(Some(stored), version(next.0, next.1, next.2)),
            expect
        );
    }

    #[test]
    fn versions_order_by_their_stamp_and_then_by_reading() {
        use Standing::{Changed, New, Stale, Unchanged};
        assert_eq!(standing(None, version(None, 1, "m")), New);
        check((Some(5), 1, "m"), (Some(6), 2, "m"), Changed);
        check((Some(5), 1, "m"), (Some(5), 2, "m"), Changed);
        check((Some(5), 1, "m"), (Some(4), 2, "m"), Stale);
        check((Some(5), 1, "m"), (None, 2, "m"), Changed);
        check((None, 1, "m"), (Some(4), 2, "m"), Changed);
        check((None, 1, "m"), (None, 2, "m"), Changed);
        check((Some(5), 1, "m"), (Some(5), 1, "m"), Unchanged);
    }

    #[test]
    fn another_model_or_taxonomy_annotates_the_same_content_anew() {
        check((Some(5), 1, "m"), (Some(5), 1, "n"), Standing::Changed);
        let stored = version(None, 1, "m");
        let next = Version {
            taxonomy: "u",
            ..stored
        };
        assert_eq!(standing(Some(stored), next), Standing::Changed);
    }
}
