use crate::rollup::RECOUNTS;
use crate::{Snapshot, StoreError};

/// Rows of which each record must have exactly one.
const ONE_PER_RECORD: [&str; 3] = ["document", "vector", "record_fact"];

impl Snapshot {
    /// Checks everything that must hold: the pages of the file, the references between
    /// tables, and that each rollup is what its facts add up to. Reads the whole store.
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
            None => Ok(()),
            Some(Err(error)) => Err(error),
            Some(Ok(detail)) => Err(StoreError::Inconsistent {
                path: path.to_owned(),
                detail,
            }),
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
