//! How far the network's answers are from what is to be said.
//!
//! A theme is learned twice: from the sentence that the quote lies in, and from the record,
//! of which the sentence most sure of the theme must be sure. That way a quote that a
//! splitter cut apart still teaches. The quote also shows the theme where in the sentence to
//! look.

use std::ops::Range;

use tch::{Kind, Reduction, Tensor};
use voc_model::{Outputs, answer_ranges};

use crate::TrainError;
use crate::texts::Batch;

/// Weight of the themes of sentences; the record's themes weigh half of it.
const THEMES: f64 = 1.0;
/// Weight of the feeling about a theme.
const FEELING: f64 = 2.0;
/// Weight of where a theme looks.
const LOOKS: f64 = 0.3;
/// Weight of the record's sentiment.
const SENTIMENT: f64 = 1.5;
/// Weight of urgency and touchpoint.
const JOURNEY: f64 = 0.5;
/// Lowers the scores of themes in rows that are filled up.
const OUT: f64 = 1e4;

/// The loss over one batch, a single number.
pub(crate) fn loss(outputs: &Outputs, batch: &Batch<'_>) -> Result<Tensor, TrainError> {
    let record = record_loss(outputs, batch)?;
    let themes = theme_loss(outputs, batch)?;
    let feeling = feeling_loss(outputs, batch)?;
    let looks = look_loss(outputs, batch)?;
    Ok(record + themes * THEMES + feeling * FEELING + looks * LOOKS)
}

fn record_loss(outputs: &Outputs, batch: &Batch<'_>) -> Result<Tensor, TrainError> {
    let ranges = answer_ranges();
    let part = |range: &Range<usize>| {
        let (start, length) = (range.start as i64, range.len() as i64);
        outputs.answers.f_narrow(1, start, length)
    };
    let choice = |range, target: fn(&crate::Targets) -> i64| -> Result<Tensor, TrainError> {
        let wanted: Vec<i64> = batch.texts.iter().map(|t| target(&t.targets)).collect();
        Ok(part(range)?.cross_entropy_for_logits(&Tensor::from_slice(&wanted)))
    };
    let wanted: Vec<f32> = batch
        .texts
        .iter()
        .flat_map(|t| t.targets.kinds.clone())
        .collect();
    let kinds = yes_or_no(&part(&ranges.kinds)?, &wanted)?;
    let sentiment = choice(&ranges.sentiment, |targets| targets.sentiment)?;
    let urgency = choice(&ranges.urgency, |targets| targets.urgency)?;
    let touchpoint = choice(&ranges.touchpoint, |targets| targets.touchpoint)?;
    Ok(kinds + sentiment * SENTIMENT + (urgency + touchpoint) * JOURNEY)
}

fn theme_loss(outputs: &Outputs, batch: &Batch<'_>) -> Result<Tensor, TrainError> {
    let themes = outputs.themes.size()[1] as usize;
    let mut of_pieces = Vec::new();
    for text in &batch.texts {
        for (sentence, _) in &text.window.pieces {
            let spoken = &text.targets.sentences[*sentence];
            of_pieces.extend((0..themes).map(|theme| one(spoken.contains_key(&theme))));
        }
    }
    let mut of_records = Vec::new();
    for text in &batch.texts {
        let spoken = &text.targets.themes;
        of_records.extend((0..themes).map(|theme| one(spoken.contains(&theme))));
    }
    let sentences = yes_or_no(&outputs.themes, &of_pieces)?;
    let records = yes_or_no(&surest(outputs, batch)?, &of_records)?;
    Ok(sentences + records * 0.5)
}

/// \[texts, themes\]: the score of the sentence that is most sure of the theme.
fn surest(outputs: &Outputs, batch: &Batch<'_>) -> Result<Tensor, TrainError> {
    let counts = batch.layout.pieces_per_row();
    let most = counts.iter().copied().max().unwrap_or(0);
    let mut places = Vec::with_capacity(counts.len() * most);
    let mut missing = Vec::with_capacity(counts.len() * most);
    let mut next = 0;
    for count in &counts {
        for piece in 0..most {
            places.push(if piece < *count {
                next + piece as i64
            } else {
                0
            });
            missing.push(one(piece >= *count));
        }
        next += *count as i64;
    }
    let shape = [counts.len() as i64, most as i64, -1];
    let missing = Tensor::from_slice(&missing).f_view([shape[0], shape[1], 1])?;
    let padded = outputs
        .themes
        .f_index_select(0, &Tensor::from_slice(&places))?;
    let padded = padded.f_view(shape)?.f_sub(&(missing * OUT))?;
    Ok(padded.f_amax(1, false)?)
}

