//! Full-width digits and letters (`１３８`), as East Asian keyboards write them.

use crate::alignment::{Layer, Rewrite};

/// The offset between a full-width character and its ASCII twin.
const OFFSET: u32 = 0xFF01 - 0x21;

/// `text` with ASCII in place of its full-width twins, and the way back in bytes; `None`
/// where it has none.
pub(super) fn narrow(text: &str) -> Option<(String, Layer)> {
    let mut rewrite = Rewrite::new(text);
    for (at, character) in text.char_indices() {
        let word = matches!(character, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '＠' | '．' | '－' | '＋');
        if let Some(ascii) =
            char::from_u32(u32::from(character).wrapping_sub(OFFSET)).filter(|_| word)
        {
            rewrite.replace(
                at..at + character.len_utf8(),
                ascii.encode_utf8(&mut [0; 4]),
            );
        }
    }
    rewrite.finish()
}
