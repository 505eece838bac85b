use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::EvalError;

/// Which documents are relevant to which query.
#[derive(Clone, Debug, Default)]
pub struct Judgements(BTreeMap<String, BTreeMap<String, u32>>);

/// How well rankings put relevant documents first, as means over queries, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct RankingScore {
    /// Queries that have a relevant document.
    pub queries: usize,
    /// Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen
    /// 2002), with gain 2^grade − 1.
    pub ndcg_at_10: f64,
    /// Share of queries whose first result is relevant.
    pub hit_at_1: f64,
    /// Mean of one over the rank of the first relevant result; 0 where there is none.
    pub mrr: f64,
    /// Share of relevant documents among the first ten.
    pub recall_at_10: f64,
}

impl Judgements {
    /// Reads lines of query id, document id and grade, separated by tabs, under a header.
    ///
    /// # Errors
    /// [`EvalError::Line`] for a line of another shape.
    pub fn read(text: &str) -> Result<Self, EvalError> {
        let mut judgements = Self::default();
        for (index, line) in text.lines().enumerate().skip(1) {
            if line.trim().is_empty() {
                continue;
            }
            let fields: Vec<&str> = line.split('\t').collect();
            let grade = fields.get(2).and_then(|grade| grade.trim().parse().ok());
            let (&[query, document, _], Some(grade)) = (fields.as_slice(), grade) else {
                return Err(EvalError::Line {
                    line: index + 1,
                    reason: "expected query id, document id and a grade, separated by tabs".into(),
                });
            };
            let documents = judgements.0.entry(query.to_owned()).or_default();
            documents.insert(document.to_owned(), grade);
        }
        Ok(judgements)
    }

    /// Scores `rankings`: for each query the ids of documents, best first. Queries without a
    /// relevant document are passed over; judged queries without a ranking count as not
    /// answered if they are in `asked`.
    pub fn score<'a>(
        &self,
        rankings: &BTreeMap<String, Vec<String>>,
        asked: impl IntoIterator<Item = &'a str>,
    ) -> RankingScore {
        let asked: BTreeSet<&str> = asked.into_iter().collect();
        let mut sum = RankingScore::default();
        for (query, documents) in &self.0 {
            if !asked.contains(query.as_str()) || documents.values().all(|grade| *grade == 0) {
                continue;
            }
            let ranking = rankings.get(query).map_or(&[] as &[String], Vec::as_slice);
            let score = of_query(documents, ranking);
            sum.queries += 1;
            sum.ndcg_at_10 += score.ndcg_at_10;
            sum.hit_at_1 += score.hit_at_1;
            sum.mrr += score.mrr;
            sum.recall_at_10 += score.recall_at_10;
        }
        let n = sum.queries.max(1) as f64;
        RankingScore {
            queries: sum.queries,
            ndcg_at_10: sum.ndcg_at_10 / n,
            hit_at_1: sum.hit_at_1 / n,
            mrr: sum.mrr / n,
            recall_at_10: sum.recall_at_10 / n,
        }
    }
}

fn of_query(documents: &BTreeMap<String, u32>, ranking: &[String]) -> RankingScore {
    let grades: Vec<u32> = ranking
        .iter()
        .map(|id| documents.get(id).copied().unwrap_or(0))
        .collect();
    let mut best: Vec<u32> = documents.values().copied().filter(|g| *g > 0).collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    let first = grades.iter().position(|grade| *grade > 0);
    let within_ten = grades.iter().take(10).filter(|grade| **grade > 0).count();
    RankingScore {
        queries: 1,
        ndcg_at_10: gain(&grades) / gain(&best),
        hit_at_1: f64::from(u8::from(first == Some(0))),
        mrr: first.map_or(0.0, |rank| 1.0 / (rank + 1) as f64),
        recall_at_10: within_ten as f64 / best.len() as f64,
    }
}

fn gain(grades: &[u32]) -> f64 {
    let discounted = grades.iter().take(10).enumerate().map(|(rank, grade)| {
        let gain = 2.0_f64.powi(i32::try_from(*grade).unwrap_or(i32::MAX)) - 1.0;
        gain / (rank as f64 + 2.0).log2()
    });
    discounted.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QRELS: &str = "query_id\tdoc_id\tscore\nq1\ta\t1\nq1\tb\t1\nq2\tc\t1\nq3\td\t0\n";

    #[track_caller]
    fn check(ranking: &[(&str, &[&str])], expect: RankingScore) {
        let rankings = ranking
            .iter()
            .map(|(query, ids)| {
                (
                    query.to_string(),
                    ids.iter().map(ToString::to_string).collect(),
                )
            })
            .collect();
        let judgements = Judgements::read(QRELS).unwrap();
        let score = judgements.score(&rankings, ["q1", "q2", "q3"]);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-4;
        assert!(
            score.queries == expect.queries
                && close(score.ndcg_at_10, expect.ndcg_at_10)
                && close(score.hit_at_1, expect.hit_at_1)
                && close(score.mrr, expect.mrr)
                && close(score.recall_at_10, expect.recall_at_10),
            "{score:?}"
        );
    }

    #[test]
    fn all_relevant_documents_first_is_perfect() {
        let expect = RankingScore {
            queries: 2,
            ndcg_at_10: 1.0,
            hit_at_1: 1.0,
            mrr: 1.0,
            recall_at_10: 1.0,
        };
        check(&[("q1", &["b", "a", "x"]), ("q2", &["c"])], expect);
    }

    #[test]
    fn a_query_without_results_counts_as_missed() {
        // q1: relevant at ranks 2 and 4 of an ideal 1 and 2.
        let ideal = 1.0 + 1.0 / 3.0_f64.log2();
        let expect = RankingScore {
            queries: 2,
            ndcg_at_10: (1.0 / 3.0_f64.log2() + 1.0 / 5.0_f64.log2()) / ideal / 2.0,
            hit_at_1: 0.0,
            mrr: 0.25,
            recall_at_10: 0.5,
        };
        check(&[("q1", &["x", "a", "y", "b"])], expect);
    }

    #[test]
    fn a_line_of_another_shape_is_named() {
        let error = Judgements::read("head\nq1 a 1\n").unwrap_err().to_string();
        assert!(error.starts_with("line 2: "), "{error}");
    }
}
