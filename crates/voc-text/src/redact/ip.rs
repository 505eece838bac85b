use std::net::{Ipv4Addr, Ipv6Addr};

use regex::Regex;
use voc_core::PiiType;

use super::context::{cued, is_whole_word};
use super::{Evidence, Found, Recogniser};

const V4: &str = r"\d{1,3}(?:\.\d{1,3}){3}";
const V6: &str = r"(?i)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}";

/// Words before version and section numbers, which have the same form.
const VERSION: &str = r"(?i)(?:\bv|\bver\.?|versione|version|версия|версията|版本|firmware|build|release|android|ios|app|драйвер|driver|§|art\.|par\.)\s*[:：]?\s*$";
const ADDRESS: &str = r"(?i)(?:\bip|адрес|address|indirizzo|地址)\W{0,3}$";

/// A dotted number without cue is an address only with a part at least this large: versions
/// have small parts.
const LARGE_PART: u8 = 32;

/// Finds network addresses of version 4 and 6.
pub(super) struct IpRecogniser {
    v4: Regex,
    v6: Regex,
    version: Regex,
    address: Regex,
}

impl IpRecogniser {
    pub fn new() -> Result<Self, regex::Error> {
        Ok(Self {
            v4: Regex::new(V4)?,
            v6: Regex::new(V6)?,
            version: Regex::new(VERSION)?,
            address: Regex::new(ADDRESS)?,
        })
    }

    fn is_v4(&self, text: &str, start: usize, address: &str) -> bool {
        let Ok(address) = address.parse::<Ipv4Addr>() else {
            return false;
        };
        let octets = address.octets();
        let large = octets.iter().any(|octet| *octet >= LARGE_PART) && octets[0] > 0;
        cued(&self.address, text, start, 24) || (large && !cued(&self.version, text, start, 24))
    }
}

impl Recogniser for IpRecogniser {
    fn find(&self, text: &str) -> Vec<Found> {
        let dotted = |range: &std::ops::Range<usize>| {
            let longer = text[range.end..]
                .strip_prefix('.')
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
            longer || text[..range.start].ends_with('.')
        };
        let v4 = self.v4.find_iter(text).filter(|found| {
            is_whole_word(text, &found.range())
                && !dotted(&found.range())
                && self.is_v4(text, found.start(), found.as_str())
        });
        let v6 = self.v6.find_iter(text).filter(|found| {
            let parts = found
                .as_str()
                .split(':')
                .filter(|part| !part.is_empty())
                .count();
            parts >= 3
                && is_whole_word(text, &found.range())
                && found.as_str().parse::<Ipv6Addr>().is_ok()
        });
        let found = |range| Found {
            kind: PiiType::Ip,
            range,
            evidence: Evidence::Check,
        };
        v4.chain(v6).map(|address| found(address.range())).collect()
    }
}
