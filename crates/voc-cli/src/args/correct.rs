//! The flags of `voc correct`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{ArgGroup, Args};
use jiff::Timestamp;
use voc_core::{
    CoreError, Correction, Kind, OrNone, Polarity, RecordId, Reviewer, Sentiment, SourceId,
    ThemeId, ThemeLabel, Touchpoint, Urgency,
};

use super::Output;

/// `voc correct`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  voc correct chat 4711 --kinds complaint,churn --urgency 3 --by ana\n  \
    voc correct chat 4711 --theme billing.refund=negative:'still no money' --by ana\n  \
    voc correct chat 4711 --remove-theme delivery.speed --touchpoint none --by ana\n  \
    voc correct chat 4711 --show\n  voc correct --from corrections.jsonl\n\n\
    Labels that are not named stay as they are. Corrections are kept for good: a new run, \
    `voc rebuild --reencode` and new heads leave them in force, until --withdraw. `voc train \
    --corrections` learns from corrected records, and takes the labels that a person left \
    alone as right.\n\n\
    A line of --from: {\"source\": \"chat\", \"id\": \"4711\", \"by\": \"ana\", \"kinds\": [\"complaint\"], \
    \"sentiment\": \"negative\", \"urgency\": 2, \"touchpoint\": \"none\", \"themes\": {\"billing.refund\": \
    {\"sentiment\": \"negative\", \"quote\": \"still no money\"}, \"delivery.speed\": \"none\"}, \
    \"note\": \"…\"}"
)]
#[command(group(ArgGroup::new("labels").multiple(true)
    .args(["kinds", "sentiment", "urgency", "touchpoint", "theme", "remove_theme"])))]
#[command(group(ArgGroup::new("other").args(["show", "withdraw", "from", "list"])
    .conflicts_with("labels")))]
pub struct CorrectArgs {
    /// The record's source, and …
    #[arg(value_parser = SourceId::new, required_unless_present_any = ["from", "list"], requires = "id",
        conflicts_with_all = ["from", "list"])]
    pub source: Option<SourceId>,
    /// … its id there: `voc search` shows them as SOURCE/ID.
    #[arg(value_parser = RecordId::new)]
    pub id: Option<RecordId>,
    /// All kinds of the record, separated by commas, or none.
    #[arg(long, value_name = "KINDS|none")]
    pub kinds: Option<Kinds>,
    /// The feeling of the whole: negative, neutral, positive or mixed.
    #[arg(long)]
    pub sentiment: Option<Sentiment>,
    /// How soon someone must react: 0 none, 1 normal, 2 high, 3 critical.
    #[arg(long, value_name = "0-3", value_parser = urgency)]
    pub urgency: Option<Urgency>,
    /// Where in the customer journey it happened, or none.
    #[arg(long, value_name = "TOUCHPOINT|none")]
    pub touchpoint: Option<OrNone<Touchpoint>>,
    /// The record speaks of this theme, and how: negative, neutral or positive. Where the
    /// model does not see the theme, quote the words that speak of it. May be repeated.
    #[arg(long, value_name = "THEME=POLARITY[:QUOTE]")]
    pub theme: Vec<ThemeArg>,
    /// The record does not speak of this theme. May be repeated.
    #[arg(long, value_name = "THEME", value_parser = ThemeId::new)]
    pub remove_theme: Vec<ThemeId>,
    /// Your short name; it is stored with the correction as you write it.
    #[arg(long, value_name = "NAME", value_parser = Reviewer::new,
        required_unless_present_any = ["show", "list", "from"], conflicts_with_all = ["show", "list"])]
    pub by: Option<Reviewer>,
    /// Why; it is stored too, without personal data that has a form.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["show", "list", "from"])]
    pub note: Option<String>,
    /// Show the record, its labels and what was done about them.
    #[arg(long)]
    pub show: bool,
    /// Let the model's labels hold again. What was said stays in the history.
    #[arg(long)]
    pub withdraw: bool,
    /// Make the corrections of a file, one JSON object per line: all of them, or none. --by
    /// is for lines that name nobody.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// List every correction ever made.
    #[arg(long)]
    pub list: bool,
    /// The time that the correction is recorded under (default: now).
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<Timestamp>,
    #[command(flatten)]
    /// Result format.
    pub output: Output,
}

/// Kinds separated by commas, or `none`.
#[derive(Clone, Debug)]
pub struct Kinds(BTreeSet<Kind>);

impl FromStr for Kinds {
    type Err = CoreError;

    fn from_str(text: &str) -> Result<Self, CoreError> {
        if text == "none" {
            return Ok(Self(BTreeSet::new()));
        }
        let kinds = text.split(',').map(|kind| kind.trim().parse());
        kinds.collect::<Result<_, _>>().map(Self)
    }
}

/// `THEME=POLARITY[:QUOTE]`
#[derive(Clone, Debug)]
pub struct ThemeArg(ThemeId, ThemeLabel);

impl FromStr for ThemeArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (theme, label) = text
            .split_once('=')
            .ok_or("write THEME=POLARITY, e.g. billing.refund=negative")?;
        let (sentiment, quote) = match label.split_once(':') {
            Some((sentiment, quote)) => (sentiment, Some(quote.to_owned())),
            None => (label, None),
        };
        let named = |error: CoreError| error.to_string();
        let label = ThemeLabel {
            sentiment: sentiment.parse::<Polarity>().map_err(named)?,
            quote,
            seen: None,
        };
        Ok(Self(ThemeId::new(theme).map_err(named)?, label))
    }
}

fn urgency(text: &str) -> Result<Urgency, String> {
    let level: u8 = text.parse().map_err(|_| "write 0, 1, 2 or 3".to_owned())?;
    Urgency::try_from(level).map_err(|error| error.to_string())
}

impl CorrectArgs {
    /// What the flags say about the labels.
    pub fn correction(&self) -> Correction {
        let set = self.theme.iter();
        let set = set.map(|ThemeArg(theme, label)| (theme.clone(), OrNone(Some(label.clone()))));
        let removed = self.remove_theme.iter();
        let removed = removed.map(|theme| (theme.clone(), OrNone(None)));
        Correction {
            kinds: self.kinds.clone().map(|kinds| kinds.0),
            sentiment: self.sentiment,
            urgency: self.urgency,
            touchpoint: self.touchpoint,
            themes: set.chain(removed).collect(),
        }
    }
}
