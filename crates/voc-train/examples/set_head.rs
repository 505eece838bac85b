//! How well a set's classes can be told at all: a head trained on the set itself, to stand
//! beside what the shipped heads say about it untrained.
//!
//! ```text
//! cargo run --release -p voc-train --example set_head -- MODEL FOLDER MAPPING...
//! ```
//!
//! MODEL is the encoder's folder in the cache, FOLDER holds the sets, each MAPPING says how
//! to read one (see `data/eval`). The head is a softmax regression on the encoder's vector of
//! a text and on what the shipped heads answer, trained on four fifths of the set and asked
//! about the fifth, five times round, so that every text is asked about once. Prints rows of
//! a Markdown table. Nothing is kept: such heads are for measuring.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::Path;

use tch::{Device, Kind, Tensor, nn, nn::OptimizerConfig};
use voc_core::Part;
use voc_eval::{Counts, Mapping, SetMeasure, SetRecord};
use voc_model::{Encoder, ModelFolder, PrecisionChoice, TrainedHeads};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const FOLDS: usize = 5;
const STEPS: usize = 400;
const LEARNING_RATE: f64 = 0.01;
const WEIGHT_DECAY: f64 = 0.3;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, folder, mappings @ ..] = arguments.as_slice() else {
        return Err("usage: set_head MODEL FOLDER MAPPING...".into());
    };
    let encoder = encoder(Path::new(model))?;
    println!("| set | texts | accuracy | macro-F1 |\n| --- | ---: | ---: | ---: |");
    for mapping in mappings {
        let mapping = Mapping::parse(&fs::read_to_string(mapping)?)?;
        let file = Path::new(folder).join(&mapping.file);
        let measured = matches!(
            mapping.measure,
            SetMeasure::Polarity | SetMeasure::Sentiment | SetMeasure::Kind
        );
        if !measured || !file.exists() {
            continue;
        }
        let (records, _) = mapping.read(&fs::read_to_string(file)?)?;
        let set = Set::new(&records, &encoder)?;
        let answers = set.answers()?;
        println!("{}", set.row(&mapping.title, |_| true, &answers));
        let languages: BTreeSet<_> = set.languages.iter().collect();
        for language in languages.iter().filter(|_| languages.len() > 1) {
            let title = format!("· {language}");
            let row = set.row(&title, |index| set.languages[index] == **language, &answers);
            println!("{row}");
        }
    }
    Ok(())
}

fn encoder(model: &Path) -> Outcome<Encoder> {
    let folder = ModelFolder::open(model)?;
    let choice = PrecisionChoice::beside(&folder)?;
    let encoder = Encoder::load(&folder, choice.precision, 0)?;
    Ok(encoder.with_heads(&TrainedHeads::shipped()?, &folder)?)
}

/// A set's texts as features, with their classes.
struct Set {
    /// \[texts, features\], standardised.
    features: Tensor,
    languages: Vec<String>,
    labels: Vec<i64>,
    classes: usize,
}

impl Set {
    fn new(records: &[SetRecord], encoder: &Encoder) -> Outcome<Self> {
        let texts: Vec<&str> = records
            .iter()
            .map(|record| record.record.part(Part::Text).unwrap_or_default())
            .collect();
        let mut known: BTreeMap<&str, i64> = BTreeMap::new();
        let labels = records.iter().map(|record| {
            let next = known.len() as i64;
            *known
                .entry(record.class().unwrap_or_default())
                .or_insert(next)
        });
        let labels = labels.collect();
        let rows = encoder.encode_sentences(&texts)?.into_iter().map(|pooled| {
            let answers = pooled.scores.map(|scores| scores.answers);
            Tensor::from_slice(&[pooled.text, answers.unwrap_or_default()].concat())
        });
        let features = Tensor::f_stack(&rows.collect::<Vec<_>>(), 0)?;
        let centred = &features - features.mean_dim(0, true, Kind::Float);
        let spread = centred.std_dim(0, true, true).clamp_min(1e-6);
        Ok(Self {
            features: centred / spread,
            languages: records
                .iter()
                .map(|record| record.lang.to_string())
                .collect(),
            labels,
            classes: known.len(),
        })
    }

    /// What a head that never saw the text says about it.
    fn answers(&self) -> Outcome<Vec<i64>> {
        let mut order: Vec<usize> = (0..self.labels.len()).collect();
        fastrand::Rng::with_seed(1).shuffle(&mut order);
        let mut answers = vec![0; order.len()];
        for fold in 0..FOLDS {
            let of = |asked: bool| -> Vec<i64> {
                let places = order.iter().enumerate();
                let places = places.filter(|(place, _)| (place % FOLDS == fold) == asked);
                places.map(|(_, index)| *index as i64).collect()
            };
            let asked = of(true);
            let found = self.trained(&of(false), &asked)?;
            for (index, answer) in asked.into_iter().zip(found) {
                answers[index as usize] = answer;
            }
        }
        Ok(answers)
    }

    fn trained(&self, train: &[i64], asked: &[i64]) -> Outcome<Vec<i64>> {
        tch::manual_seed(1);
        let store = nn::VarStore::new(Device::Cpu);
        let inputs = self.features.size()[1];
        let config = nn::LinearConfig::default();
        let head = nn::linear(store.root(), inputs, self.classes as i64, config);
        let adamw = nn::AdamW {
            wd: WEIGHT_DECAY,
            ..nn::AdamW::default()
        };
        let mut optimizer = adamw.build(&store, LEARNING_RATE)?;
        let rows = Tensor::from_slice(train);
        let features = self.features.index_select(0, &rows);
        let labels = Tensor::from_slice(&self.labels).index_select(0, &rows);
        for _ in 0..STEPS {
            let loss = features.apply(&head).cross_entropy_for_logits(&labels);
            optimizer.backward_step(&loss);
        }
        let asked = self.features.index_select(0, &Tensor::from_slice(asked));
        Ok(Vec::try_from(asked.apply(&head).argmax(1, false))?)
    }

    /// Accuracy and mean F1 over classes of the texts that `counts` holds for.
    fn row(&self, title: &str, counts: impl Fn(usize) -> bool, answers: &[i64]) -> String {
        let pairs: Vec<(i64, i64)> = (0..answers.len())
            .filter(|index| counts(*index))
            .map(|index| (self.labels[index], answers[index]))
            .collect();
        let (mut right, mut classes) = (Counts::default(), vec![Counts::default(); self.classes]);
        for (gold, answer) in &pairs {
            right += Counts::answer(gold == answer);
            for (class, counts) in (0..).zip(&mut classes) {
                *counts += Counts::decision(class == *gold, class == *answer);
            }
        }
        let accuracy = right.f1().unwrap_or(0.0);
        let f1 = classes.iter().map(|counts| counts.f1().unwrap_or(0.0));
        let f1 = f1.sum::<f64>() / self.classes as f64;
        format!("| {title} | {} | {accuracy:.2} | {f1:.2} |", pairs.len())
    }
}