/// Over the themes that sentences really speak of.
fn feeling_loss(outputs: &Outputs, batch: &Batch<'_>) -> Result<Tensor, TrainError> {
    let size = outputs.theme_feeling.size();
    let (themes, labels) = (size[1] as usize, size[2]);
    let mut places = Vec::new();
    let mut wanted = Vec::new();
    let pieces = batch.texts.iter().flat_map(|text| {
        let pieces = text.window.pieces.iter();
        pieces.map(|(sentence, _)| &text.targets.sentences[*sentence])
    });
    for (piece, spoken) in pieces.enumerate() {
        for (theme, spoken) in spoken {
            places.push((piece * themes + theme) as i64);
            wanted.push(spoken.feeling);
        }
    }
    if places.is_empty() {
        // Nothing to learn, but the heads must still have a gradient.
        return Ok(outputs.theme_feeling.f_sum(Kind::Float)? * 0.0);
    }
    let scores = outputs.theme_feeling.f_view([-1, labels])?;
    let scores = scores.f_index_select(0, &Tensor::from_slice(&places))?;
    Ok(scores.cross_entropy_for_logits(&Tensor::from_slice(&wanted)))
}

/// How little of what a theme looks at in its sentence is the quote. Where the quote's tokens
/// are is told from its share of the sentence, give or take one.
fn look_loss(outputs: &Outputs, batch: &Batch<'_>) -> Result<Tensor, TrainError> {
    let themes = outputs.looks.size()[1] as usize;
    let mut places = Vec::new();
    let mut quotes = Vec::new();
    let mut wholes = Vec::new();
    for (row, text) in batch.texts.iter().enumerate() {
        for (sentence, tokens) in &text.window.pieces {
            for (theme, spoken) in &text.targets.sentences[*sentence] {
                places.push((places.len() * themes + theme) as i64);
                quotes.push((row, tokens_of(&spoken.quote, tokens), 1.0));
                wholes.push((row, tokens.clone(), 1.0));
            }
        }
    }
    if places.is_empty() {
        return Ok(outputs.looks.f_sum(Kind::Float)? * 0.0);
    }
    let places = Tensor::from_slice(&places);
    let seen = |ranges: Vec<(usize, Range<usize>, f32)>| -> Result<Tensor, TrainError> {
        let sums = batch
            .layout
            .matrix(ranges.into_iter())?
            .f_mm(&outputs.looks)?;
        Ok(sums.f_view([-1])?.f_index_select(0, &places)?.f_log()?)
    };
    let missed = seen(wholes)? - seen(quotes)?;
    Ok(missed.f_mean(Kind::Float)?)
}

/// The tokens of `piece` that `share` of it are, and one more on either side.
fn tokens_of(share: &Range<f64>, piece: &Range<usize>) -> Range<usize> {
    let length = piece.len() as f64;
    let start = (share.start * length).floor() as usize;
    let end = (share.end * length).ceil() as usize;
    piece.start + start.saturating_sub(1)..(piece.start + end + 1).min(piece.end)
}

/// The sum over all labels, as a mean over rows.
fn yes_or_no(scores: &Tensor, wanted: &[f32]) -> Result<Tensor, TrainError> {
    let size = scores.size();
    let wanted = Tensor::from_slice(wanted).f_view([size[0], size[1]])?;
    let none = None::<&Tensor>;
    let each = scores.f_binary_cross_entropy_with_logits(&wanted, none, none, Reduction::Sum)?;
    Ok(each.f_to_kind(Kind::Float)? / size[0].max(1) as f64)
}

