//! Vectors without what they say about their language: each language's examples have a mean,
//! and it becomes the origin. What is left says what a text is about, so texts in different
//! languages compare. Search and the example heads use it.

use std::collections::BTreeMap;

use voc_core::Language;

use crate::Pooled;
use crate::batch::unit_length;
use crate::examples::Shown;
use crate::nearest::{centred, mean};

/// A language needs this many examples to have an origin of its own.
const EXAMPLES_FOR_A_CENTRE: usize = 100;

/// An origin per language; the overall one is under `und`.
pub struct Centres(BTreeMap<Language, Vec<f32>>);

/// A vector seen from its language's origin.
#[derive(Clone, Debug)]
pub struct Centred(Vec<f32>);

/// The vectors of a record, seen from its language's origin.
#[derive(Clone, Debug)]
pub struct CentredRecord {
    /// Of the customer's words as a whole.
    pub whole: Centred,
    /// Of each title, text or message.
    pub units: Vec<Centred>,
    /// Of each sentence, unit by unit.
    pub sentences: Vec<Centred>,
}

impl Centred {
    /// Numbers that are centred already, scaled to length 1.
    pub fn new(values: Vec<f32>) -> Self {
        Self(unit_length(values))
    }

    /// As [`Centred::values`].
    pub fn into_values(self) -> Vec<f32> {
        self.0
    }

    /// One number per dimension; the vector has length 1.
    pub fn values(&self) -> &[f32] {
        &self.0
    }
}

impl Centres {
    /// The origins of the languages in `shown`.
    pub(crate) fn new(shown: &[Shown], dimensions: usize) -> Self {
        let mut by_language: BTreeMap<Language, Vec<&[f32]>> = BTreeMap::new();
        for example in shown {
            by_language
                .entry(example.language)
                .or_default()
                .push(&example.vector);
        }
        by_language.retain(|_, vectors| vectors.len() >= EXAMPLES_FOR_A_CENTRE);
        let mut centres: BTreeMap<Language, Vec<f32>> = by_language
            .into_iter()
            .map(|(language, vectors)| (language, mean(vectors.into_iter(), dimensions)))
            .collect();
        let all = shown.iter().map(|example| example.vector.as_slice());
        centres.insert(Language::UND, mean(all, dimensions));
        Self(centres)
    }

    /// `vector`, of a text in `language`.
    pub fn centred(&self, vector: &[f32], language: Language) -> Centred {
        let centre = self.0.get(&language).or_else(|| self.0.get(&Language::UND));
        Centred(match centre {
            Some(centre) => centred(vector, centre),
            None => vector.to_vec(),
        })
    }

    /// All vectors of a record in `language`.
    pub fn centred_record(&self, pooled: &Pooled, language: Language) -> CentredRecord {
        let centred = |vector: &Vec<f32>| self.centred(vector, language);
        CentredRecord {
            whole: centred(&pooled.text),
            units: pooled.units.iter().map(centred).collect(),
            sentences: pooled.sentences.iter().flatten().map(centred).collect(),
        }
    }
}
