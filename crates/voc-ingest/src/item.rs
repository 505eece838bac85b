//! What reading yields, and the one place where it is handed over.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::rc::Rc;

use serde_json::{Map, Value};
use voc_core::Record;

use crate::decode::UNDECODABLE;
use crate::mapping::Mapping;

/// How much of a rejected item is kept, in bytes.
const RAW_LIMIT: usize = 64 * 1024;

/// One item of a file: a line, a row or an element, good or bad.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Index of the item in the file, from 0; bad items count too.
    pub number: u64,
    /// The place as a person would look for it: `line 12`, `row 7` (the header is row 1),
    /// `tickets[3]`.
    pub position: String,
    /// Bytes of the file taken so far, read-ahead included: a measure of progress.
    pub bytes_read: u64,
    /// The record, or why there is none.
    pub outcome: Result<Record, Rejection>,
}

/// Why an item did not become a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Which field and why. It never repeats what the record says.
    pub reason: String,
    /// The item as read, in UTF-8, cut off after 64 KiB. Bytes that could not be decoded
    /// are U+FFFD.
    pub raw: Vec<u8>,
}

/// Receives items; breaks to stop the reading.
pub(crate) type Sink<'a> = dyn FnMut(Item) -> ControlFlow<()> + 'a;

/// Counts items, passes over the first ones, maps the others and hands them over.
pub(crate) struct Emitter<'a> {
    mapping: &'a Mapping,
    bytes_read: Rc<Cell<u64>>,
    next: u64,
    skip: u64,
    sink: &'a mut Sink<'a>,
}

impl<'a> Emitter<'a> {
    pub(crate) fn new(
        mapping: &'a Mapping,
        bytes_read: Rc<Cell<u64>>,
        skip: u64,
        sink: &'a mut Sink<'a>,
    ) -> Self {
        Self {
            mapping,
            bytes_read,
            next: 0,
            skip,
            sink,
        }
    }

    /// The field map in use.
    pub(crate) fn mapping(&self) -> &'a Mapping {
        self.mapping
    }

    /// Number of the item that comes next.
    pub(crate) fn next_number(&self) -> u64 {
        self.next
    }

    /// Whether the next item is passed over, so that it need not be looked into.
    pub(crate) fn skips_next(&self) -> bool {
        self.next < self.skip
    }

    /// Counts an item without looking into it.
    pub(crate) fn pass(&mut self) {
        self.next += 1;
    }

    /// Hands over the record that `parse` finds in `raw`.
    pub(crate) fn item(
        &mut self,
        position: String,
        raw: &[u8],
        parse: impl FnOnce(&str) -> Result<Map<String, Value>, String>,
    ) -> ControlFlow<()> {
        let outcome = decoded(raw)
            .and_then(parse)
            .and_then(|row| self.mapping.record(row));
        match outcome {
            Ok(record) => self.emit(position, Ok(record)),
            Err(reason) => self.reject(position, reason, raw),
        }
    }

    /// Hands over a rejection.
    pub(crate) fn reject(
        &mut self,
        position: String,
        reason: String,
        raw: &[u8],
    ) -> ControlFlow<()> {
        let kept = &raw[..raw.len().min(RAW_LIMIT)];
        let text = String::from_utf8_lossy(kept).replace(UNDECODABLE, "\u{FFFD}");
        self.emit(
            position,
            Err(Rejection {
                reason,
                raw: text.into_bytes(),
            }),
        )
    }

    fn emit(&mut self, position: String, outcome: Result<Record, Rejection>) -> ControlFlow<()> {
        let number = self.next;
        self.next += 1;
        if number < self.skip {
            return ControlFlow::Continue(());
        }
        (self.sink)(Item {
            number,
            position,
            bytes_read: self.bytes_read.get(),
            outcome,
        })
    }
}

fn decoded(raw: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(raw)
        .ok()
        .filter(|text| !text.contains(UNDECODABLE))
        .ok_or_else(|| {
            "broken encoding: holds bytes that are not text in the encoding of the file".to_owned()
        })
}

/// Reads one JSON object. The reason says what breaks it, never what it holds; without the
/// column, so that equal reasons can be counted.
pub(crate) fn object(text: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("not a JSON object".to_owned()),
        Err(error) => {
            let text = error.to_string();
            let reason = text
                .split_once(" at line ")
                .map_or(text.as_str(), |(reason, _)| reason);
            Err(format!("not valid JSON: {reason}"))
        }
    }
}

/// The reason for an item longer than `limit` bytes.
pub(crate) fn over_limit(limit: usize) -> String {
    format!("over the size limit of {limit} bytes (`max_record_bytes`)")
}
