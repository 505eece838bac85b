//! Check digits. Each function gets the characters of one number, without separators.

/// Luhn (ISO/IEC 7812-1), for payment cards.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let value =
        |(at, digit): (usize, &u8)| u32::from(if at % 2 == 1 { doubled(*digit) } else { *digit });
    digits
        .iter()
        .rev()
        .enumerate()
        .map(value)
        .sum::<u32>()
        .is_multiple_of(10)
}

/// Remainder 1 modulo 97 (ISO 13616), for IBANs; upper case.
pub(super) fn iban(account: &str) -> bool {
    let Some((head, tail)) = account.split_at_checked(4) else {
        return false;
    };
    let mut remainder = 0;
    for value in tail
        .chars()
        .chain(head.chars())
        .map(|character| character.to_digit(36))
    {
        let Some(value) = value else { return false };
        remainder = if value < 10 {
            remainder * 10 + value
        } else {
            remainder * 100 + value
        } % 97;
    }
    remainder == 1
}

/// ЕГН, Bulgaria: a date of birth whose month tells the century (+20 before 1900, +40 from
/// 2000), and a weighted sum modulo 11 modulo 10.
pub(super) fn egn(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 9] = [2, 4, 8, 5, 10, 9, 7, 3, 6];
    let [_, _, c, d, e, f, .., check] = digits else {
        return false;
    };
    let month = (c * 10 + d) % 20;
    let dated = c * 10 + d <= 52 && is_date(u32::from(month), u32::from(e * 10 + f));
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum();
    digits.len() == 10 && dated && sum % 11 % 10 == u32::from(*check)
}

/// 居民身份证 (GB 11643-1999): 17 digits with a date of birth, and ISO 7064 MOD 11-2.
pub(super) fn resident_id(number: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let digits: Vec<u32> = number
        .chars()
        .take(17)
        .map_while(|digit| digit.to_digit(10))
        .collect();
    if number.len() != 18 || digits.len() != 17 {
        return false;
    }
    let value = |from: usize, to: usize| {
        digits[from..to]
            .iter()
            .fold(0, |value, digit| value * 10 + digit)
    };
    let dated = (1880..2100).contains(&value(6, 10)) && is_date(value(10, 12), value(12, 14));
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let check = CHECKS[(sum % 11) as usize];
    dated && number.as_bytes()[17].eq_ignore_ascii_case(&check)
}

/// Codice fiscale, Italy (D.M. 23/12/1976, art. 11): sixteen characters, the last of which
/// checks the others; upper case.
pub(super) fn codice_fiscale(code: &str) -> bool {
    /// Values of A–Z in odd places; digits have those of A–J.
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let value = |(at, byte): (usize, u8)| {
        let rank = if byte.is_ascii_digit() {
            byte - b'0'
        } else {
            byte.wrapping_sub(b'A')
        };
        // The first character is in an odd place.
        if at % 2 == 0 {
            ODD.get(usize::from(rank)).copied().unwrap_or(0)
        } else {
            u32::from(rank)
        }
    };
    let sum: u32 = code.bytes().take(15).enumerate().map(value).sum();
    code.len() == 16
        && code.bytes().all(|b| b.is_ascii_alphanumeric())
        && code.bytes().last().map(u32::from) == Some(u32::from(b'A') + sum % 26)
}

/// DNI and NIE, Spain: the number modulo 23 tells the letter; upper case. The X, Y or Z of a
/// NIE stands for 0, 1 or 2.
pub(super) fn dni(number: &str) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let number = number.replacen('X', "0", usize::from(number.starts_with('X')));
    let number = number.replacen('Y', "1", usize::from(number.starts_with('Y')));
    let number = number.replacen('Z', "2", usize::from(number.starts_with('Z')));
    let Some((value, letter)) = number.split_at_checked(8) else {
        return false;
    };
    value
        .parse::<usize>()
        .is_ok_and(|value| letter.as_bytes() == [LETTERS[value % 23]])
}

/// Whether the day exists in the month; 29 February always counts.
pub(super) const fn is_date(month: u32, day: u32) -> bool {
    let last = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    1 <= day && day <= last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redact::context::digits;

    /// `valid` passes, and no neighbour that differs in one digit does.
    #[track_caller]
    fn check(valid: &str, passes: impl Fn(&str) -> bool) {
        assert!(passes(valid), "{valid}");
        for at in valid
            .char_indices()
            .filter(|(_, c)| c.is_ascii_digit())
            .map(|(at, _)| at)
        {
            let mut wrong = valid.as_bytes().to_vec();
            wrong[at] = b'0' + (wrong[at] - b'0' + 1) % 10;
            let wrong = String::from_utf8(wrong).unwrap();
            assert!(!passes(&wrong), "{wrong}");
        }
    }

    #[test]
    fn one_wrong_digit_is_noticed() {
        check("4111111111111111", |number| luhn(&digits(number)));
        check("GB82WEST12345698765432", iban);
        check("IT60X0542811101000000123456", iban);
        check("7523169263", |number| egn(&digits(number)));
        check("11010519491231002X", resident_id);
        check("RSSMRA85T10A562S", codice_fiscale);
        check("12345678Z", dni);
        check("X1234567L", dni);
    }

    #[test]
    fn what_is_too_short_or_no_number_is_refused() {
        for text in ["", "1", "GB8", "GB82 WEST", "àèìòù", "12345678"] {
            assert!(
                !iban(text) && !resident_id(text) && !codice_fiscale(text) && !dni(text),
                "{text}"
            );
            assert!(!egn(&digits(text)), "{text}");
        }
    }
}
