use crate::corrections::CORRECTED;
use crate::rollup::RECOUNTS;
use crate::{Snapshot, StoreError};

/// Rows of which each record must have exactly one.
const ONE_PER_RECORD: [&str; 3] = ["document", "vector", "record_fact"];

impl Snapshot {
    /// Checks everything that must hold: the pages of the file, the references between
    /// tables, that each rollup is what its facts add up to, and that corrected labels are
    /// what the corrections make of the model's. Reads the whole store.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if pages are damaged, [`StoreError::Inconsistent`] naming
    /// what does not agree.
    pub fn verify(&self) -> Result<(), StoreError> {
        let path = self.store().path();
        let pages: String = self.read(|connection| {
            connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        })?;
        if pages != "ok" {
            return Err(StoreError::Corrupt {
                path: path.to_owned(),
                detail: pages,
            });
        }
        let rules = self.rules();
        match rules
            .iter()
            .find_map(|(rule, broken)| self.broken(rule, broken).transpose())
        {
            None => self.verify_corrections(),
            Some(Err(error)) => Err(error),
            Some(Ok(detail)) => Err(self.inconsistent(detail)),
        }
    }

    fn verify_corrections(&self) -> Result<(), StoreError> {
        match self.wrongly_corrected()? {
            None => Ok(()),
            Some(key) => Err(self.inconsistent(format!(
                "the labels of {key} are not what its corrections make of the model's"
            ))),
        }
    }

    fn inconsistent(&self, detail: String) -> StoreError {
        StoreError::Inconsistent {
            path: self.store().path().to_owned(),
            detail,
        }
    }

    /// What must hold, each with a query that yields a row where it does not.
    fn rules(&self) -> Vec<(String, String)> {
        let references = "SELECT * FROM pragma_foreign_key_check".to_owned();
        let mut rules = vec![("a row refers to one that is missing".to_owned(), references)];
        for table in ONE_PER_RECORD {
            let missing = format!("SELECT row FROM record EXCEPT SELECT row FROM {table}");
            rules.push((format!("a record has no {table}"), missing));
        }
        let kept = "SELECT row FROM model_annotation";
        rules.push((
            "a corrected record lacks what the model says".to_owned(),
            format!("{CORRECTED} EXCEPT {kept}"),
        ));
        rules.push((
            "a model's annotation is kept of a record without corrections".to_owned(),
            format!("{kept} EXCEPT {CORRECTED}"),
        ));
        for (table, recount) in RECOUNTS {
            let rule = format!("{table} is not what the facts add up to");
            rules.push((
                rule.clone(),
                format!("{recount} EXCEPT SELECT * FROM {table}"),
            ));
            rules.push((rule, format!("SELECT * FROM {table} EXCEPT {recount}")));
        }
        rules
    }

    fn broken(&self, rule: &str, query: &str) -> Result<Option<String>, StoreError> {
        let found = self.read(|connection| connection.prepare(query)?.exists([]))?;
        Ok(found.then(|| rule.to_owned()))
    }
}
