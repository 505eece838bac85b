use std::collections::BTreeMap;

use serde::Serialize;

/// How often each gold label was found as which label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confusion {
    /// What is confused, e.g. `sentiment`.
    pub group: &'static str,
    /// The labels, in the order of rows and columns.
    pub labels: Vec<String>,
    /// For each gold label, how often each label was found.
    pub counts: Vec<Vec<u32>>,
}

impl Confusion {
    /// Counts `pairs` of gold and found. Labels come in the order of `first`, then by name.
    pub fn new(group: &'static str, first: &[&str], pairs: &[(String, String)]) -> Self {
        let mut labels: Vec<String> = first.iter().map(ToString::to_string).collect();
        let mut others: Vec<&String> = pairs.iter().flat_map(|(a, b)| [a, b]).collect();
        others.sort();
        others.dedup();
        for label in others {
            if !labels.contains(label) {
                labels.push(label.clone());
            }
        }
        let index: BTreeMap<&str, usize> = labels.iter().map(String::as_str).zip(0..).collect();
        let mut counts = vec![vec![0; labels.len()]; labels.len()];
        for (gold, found) in pairs {
            counts[index[gold.as_str()]][index[found.as_str()]] += 1;
        }
        Self {
            group,
            labels,
            counts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_gold_and_columns_are_found() {
        let pair = |gold: &str, found: &str| (gold.to_owned(), found.to_owned());
        let pairs = [pair("a", "b"), pair("a", "b"), pair("z", "a")];
        let confusion = Confusion::new("letters", &["b", "a"], &pairs);
        assert_eq!(confusion.labels, ["b", "a", "z"]);
        assert_eq!(confusion.counts, [[0, 0, 0], [2, 0, 0], [0, 1, 0]]);
    }
}
