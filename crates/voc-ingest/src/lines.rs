//! One JSON object a line.

use std::io::{self, BufRead};
use std::ops::ControlFlow;

use crate::item::{Emitter, object, over_limit};

/// Reads every line; blank ones are passed over. A line over `limit` bytes is rejected
/// and never held whole.
pub(crate) fn read(
    mut input: impl BufRead,
    limit: usize,
    emitter: &mut Emitter<'_>,
) -> io::Result<()> {
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let length = next_line(&mut input, limit, &mut line)?;
        if length == 0 {
            break;
        }
        if length <= limit && line.trim_ascii().is_empty() {
            continue;
        }
        if emitter.skips_next() {
            emitter.pass();
            continue;
        }
        let position = format!("line {number}");
        let flow = if length > limit {
            emitter.reject(position, over_limit(limit), &line)
        } else {
            emitter.item(position, &line, object)
        };
        if flow == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

/// Appends the next line to `line`, at most `limit` bytes of it, and returns its whole
/// length with the line end; 0 at the end of the input.
pub(crate) fn next_line(
    input: &mut impl BufRead,
    limit: usize,
    line: &mut Vec<u8>,
) -> io::Result<usize> {
    let mut length = 0;
    loop {
        let buffer = input.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let piece = &buffer[..end.map_or(buffer.len(), |end| end + 1)];
        let room = limit.saturating_sub(line.len());
        line.extend_from_slice(&piece[..piece.len().min(room)]);
        let taken = piece.len();
        length += taken;
        input.consume(taken);
        if end.is_some() || taken == 0 {
            return Ok(length);
        }
    }
}
