use std::fmt::Write;

use crate::{Cell, Slice};

/// How tables are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Columns aligned by blanks.
    Text,
    /// Markdown tables.
    Markdown,
}

impl Style {
    pub(super) fn heading(self, heading: &str) -> String {
        match self {
            Self::Text => heading.to_owned(),
            Self::Markdown => format!("### {heading}"),
        }
    }
}

/// Rows under a head. Columns that are empty in every row are left out.
pub(super) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn new(head: Vec<String>) -> Self {
        Self {
            head,
            rows: Vec::new(),
        }
    }

    pub fn push(&mut self, row: Vec<String>) {
        self.rows.push(row);
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The head and the rows, without empty columns.
    pub fn lines(&self) -> Vec<Vec<&str>> {
        let used: Vec<usize> = (0..self.head.len())
            .filter(|column| self.rows.iter().any(|row| !row[*column].is_empty()))
            .collect();
        let lines = std::iter::once(&self.head).chain(&self.rows);
        lines
            .map(|row| used.iter().map(|column| row[*column].as_str()).collect())
            .collect()
    }

    pub fn written(&self, style: Style) -> String {
        let lines = self.lines();
        match style {
            Style::Text => aligned(&lines),
            Style::Markdown => markdown(&lines),
        }
    }
}

fn aligned(lines: &[Vec<&str>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let mut written = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            let _ = write!(written, "{cell:width$}  ");
        }
        text.push_str(written.trim_end());
        text.push('\n');
    }
    text
}

fn markdown(lines: &[Vec<&str>]) -> String {
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        let _ = writeln!(text, "| {} |", line.join(" | "));
        if index == 0 {
            let rule: Vec<&str> = line.iter().map(|_| "---").collect();
            let _ = writeln!(text, "| {} |", rule.join(" | "));
        }
    }
    text
}

/// `0.71 [0.65–0.77] 74`, in brackets where it rests on few positives; empty without one.
pub(super) fn figure(cell: Option<&Cell>) -> String {
    let Some((cell, f1)) = cell.and_then(|cell| Some((cell, cell.f1?))) else {
        return String::new();
    };
    let interval = cell.interval.map_or_else(String::new, |interval| {
        format!(" [{:.2}–{:.2}]", interval.low, interval.high)
    });
    let figure = format!("{f1:.2}{interval} {}", cell.counts.gold);
    if cell.few {
        format!("({figure})")
    } else {
        figure
    }
}

pub(super) fn slice_name(slice: &Slice) -> String {
    let mut names: Vec<String> = slice.languages.iter().map(ToString::to_string).collect();
    names.extend(slice.channel.map(|channel| channel.to_string()));
    if names.is_empty() {
        "all".to_owned()
    } else {
        names.join(" ")
    }
}

pub(super) fn pooled_name(slice: &Slice) -> String {
    format!("({})", slice_name(slice))
}