fn one(holds: bool) -> f32 {
    f32::from(u8::from(holds))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use voc_model::{Layout, Window};

    use super::*;
    use crate::texts::Text;
    use crate::{Spoken, Targets};

    /// A text of two sentences, the second of which speaks of theme 1.
    fn text(spoken: bool) -> Text {
        let mention = Spoken {
            feeling: 0,
            quote: 0.0..1.0,
        };
        let spoken: BTreeMap<usize, Spoken> = spoken.then_some((1, mention)).into_iter().collect();
        Text {
            window: Window {
                document: 0,
                ids: vec![0, 5, 6, 7, 2],
                pieces: vec![(0, 1..3), (1, 3..4)],
            },
            targets: Targets {
                kinds: vec![1.0, 0.0, 0.0, 0.0, 0.0],
                sentiment: 0,
                urgency: 1,
                touchpoint: 3,
                themes: spoken.keys().copied().collect(),
                sentences: vec![BTreeMap::new(), spoken],
            },
        }
    }

    fn outputs() -> Outputs {
        let zeros = |size: &[i64]| {
            Tensor::zeros(size, (Kind::Float, tch::Device::Cpu)).set_requires_grad(true)
        };
        Outputs {
            answers: zeros(&[1, answer_ranges().touchpoint.end as i64]),
            themes: zeros(&[2, 3]),
            feeling: zeros(&[2, 3]),
            theme_feeling: zeros(&[2, 3, 3]),
            looks: Tensor::ones([5, 3], (Kind::Float, tch::Device::Cpu)).set_requires_grad(true),
        }
    }

    fn gradients(text: &Text) -> [Tensor; 4] {
        let outputs = outputs();
        let batch = Batch {
            layout: Layout::new(&[&text.window]),
            hidden: Tensor::new(),
            mask: Tensor::new(),
            texts: vec![text],
        };
        loss(&outputs, &batch).unwrap().backward();
        [
            &outputs.answers,
            &outputs.themes,
            &outputs.theme_feeling,
            &outputs.looks,
        ]
        .map(Tensor::grad)
    }

    fn at(tensor: &Tensor, place: &[i64]) -> f64 {
        tensor.double_value(place)
    }

    #[test]
    fn what_is_right_is_raised_and_the_rest_lowered() {
        let [answers, themes, feeling, _] = gradients(&text(true));
        assert!(at(&answers, &[0, 0]) < 0.0 && at(&answers, &[0, 1]) > 0.0);
        assert!(at(&themes, &[1, 1]) < 0.0 && at(&themes, &[1, 0]) > 0.0);
        assert!(at(&feeling, &[1, 1, 0]) < 0.0 && at(&feeling, &[1, 1, 2]) > 0.0);
        assert_eq!(at(&feeling, &[0, 1, 0]), 0.0);
    }

    #[test]
    fn a_batch_without_mentions_teaches_no_feeling_but_has_a_gradient() {
        let [_, themes, feeling, _] = gradients(&text(false));
        assert!(at(&themes, &[1, 1]) > 0.0);
        assert!(feeling.defined() && at(&feeling.abs().sum(Kind::Float), &[]) == 0.0);
    }

    #[test]
    fn a_theme_is_drawn_to_the_tokens_of_its_quote() {
        let mut text = text(true);
        text.window.ids = vec![0; 9];
        text.window.pieces = vec![(0, 1..2), (1, 2..8)];
        text.targets.sentences[1] = BTreeMap::from([(
            1,
            Spoken {
                feeling: 0,
                quote: 0.0..0.3,
            },
        )]);
        let outputs = Outputs {
            looks: Tensor::ones([9, 3], (Kind::Float, tch::Device::Cpu)).set_requires_grad(true),
            ..outputs()
        };
        let batch = Batch {
            layout: Layout::new(&[&text.window]),
            hidden: Tensor::new(),
            mask: Tensor::new(),
            texts: vec![&text],
        };
        look_loss(&outputs, &batch).unwrap().backward();
        let pulls: Vec<f64> = (0..9)
            .map(|token| at(&outputs.looks.grad(), &[token, 1]))
            .collect();
        // Two tokens of six are the quote, and one more may be.
        assert!(pulls[2..5].iter().all(|pull| *pull < 0.0));
        assert!(pulls[5..8].iter().all(|pull| *pull > 0.0));
        assert!(
            pulls[..2]
                .iter()
                .chain(&pulls[8..])
                .all(|pull| *pull == 0.0)
        );
    }
}
