use std::os::unix::process::ExitStatusExt;
use std::process::Output;

use serde_json::Value;

/// What a command left behind when it ended.
#[derive(Debug)]
pub struct Finished {
    /// Results.
    pub stdout: String,
    /// Log lines.
    pub stderr: String,
    /// The exit code; if a signal ended it, its number below zero.
    pub code: i32,
}

impl Finished {
    /// # Panics
    /// If the output is not UTF-8.
    pub(crate) fn new(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap_or_else(|error| panic!("{error}"));
        let signal = || Some(-output.status.signal()?);
        let code = output.status.code().or_else(signal);
        Self {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: code.unwrap_or(i32::MIN),
        }
    }

    /// Insists on an exit code.
    ///
    /// # Panics
    /// If it is another, with everything the command wrote.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "exit code\n{}", self.transcript());
        self
    }

    /// The one JSON document on stdout.
    ///
    /// # Panics
    /// If it is none, with everything the command wrote.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}", self.transcript()))
    }

    /// The JSON documents on stdout, one per line.
    ///
    /// # Panics
    /// If a line is none, with everything the command wrote.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        let parse = |line| {
            serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{error}\n{}", self.transcript()))
        };
        self.stdout.lines().map(parse).collect()
    }

    /// Everything a user sees, for snapshots and failure messages.
    pub fn transcript(&self) -> String {
        let Self {
            stdout,
            stderr,
            code,
        } = self;
        format!("--- stdout\n{stdout}--- stderr\n{stderr}--- exit {code}\n")
    }
}
