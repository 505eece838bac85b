//! `voc doctor`: checks everything a run needs, and says how to mend what is wrong.

use std::path::Path;
use std::time::Instant;

use serde::Serialize;
use voc_core::Taxonomy;
use voc_model::{Encoder, ModelFolder, Precision, PrecisionChoice};
use voc_store::{Key, Store};

use crate::args::{Common, DoctorArgs};
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::{engine, places, terminal};

/// Enough for a steady figure, few enough to wait for.
const SENTENCES_MEASURED: usize = 384;

/// One check and what came of it.
#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    /// What was found, or what is wrong and how to mend it.
    says: String,
}

/// Runs every check; with `--choose-precision`, measures both number types instead.
///
/// # Errors
/// [`Failure::Usage`] if the number types cannot be measured.
pub fn doctor(common: &Common, args: &DoctorArgs) -> Result<Outcome, Failure> {
    let config = match common.config.exists() {
        true => Config::load(&common.config),
        false => Config::built_in(),
    };
    if args.choose_precision {
        return choose_precision(&config?, args);
    }
    let mut checks = vec![check_config(common, &config)];
    if let Ok(config) = &config {
        checks.extend([
            check_encoder(config),
            check_taxonomy(config),
            check_data_folder(config),
            check_key(config),
            check_store(config),
            check_disk(config),
            check_sources(config),
        ]);
    }
    let all_well = checks.iter().all(|check| check.ok);
    terminal::print(args.output.format, &checks, &text(&checks))?;
    Ok(if all_well {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}

fn text(checks: &[Check]) -> String {
    let line = |check: &Check| {
        format!(
            "{}  {:<11} {}\n",
            if check.ok { "ok  " } else { "FAIL" },
            check.name,
            check.says
        )
    };
    checks.iter().map(line).collect()
}

fn check(name: &'static str, result: Result<String, impl std::fmt::Display>) -> Check {
    match result {
        Ok(says) => Check {
            name,
            ok: true,
            says,
        },
        Err(error) => Check {
            name,
            ok: false,
            says: error.to_string(),
        },
    }
}

fn check_config(common: &Common, config: &Result<Config, Failure>) -> Check {
    let path = common.config.display();
    check(
        "config",
        match config {
            Ok(_) if !common.config.exists() => Err(format!(
                "{path} does not exist. `voc init` writes one to start from"
            )),
            Ok(config) => Ok(format!("{path}, {} sources", config.sources.len())),
            Err(failure) => Err(failure.to_string()),
        },
    )
}

fn check_encoder(config: &Config) -> Check {
    let try_out = || -> Result<String, Failure> {
        let encoder = engine::encoder(config)?;
        let pooled = encoder.encode_sentences(&["Funziona?"])?;
        match pooled.first().map(|pooled| pooled.record.len()) {
            Some(length) if length == encoder.dimensions() => {
                let heads = encoder
                    .heads()
                    .map_or("nearest examples", |heads| &heads.id);
                Ok(format!("{} on libtorch, {heads}", encoder.id()))
            }
            _ => Err(Failure::failed(
                "the encoder gave no vector. Run scripts/setup --verify",
            )),
        }
    };
    check("encoder", try_out())
}

fn check_taxonomy(config: &Config) -> Check {
    let says = |taxonomy: Taxonomy| format!("{}, {} themes", taxonomy.id(), taxonomy.themes.len());
    check("taxonomy", config.taxonomy().map(says))
}

fn check_data_folder(config: &Config) -> Check {
    let folder = config.data();
    let writable = std::fs::create_dir_all(&folder).and_then(|()| {
        let probe = folder.join(".voc-doctor");
        std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe))
    });
    let shown = folder.display();
    check(
        "data folder",
        writable.map(|()| format!("{shown} is writable")).map_err(|error| {
            format!("{shown} cannot be written: {error}. Give this user write access, or set instance.data")
        }),
    )
}

fn check_key(config: &Config) -> Check {
    let path = config.key_file();
    if !path.exists() {
        return check(
            "key",
            Ok::<_, Failure>(format!("{} is made by the first run", path.display())),
        );
    }
    check(
        "key",
        Key::load_or_create(&path).map(|_| format!("{}", path.display())),
    )
}

fn check_store(config: &Config) -> Check {
    let path = config.store_file();
    if !path.exists() {
        return check(
            "store",
            Ok::<_, Failure>(format!("{} is made by the first run", path.display())),
        );
    }
    let look = || -> Result<String, Failure> {
        let version = Store::open(&path)?.snapshot()?.version();
        Ok(format!("{}, version {version}", path.display()))
    };
    check("store", look())
}

/// A store grows by about 3 KiB per record; below this there is no room for a good night.
const ROOM: u64 = 1 << 30;

fn check_disk(config: &Config) -> Check {
    let folder = config.data();
    let room = fs4::available_space(existing(&folder));
    let gib = |bytes: u64| format!("{:.1} GiB", bytes as f64 / (1_u64 << 30) as f64);
    check(
        "disk",
        match room {
            Ok(bytes) if bytes >= ROOM => Ok(format!("{} free", gib(bytes))),
            Ok(bytes) => Err(format!(
                "only {} free in {}; free at least {}",
                gib(bytes),
                folder.display(),
                gib(ROOM)
            )),
            Err(error) => Err(format!(
                "cannot tell the free space of {}: {error}",
                folder.display()
            )),
        },
    )
}

fn existing(folder: &Path) -> &Path {
    folder
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("."))
}

fn check_sources(config: &Config) -> Check {
    let folder = config.ingest_folder();
    let mut files = 0;
    for source in &config.sources {
        match source.files(&folder) {
            Ok(found) => files += found.len(),
            Err(error) => return check("sources", Err(format!("source {}: {error}", source.id))),
        }
    }
    check(
        "sources",
        Ok::<_, Failure>(format!("{files} files in {}", folder.display())),
    )
}

/// Measures f32 and bf16 on the taxonomy's own examples and records the faster.
fn choose_precision(config: &Config, args: &DoctorArgs) -> Result<Outcome, Failure> {
    let folder = ModelFolder::open(&config.model_folder()?)?;
    let taxonomy = Taxonomy::default_scheme()?;
    let examples = taxonomy.themes.iter().flat_map(|theme| &theme.examples);
    let sentences: Vec<&str> = examples
        .map(|example| example.text.as_str())
        .take(SENTENCES_MEASURED)
        .collect();
    let mut speeds = [0.0; 2];
    for (speed, precision) in speeds.iter_mut().zip([Precision::F32, Precision::Bf16]) {
        let encoder = Encoder::load(&folder, precision, config.limits.threads)?;
        encoder.encode_sentences(&sentences[..32])?; // warms up caches and threads
        let started = Instant::now();
        encoder.encode_sentences(&sentences)?;
        *speed = sentences.len() as f64 / started.elapsed().as_secs_f64();
    }
    let choice = PrecisionChoice::from_speeds(&folder.id(), speeds[0], speeds[1]);
    choice.save(&places::precision_file(&folder.id())?)?;
    let text = format!(
        "f32 {:.0}, bf16 {:.0} short sentences per second: {} was chosen and recorded.\n",
        speeds[0], speeds[1], choice.precision
    );
    terminal::print(args.output.format, &choice, &text)?;
    Ok(Outcome::Done)
}
