//! Which encoding a file is in, where nobody says.

use std::io::{self, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How much of a file is read at once, and how much that is not plain ASCII is looked at,
/// in bytes.
const SAMPLE: usize = 256 * 1024;

/// Tells the encoding: a byte order mark, else UTF-16 by its zero bytes, else UTF-8 where
/// most sequences are valid, else the guess of chardetng (Windows-1251, GBK, which
/// GB18030 contains, Latin-1 as Windows-1252, and others). Plain ASCII is UTF-8.
///
/// The look begins at the first byte that is not ASCII, however far into the file.
pub(crate) fn detect(mut input: impl Read) -> io::Result<&'static Encoding> {
    let mut sample = Vec::with_capacity(SAMPLE);
    let mut at_start = true;
    loop {
        sample.clear();
        let count = input
            .by_ref()
            .take(SAMPLE as u64)
            .read_to_end(&mut sample)?;
        if at_start && let Some(encoding) = unicode(&sample) {
            return Ok(encoding);
        }
        at_start = false;
        if let Some(first) = sample.iter().position(|byte| !byte.is_ascii()) {
            sample.drain(..first);
            input.take(first as u64).read_to_end(&mut sample)?;
            return Ok(eight_bit(&sample));
        }
        if count < SAMPLE {
            return Ok(UTF_8);
        }
    }
}

/// A byte order mark, or UTF-16 without one: of two bytes one is zero wherever the text is
/// ASCII, which the frame of a JSON document or table always is.
fn unicode(start: &[u8]) -> Option<&'static Encoding> {
    if let Some((encoding, _)) = Encoding::for_bom(start) {
        return Some(encoding);
    }
    let pairs = start.len().min(4096) / 2;
    let zeros = |offset: usize| {
        start
            .iter()
            .skip(offset)
            .step_by(2)
            .take(pairs)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    if odd * 8 > pairs && even * 8 < odd {
        return Some(UTF_16LE);
    }
    (even * 8 > pairs && odd * 8 < even).then_some(UTF_16BE)
}

/// UTF-8 stays UTF-8 when some of it is broken: the broken records are refused one by one
/// rather than all of them misread.
fn eight_bit(sample: &[u8]) -> &'static Encoding {
    let (mut valid, mut broken) = (0_usize, 0_usize);
    for chunk in sample.utf8_chunks() {
        valid += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    if valid > 2 * broken {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    detector.guess(None, Utf8Detection::Deny)
}
