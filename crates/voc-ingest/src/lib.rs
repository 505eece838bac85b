//! Sources to records: files and exports, as other systems write them, become canonical
//! [`voc_core::Record`]s by configuration alone.
//!
//! A [`SourceConfig`] is one `[[sources]]` table of `voc.toml`. [`SourceConfig::files`]
//! finds its files, [`SourceFile::read`] hands over one [`Item`] after another: a record,
//! or a [`Rejection`] that says which field is wrong. [`read_canonical`] reads lines that
//! are canonical already, from any reader.
//!
//! # Formats
//! JSON lines, one JSON document (the list of records at a dotted path), CSV and TSV, each
//! in any encoding of the WHATWG Encoding Standard: a byte order mark, the configuration,
//! or detection, in this order. UTF-16 without a byte order mark is recognised where much
//! of the text is ASCII. Compressed files are not read.
//!
//! # Field maps
//! ```toml
//! [[sources]]
//! id = "helpdesk"
//! path = "exports/*.json"
//! records = "tickets"
//! timezone = "Europe/Rome"
//! constants = { channel = "ticket" }
//!
//! [sources.fields]
//! id = "number"                                            # a column
//! author = "requester.name"                                # a path
//! title = { from = ["subject", "topic"] }                  # the first that is there
//! created_at = { from = "opened", format = "%d.%m.%Y %H:%M" }
//! customer.role = { from = "kind", map = { lead = "prospect" }, default = "customer" }
//! ticket.first_response_at = "comments[role=agent].at"     # the first that matches
//! ticket.resolved_at = "[status=solved].changed"           # on a condition
//! meta.shop = "branch"
//! messages = { from = "comments", each = { at = "at", text = "body", by = { from = "role", map = { end-user = "customer" }, default = "agent" } } }
//! ```
//! A rule is a column or path, or a table: `from` (one, or several of which the first
//! present counts, or all with `join`), `format` (strptime, one or several), `map` (value →
//! value; an empty one makes the field absent), `default` (where nothing is there, or `map`
//! does not know it), or `value` alone. Blank values are absent. Columns that no rule reads
//! go to `meta`, whole; of a column that a path reads into, the rest is left out. Without
//! `fields` the lines are canonical records, and a table may write `customer.id` in its
//! header.
//!
//! # Values
//! Times without a zone are of the source's `timezone`; a date alone is its noon, so that
//! reports in another zone keep the day. Times the clocks skip are taken an hour later,
//! repeated ones the first time. Without `format` the common forms are read: RFC 3339 and
//! 2822, 2026/08/27 05:05:45, 27.08.2026 05:05, 2026年8月27日, 20260827, and counts since
//! 1970 in seconds, milli- or microseconds. Which of 12/09/2026 is the month is configured,
//! never guessed. Times outside 1990 to 2099 are impossible. Messages of a mapped thread
//! are put in order of time; one without a time gets that of the record.
//!
//! # Bad input
//! A line, row or element that cannot be used is rejected and reading goes on; numbers
//! count it, so that a resume finds the same place. Only what has no records in it ends
//! with an [`IngestError`]: a header without the necessary columns, a JSON document whose
//! brackets do not match.
//!
//! **Architecture Invariant:** memory is bounded by `max_record_bytes` and fixed buffers
//! whatever the size of a file, line, row or element.
//!
//! **Architecture Invariant:** the same bytes and configuration give the same items under
//! the same numbers, and `read(n, …)` gives what `read(0, …)` gives after the first `n`.
//!
//! **Architecture Invariant:** reasons and errors name fields, columns and places. They
//! never repeat what a record says.
//!
//! **Architecture Invariant:** this crate is synchronous, reads no clock, and writes
//! nothing.

mod config;
mod decode;
mod detect;
mod document;
mod error;
mod field;
mod file;
mod item;
mod lines;
mod mapping;
mod path;
mod rows;
mod rule;
mod table;
mod time;

pub use config::{Format, SourceConfig};
pub use error::IngestError;
pub use file::{SourceFile, read_canonical};
pub use item::{Item, Rejection};

#[cfg(test)]
mod tests;
