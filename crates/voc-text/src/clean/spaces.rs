//! Runs of white space: one space, or at most one empty line.

use super::Stage;
use crate::alignment::Rewrite;

/// Collapses every run of spaces and line ends, and drops the runs at both ends of the text.
/// Expects no other white space.
pub(super) fn collapse(text: &str) -> Stage {
    let mut rewrite = Rewrite::new(text);
    let is_space = |character: char| matches!(character, ' ' | '\n');
    let mut at = 0;
    while let Some(found) = text[at..].find(is_space) {
        let start = at + found;
        let end = text[start..]
            .find(|c| !is_space(c))
            .map_or(text.len(), |len| start + len);
        let run = &text[start..end];
        let by = match run.matches('\n').count() {
            _ if start == 0 || end == text.len() => "",
            0 => " ",
            1 => "\n",
            _ => "\n\n",
        };
        if run != by {
            rewrite.replace(start..end, by);
        }
        at = end;
    }
    rewrite.finish()
}
