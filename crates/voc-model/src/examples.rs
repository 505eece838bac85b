//! Vectors of the taxonomy's example sentences. They are encoded once per (encoder,
//! taxonomy) and kept in a cache file; without a usable one they are encoded again.

use std::path::{Path, PathBuf};

use tch::Tensor;
use voc_core::{Example, Kind, Language, Polarity, Sentiment, Taxonomy, Touchpoint, Urgency};

use crate::{Encoder, ModelError};

/// What an example shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// A kind.
    Kind(Kind),
    /// No kind and no theme.
    Nothing,
    /// A sentiment.
    Sentiment(Sentiment),
    /// A level of urgency.
    Urgency(Urgency),
    /// A touchpoint.
    Touchpoint(Touchpoint),
    /// A theme, by its index in the taxonomy, and the feeling about it.
    Theme(usize, Option<Polarity>),
}

/// An example with its vector of length 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    pub shows: Shows,
    pub language: Language,
    pub vector: Vec<f32>,
}

/// All examples of `taxonomy` with their vectors, in file order.
///
/// # Errors
/// [`ModelError`] if the encoder refuses a sentence. An unusable cache is no error: it is
/// logged and the sentences are encoded again.
pub(crate) fn shown(
    encoder: &Encoder,
    taxonomy: &Taxonomy,
    cache: Option<&Path>,
) -> Result<Vec<Shown>, ModelError> {
    let listed = list(taxonomy);
    let file = cache.map(|folder| cache_file(folder, encoder, taxonomy));
    let cached = file
        .as_deref()
        .and_then(|file| read(file, listed.len(), encoder.dimensions()));
    let vectors = match cached {
        Some(vectors) => vectors,
        None => {
            let vectors = encode(encoder, &listed)?;
            if let Some(file) = &file
                && let Err(error) = write(file, &vectors)
            {
                tracing::warn!(
                    "cannot keep the example vectors in {}: {error}",
                    file.display()
                );
            }
            vectors
        }
    };
    Ok(listed
        .into_iter()
        .zip(vectors)
        .map(|((shows, language, _), vector)| Shown {
            shows,
            language,
            vector,
        })
        .collect())
}

/// An example before it is encoded.
type Listed<'t> = (Shows, Language, &'t str);

fn list(taxonomy: &Taxonomy) -> Vec<Listed<'_>> {
    fn all(shows: Shows, examples: &[Example]) -> impl Iterator<Item = Listed<'_>> {
        examples
            .iter()
            .map(move |example| (shows, example.lang, example.text.as_str()))
    }
    let kinds = taxonomy
        .kinds
        .iter()
        .flat_map(|l| all(Shows::Kind(l.id), &l.examples));
    let sentiments = taxonomy
        .sentiments
        .iter()
        .flat_map(|l| all(Shows::Sentiment(l.id), &l.examples));
    let urgencies = taxonomy
        .urgencies
        .iter()
        .flat_map(|l| all(Shows::Urgency(l.id), &l.examples));
    let touchpoints = taxonomy
        .touchpoints
        .iter()
        .flat_map(|l| all(Shows::Touchpoint(l.id), &l.examples));
    let themes = taxonomy
        .themes
        .iter()
        .enumerate()
        .flat_map(|(index, theme)| {
            theme.examples.iter().map(move |example| {
                (
                    Shows::Theme(index, example.sentiment),
                    example.lang,
                    example.text.as_str(),
                )
            })
        });
    kinds
        .chain(all(Shows::Nothing, &taxonomy.none.examples))
        .chain(sentiments)
        .chain(urgencies)
        .chain(touchpoints)
        .chain(themes)
        .collect()
}

fn encode(encoder: &Encoder, listed: &[Listed<'_>]) -> Result<Vec<Vec<f32>>, ModelError> {
    let texts: Vec<&str> = listed.iter().map(|(_, _, text)| *text).collect();
    let pooled = encoder.encode_sentences(&texts)?;
    Ok(pooled
        .into_iter()
        .filter_map(|mut pooled| pooled.units.pop())
        .collect())
}

fn cache_file(folder: &Path, encoder: &Encoder, taxonomy: &Taxonomy) -> PathBuf {
    folder.join(format!("{}-{}.safetensors", encoder.id(), taxonomy.id()))
}

const TENSOR: &str = "examples";

fn read(file: &Path, count: usize, dimensions: usize) -> Option<Vec<Vec<f32>>> {
    let tensors = Tensor::read_safetensors(file).ok()?;
    let (_, tensor) = tensors.into_iter().find(|(name, _)| name == TENSOR)?;
    if tensor.size() != [count as i64, dimensions as i64] {
        return None;
    }
    let mut flat = vec![0.0_f32; count * dimensions];
    tensor.f_copy_data(&mut flat, count * dimensions).ok()?;
    Some(flat.chunks_exact(dimensions).map(<[f32]>::to_vec).collect())
}

/// Written beside and renamed: a reader sees a whole file or none.
fn write(file: &Path, vectors: &[Vec<f32>]) -> Result<(), String> {
    let draft = file.with_extension(format!("{}.draft", std::process::id()));
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    Tensor::from_slice(&vectors.concat())
        .f_view([vectors.len() as i64, -1])
        .and_then(|tensor| Tensor::write_safetensors(&[(TENSOR, tensor)], &draft))
        .map_err(|error| error.to_string())?;
    std::fs::rename(&draft, file).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_vectors_are_read_as_written_and_only_if_they_fit() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new").join("examples.safetensors");
        let vectors = vec![vec![0.5, -0.25], vec![1.0, 0.0], vec![0.0, 1.0]];
        write(&file, &vectors).unwrap();
        assert_eq!(read(&file, 3, 2), Some(vectors));
        assert_eq!(read(&file, 2, 3), None);
        std::fs::write(&file, "torn").unwrap();
        assert_eq!(read(&file, 3, 2), None);
    }
}
