//! How much a frozen encoder knows of a set's classes: softmax regression on its vectors,
//! a few examples per class, the rest of the set as test.
//!
//! ```text
//! cargo run --release -p voc-model --example probe -- MODEL FILE [EXAMPLES_PER_CLASS] [DRAWS]
//! ```
//!
//! MODEL is the encoder's folder in the cache. FILE holds JSON lines with `text` and `label`. Examples are drawn by fixed seeds; the
//! figure is the mean accuracy over draws. Published figures of the encoder are made in the
//! same way (MTEB's classification tasks), so this tells what 4 bits cost.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tch::{Device, Kind, Tensor, nn, nn::OptimizerConfig};
use voc_model::{Encoder, ModelFolder, PrecisionChoice};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const STEPS: usize = 300;
const LEARNING_RATE: f64 = 0.02;
const WEIGHT_DECAY: f64 = 1e-4;
/// Vectors have length 1; this spreads them enough for the softmax to tell them apart.
const SCALE: f64 = 20.0;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, file, ..] = arguments.as_slice() else {
        return Err("usage: probe MODEL FILE [EXAMPLES] [DRAWS]".into());
    };
    let number = |index: usize, default: usize| -> Outcome<usize> {
        arguments
            .get(index)
            .map_or(Ok(default), |text| Ok(text.parse()?))
    };
    let (examples, draws) = (number(2, 8)?, number(3, 10)?);
    let (texts, labels, classes) = read(file)?;
    let vectors = encode(Path::new(model), &texts)?;
    let mut accuracies = Vec::new();
    for draw in 0..draws {
        let (train, test) = split(&labels, classes, examples, draw);
        accuracies.push(accuracy(&vectors, &labels, &train, &test, classes)?);
    }
    let mean = accuracies.iter().sum::<f64>() / accuracies.len() as f64;
    println!(
        "{} texts, {classes} classes, {examples} examples each, {draws} draws: accuracy {mean:.4}",
        texts.len()
    );
    Ok(())
}

/// Texts, the class of each, and the number of classes.
fn read(file: &str) -> Outcome<(Vec<String>, Vec<i64>, i64)> {
    let mut texts = Vec::new();
    let mut labels = Vec::new();
    let mut known: BTreeMap<String, i64> = BTreeMap::new();
    for line in fs::read_to_string(file)?.lines() {
        let value: Value = serde_json::from_str(line)?;
        let field = |name: &str| value[name].as_str().map(str::to_owned);
        let (text, label) = (field("text"), field("label"));
        let next = known.len() as i64;
        labels.push(
            *known
                .entry(label.ok_or("a line without label")?)
                .or_insert(next),
        );
        texts.push(text.ok_or("a line without text")?);
    }
    Ok((texts, labels, known.len() as i64))
}

fn encode(model: &Path, texts: &[String]) -> Outcome<Tensor> {
    let folder = ModelFolder::open(model)?;
    let choice = PrecisionChoice::beside(&folder)?;
    let encoder = Encoder::load(&folder, choice.precision, 0)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let pooled = encoder.encode_sentences(&texts)?;
    let flat: Vec<f32> = pooled.into_iter().flat_map(|pooled| pooled.text).collect();
    let vectors = Tensor::from_slice(&flat).view([texts.len() as i64, -1]);
    let centred = &vectors - vectors.mean_dim(0, true, Kind::Float);
    let lengths = centred
        .square()
        .sum_dim_intlist(1, true, Kind::Float)
        .sqrt();
    Ok(centred / lengths * SCALE)
}

/// Draws `examples` of each class; the others are the test.
fn split(labels: &[i64], classes: i64, examples: usize, draw: usize) -> (Vec<i64>, Vec<i64>) {
    let mut rng = fastrand::Rng::with_seed(draw as u64);
    let mut order: Vec<usize> = (0..labels.len()).collect();
    rng.shuffle(&mut order);
    let mut taken = vec![0; classes as usize];
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for index in order {
        let class = labels[index] as usize;
        if taken[class] < examples {
            taken[class] += 1;
            train.push(index as i64);
        } else {
            test.push(index as i64);
        }
    }
    (train, test)
}

fn accuracy(
    vectors: &Tensor,
    labels: &[i64],
    train: &[i64],
    test: &[i64],
    classes: i64,
) -> Outcome<f64> {
    tch::manual_seed(0);
    let labels = Tensor::from_slice(labels);
    let (train, test) = (Tensor::from_slice(train), Tensor::from_slice(test));
    let pick = |of: &Tensor, rows: &Tensor| of.index_select(0, rows);
    let store = nn::VarStore::new(Device::Cpu);
    let head = nn::linear(
        store.root(),
        vectors.size()[1],
        classes,
        nn::LinearConfig::default(),
    );
    let mut optimizer = nn::AdamW {
        wd: WEIGHT_DECAY,
        ..nn::AdamW::default()
    }
    .build(&store, LEARNING_RATE)?;
    let (inputs, targets) = (pick(vectors, &train), pick(&labels, &train));
    for _ in 0..STEPS {
        let loss = inputs.apply(&head).cross_entropy_for_logits(&targets);
        optimizer.backward_step(&loss);
    }
    let scores = pick(vectors, &test).apply(&head);
    Ok(scores
        .accuracy_for_logits(&pick(&labels, &test))
        .double_value(&[]))
}
