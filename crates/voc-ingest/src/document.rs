//! One JSON document that holds the records in a list.
//!
//! The document is split into elements by its brackets and quotes alone, and only the
//! element at hand is held and parsed. A strict streaming parser would have to stop at the
//! first bad number or escape; so only that element is lost, and one over the size limit
//! is passed over without being held.

use std::io::{self, BufRead};
use std::ops::ControlFlow;

use crate::item::{Emitter, object, over_limit};

/// Brackets deeper than this are not a record.
const DEPTH: usize = 256;

/// Why a document cannot be read to its end.
pub(crate) enum DocumentError {
    Io(io::Error),
    Broken {
        line: u64,
        byte: u64,
        reason: &'static str,
    },
    NoRecords(String),
}

impl From<io::Error> for DocumentError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads the elements of the list at `records`; without a path those of the list that the
/// document is. An object in place of the list is one record.
pub(crate) fn read(
    input: impl BufRead,
    records: &[String],
    limit: usize,
    emitter: &mut Emitter<'_>,
) -> Result<(), DocumentError> {
    let name = records.join(".");
    let mut scanner = Scanner {
        input,
        line: 1,
        byte: 0,
    };
    for member in records {
        if !scanner.enter(member)? {
            return Err(DocumentError::NoRecords(format!(
                "there is nothing at `{name}`"
            )));
        }
    }
    match scanner.peek_token()? {
        Some(b'[') => elements(&mut scanner, &name, limit, emitter),
        Some(b'{') => {
            let position = if name.is_empty() {
                "document".to_owned()
            } else {
                name
            };
            element(&mut scanner, position, limit, emitter).map(|_| ())
        }
        _ => Err(DocumentError::NoRecords(
            "there is neither a list nor an object".to_owned(),
        )),
    }
}

fn elements<R: BufRead>(
    scanner: &mut Scanner<R>,
    name: &str,
    limit: usize,
    emitter: &mut Emitter<'_>,
) -> Result<(), DocumentError> {
    scanner.take()?;
    if scanner.peek_token()? == Some(b']') {
        return Ok(());
    }
    loop {
        let position = format!("{name}[{}]", emitter.next_number());
        let flow = element(scanner, position, limit, emitter)?;
        if flow == ControlFlow::Break(()) {
            return Ok(());
        }
        match scanner.peek_token()? {
            Some(b',') => scanner.take()?,
            Some(b']') => return Ok(()),
            Some(_) => return Err(scanner.broken("a comma or the end of the list is missing")),
            None => return Err(scanner.broken("the document ends within the list")),
        };
    }
}

/// One element. If it breaks the document, it is rejected first.
fn element<R: BufRead>(
    scanner: &mut Scanner<R>,
    position: String,
    limit: usize,
    emitter: &mut Emitter<'_>,
) -> Result<ControlFlow<()>, DocumentError> {
    let kept_bytes = if emitter.skips_next() { 0 } else { limit };
    let mut kept = Kept {
        bytes: Vec::new(),
        limit: kept_bytes,
        length: 0,
    };
    let scanned = scanner.peek_token().and_then(|_| scanner.value(&mut kept));
    if let Err(error) = scanned {
        if let DocumentError::Broken { reason, .. } = &error {
            // The error ends the reading whatever the sink answers.
            let _ = emitter.reject(position, format!("not valid JSON: {reason}"), &kept.bytes);
        }
        return Err(error);
    }
    if emitter.skips_next() {
        emitter.pass();
        return Ok(ControlFlow::Continue(()));
    }
    Ok(if kept.length > limit {
        emitter.reject(position, over_limit(limit), &kept.bytes)
    } else {
        emitter.item(position, &kept.bytes, object)
    })
}

/// The bytes of an element, up to a limit.
struct Kept {
    bytes: Vec<u8>,
    limit: usize,
    length: usize,
}

impl Kept {
    fn push(&mut self, byte: u8) {
        self.length += 1;
        if self.length <= self.limit {
            self.bytes.push(byte);
        }
    }
}

