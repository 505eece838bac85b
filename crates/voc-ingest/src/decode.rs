//! Any encoding to UTF-8, as a stream.

use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

/// Stands where bytes could not be decoded. A noncharacter, so that it differs from a
/// U+FFFD that the source itself holds: text broken before it came to us is not refused.
pub(crate) const UNDECODABLE: char = '\u{FFFF}';

/// Size of each of the two buffers, in bytes.
const BUFFER: usize = 64 * 1024;

/// A reader that yields UTF-8; a byte order mark is dropped, and overrides the encoding.
pub(crate) struct Decoded<R> {
    input: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    bytes_at: usize,
    bytes_end: usize,
    text: Vec<u8>,
    text_at: usize,
    text_end: usize,
    exhausted: bool,
    finished: bool,
}

impl<R: Read> Decoded<R> {
    pub(crate) fn new(input: R, encoding: &'static Encoding) -> Self {
        Self {
            input,
            decoder: encoding.new_decoder(),
            bytes: vec![0; BUFFER],
            bytes_at: 0,
            bytes_end: 0,
            text: vec![0; BUFFER],
            text_at: 0,
            text_end: 0,
            exhausted: false,
            finished: false,
        }
    }

    /// One read of the input: a slow pipe is passed on as it comes.
    fn refill_bytes(&mut self) -> io::Result<()> {
        self.bytes_at = 0;
        self.bytes_end = loop {
            match self.input.read(&mut self.bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.exhausted = self.bytes_end == 0;
        Ok(())
    }

    /// Decodes until some text is there or the input has ended.
    fn refill_text(&mut self) -> io::Result<()> {
        (self.text_at, self.text_end) = (0, 0);
        while self.text_end == 0 && !self.finished {
            if self.bytes_at == self.bytes_end && !self.exhausted {
                self.refill_bytes()?;
            }
            self.decode_some();
        }
        Ok(())
    }

    fn decode_some(&mut self) {
        let room = self.text.len() - UNDECODABLE.len_utf8();
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.bytes[self.bytes_at..self.bytes_end],
            &mut self.text[self.text_end..room],
            self.exhausted,
        );
        self.bytes_at += read;
        self.text_end += written;
        match result {
            DecoderResult::InputEmpty => self.finished = self.exhausted,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                let mark = &mut self.text[self.text_end..];
                self.text_end += UNDECODABLE.encode_utf8(mark).len();
            }
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.text_at == self.text_end {
            self.refill_text()?;
        }
        Ok(&self.text[self.text_at..self.text_end])
    }

    fn consume(&mut self, amount: usize) {
        self.text_at += amount;
    }
}
