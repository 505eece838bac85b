//! Rows of a delimited table, one at a time and within a size.
//!
//! `csv-core` does the parsing. Around it stands what a `csv::Reader` does not offer: a
//! bound on the size of a row, and a restart at the next line when a quote that was never
//! closed would swallow the rest of the file.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// One row.
pub(crate) enum Row<'a> {
    /// A whole row.
    Fields(Fields<'a>),
    /// A line that opens a quote and does not close it within the size limit or the file.
    /// Reading goes on with the line after it.
    OpenQuote(&'a [u8]),
    /// The beginning of a line over the size limit.
    TooLong(&'a [u8]),
}

/// The fields of a row.
pub(crate) struct Fields<'a> {
    /// The row as written, line end included.
    pub(crate) raw: &'a [u8],
    text: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Fields<'a> {
    /// Number of fields.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The fields in order. Text that is not UTF-8 is replaced: `raw` tells whether any is.
    pub(crate) fn iter(&self) -> impl Iterator<Item = std::borrow::Cow<'a, str>> {
        let (text, ends) = (self.text, self.ends);
        let starts = [0].into_iter().chain(ends.iter().copied());
        starts
            .zip(ends)
            .map(move |(start, end)| String::from_utf8_lossy(&text[start..*end]))
    }
}

/// Reads rows from UTF-8.
pub(crate) struct Rows<R> {
    input: R,
    parser: Reader,
    quote: Option<u8>,
    limit: usize,
    /// What was read: rows that are done with, from `start` the current row, from `next`
    /// read-ahead.
    read: Vec<u8>,
    start: usize,
    next: usize,
    ended: bool,
    text: Vec<u8>,
    ends: Vec<usize>,
}

enum Parsed {
    Row {
        length: usize,
        text: usize,
        fields: usize,
    },
    Overrun,
    End,
}

impl<R: BufRead> Rows<R> {
    pub(crate) fn new(input: R, delimiter: u8, quote: Option<u8>, limit: usize) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(delimiter).quoting(quote.is_some());
        if let Some(quote) = quote {
            builder.quote(quote);
        }
        Self {
            input,
            parser: builder.build(),
            quote,
            limit,
            read: Vec::new(),
            start: 0,
            next: 0,
            ended: false,
            text: vec![0; 1024],
            ends: vec![0; 32],
        }
    }

    /// The next row; `None` at the end. Blank lines are passed over.
    pub(crate) fn next_row(&mut self) -> io::Result<Option<Row<'_>>> {
        self.forget_past_rows();
        match self.parse()? {
            Parsed::End => Ok(None),
            Parsed::Row { length, .. } if self.swallowed_the_rest(length) => {
                Ok(Some(self.give_up_line()))
            }
            Parsed::Row {
                length,
                text,
                fields,
            } => {
                self.next = self.start + length;
                Ok(Some(Row::Fields(Fields {
                    raw: &self.read[self.start..self.next],
                    text: &self.text[..text],
                    ends: &self.ends[..fields],
                })))
            }
            Parsed::Overrun if self.line_end().is_some() => Ok(Some(self.give_up_line())),
            Parsed::Overrun => self.pass_long_line().map(Some),
        }
    }

    /// Moves what is left to the front once that is the smaller half.
    fn forget_past_rows(&mut self) {
        self.start = self.next;
        if self.start >= self.read.len() / 2 {
            self.read.drain(..self.start);
            (self.start, self.next) = (0, 0);
        }
    }

    fn parse(&mut self) -> io::Result<Parsed> {
        let (mut length, mut text, mut fields) = (0, 0, 0);
        loop {
            if self.start + length == self.read.len() {
                if length > self.limit {
                    return Ok(Parsed::Overrun);
                }
                self.read_more()?;
            }
            let (result, taken, written, ended) = self.parser.read_record(
                &self.read[self.start + length..],
                &mut self.text[text..],
                &mut self.ends[fields..],
            );
            length += taken;
            text += written;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record if length > self.limit => return Ok(Parsed::Overrun),
                ReadRecordResult::Record => {
                    return Ok(Parsed::Row {
                        length,
                        text,
                        fields,
                    });
                }
                ReadRecordResult::End => return Ok(Parsed::End),
            }
        }
    }

    fn read_more(&mut self) -> io::Result<()> {
        let buffer = self.input.fill_buf()?;
        let count = buffer.len();
        self.read.extend_from_slice(buffer);
        self.input.consume(count);
        self.ended = count == 0;
        Ok(())
    }

    /// Whether the last row runs over several lines and holds an odd number of quotes: one
    /// was opened and never closed.
    fn swallowed_the_rest(&self, length: usize) -> bool {
        let ends_the_file = self.ended && self.start + length == self.read.len();
        let Some(quote) = self.quote.filter(|_| ends_the_file) else {
            return false;
        };
        let quotes = self.read[self.start..]
            .iter()
            .filter(|byte| **byte == quote)
            .count();
        quotes % 2 == 1 && self.line_end().is_some_and(|end| end < self.read.len())
    }

    /// Where the first line of the current row ends, past its line end. Line ends before
    /// the row belong to blank lines.
    fn line_end(&self) -> Option<usize> {
        let row = &self.read[self.start..];
        let blank = row
            .iter()
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let end = row[blank..].iter().position(|byte| *byte == b'\n')?;
        Some(self.start + blank + end + 1)
    }

    fn give_up_line(&mut self) -> Row<'_> {
        self.parser.reset();
        self.next = self.line_end().unwrap_or(self.read.len());
        Row::OpenQuote(&self.read[self.start..self.next])
    }

    fn pass_long_line(&mut self) -> io::Result<Row<'_>> {
        self.parser.reset();
        self.read.truncate(self.start + self.limit);
        self.next = self.read.len();
        crate::lines::next_line(&mut self.input, 0, &mut Vec::new())?;
        Ok(Row::TooLong(&self.read[self.start..]))
    }
}
