use jiff::tz::TimeZone;
use voc_core::{Channel, Due, Language, Promise, PromiseBy, Record, Speaker};
use voc_text::Voice;

use super::Analyzer;
use crate::ModelError;
use crate::prepared::{PreparedRecord, quote};

impl Analyzer {
    /// What the company promises: in its own messages, in history that a customer quotes, and
    /// in staff's notes.
    pub(super) fn promises(
        &self,
        record: &Record,
        texts: &PreparedRecord,
        language: Language,
    ) -> Result<Vec<Promise>, ModelError> {
        let mut promises = Vec::new();
        for text in &texts.texts {
            let written = record.written_at(text.part).to_zoned(TimeZone::UTC).date();
            let prepared = &text.prepared;
            let found = match (text.speaker, record.channel) {
                (Speaker::Customer, Channel::SalesNote) => {
                    self.text.promises(prepared, written, language, Voice::Note)
                }
                (Speaker::Customer, _) => self.text.quoted_promises(prepared, written, language),
                (Speaker::Agent | Speaker::System, _) => {
                    self.text
                        .promises(prepared, written, language, Voice::Company)
                }
            };
            let by = match record.channel {
                Channel::Agent => PromiseBy::Company,
                _ => PromiseBy::Agent,
            };
            for found in found {
                promises.push(Promise {
                    quote: quote(&prepared.text, found.span)?,
                    part: text.part,
                    span: found.span,
                    due: found.due.map(Due::On),
                    by,
                });
            }
        }
        Ok(promises)
    }
}