/// Walks over JSON text by its structure.
struct Scanner<R> {
    input: R,
    line: u64,
    byte: u64,
}

impl<R: BufRead> Scanner<R> {
    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.input.fill_buf()?.first().copied())
    }

    fn take(&mut self) -> io::Result<Option<u8>> {
        let byte = self.peek()?;
        if let Some(byte) = byte {
            self.input.consume(1);
            self.byte += 1;
            self.line += u64::from(byte == b'\n');
        }
        Ok(byte)
    }

    /// The next byte that is not blank, without taking it.
    fn peek_token(&mut self) -> Result<Option<u8>, DocumentError> {
        while self.peek()?.is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.take()?;
        }
        Ok(self.peek()?)
    }

    fn broken(&self, reason: &'static str) -> DocumentError {
        DocumentError::Broken {
            line: self.line,
            byte: self.byte,
            reason,
        }
    }

    /// Goes to the value of `member` of the object that comes next; `false` if there is no
    /// object or no such member.
    fn enter(&mut self, member: &str) -> Result<bool, DocumentError> {
        if self.peek_token()? != Some(b'{') {
            return Ok(false);
        }
        self.take()?;
        loop {
            match self.peek_token()? {
                Some(b'"') => {}
                Some(b'}') => return Ok(false),
                Some(_) => return Err(self.broken("the name of a member is missing")),
                None => return Err(self.broken("the document ends within an object")),
            }
            let mut name = Kept {
                bytes: Vec::new(),
                limit: 1024,
                length: 0,
            };
            self.string(&mut name)?;
            if self.peek_token()? != Some(b':') {
                return Err(self.broken("a colon is missing after the name of a member"));
            }
            self.take()?;
            self.peek_token()?;
            if serde_json::from_slice::<String>(&name.bytes).is_ok_and(|name| name == member) {
                return Ok(true);
            }
            self.value(&mut Kept {
                bytes: Vec::new(),
                limit: 0,
                length: 0,
            })?;
            if self.peek_token()? == Some(b',') {
                self.take()?;
            }
        }
    }

    /// Takes a whole value: text, brackets with what is in them, or a bare word.
    fn value(&mut self, kept: &mut Kept) -> Result<(), DocumentError> {
        match self.peek()? {
            Some(b'"') => self.string(kept),
            Some(b'{' | b'[') => self.nested(kept),
            Some(b',' | b':' | b'}' | b']') => Err(self.broken("a value is missing")),
            Some(_) => self.word(kept),
            None => Err(self.broken("the document ends where a value is expected")),
        }
    }

    fn string(&mut self, kept: &mut Kept) -> Result<(), DocumentError> {
        let mut closes = false;
        let mut escaped = true;
        while !closes {
            let Some(byte) = self.take()? else {
                return Err(self.broken("the document ends within a text"));
            };
            kept.push(byte);
            closes = byte == b'"' && !escaped;
            // The opening quote is taken for escaped: it does not close.
            escaped = byte == b'\\' && !escaped;
        }
        Ok(())
    }

    fn nested(&mut self, kept: &mut Kept) -> Result<(), DocumentError> {
        let mut closers = Vec::new();
        loop {
            match self.peek()? {
                None => return Err(self.broken("the document ends within an element")),
                Some(b'"') => {
                    self.string(kept)?;
                    continue;
                }
                Some(b'{') => closers.push(b'}'),
                Some(b'[') => closers.push(b']'),
                Some(byte @ (b'}' | b']')) if closers.pop() != Some(byte) => {
                    return Err(self.broken("a bracket is closed that was not opened"));
                }
                Some(_) => {}
            }
            if closers.len() > DEPTH {
                return Err(self.broken("brackets are nested more than 256 deep"));
            }
            self.take()?.into_iter().for_each(|byte| kept.push(byte));
            if closers.is_empty() {
                return Ok(());
            }
        }
    }

    fn word(&mut self, kept: &mut Kept) -> Result<(), DocumentError> {
        while let Some(byte) = self.peek()? {
            if byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}') {
                break;
            }
            kept.push(byte);
            self.take()?;
        }
        Ok(())
    }
}
