use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longer than anything takes here, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// A command that was started to be killed; it is when dropped, too.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Starts `command`; what it writes is thrown away.
    ///
    /// # Panics
    /// If it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let spawned = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self(spawned.unwrap_or_else(|error| panic!("cannot start voc: {error}")))
    }

    /// Waits until `moment` holds, and kills the command there with SIGKILL.
    ///
    /// # Panics
    /// If it ends of itself, or the moment never comes.
    #[track_caller]
    pub fn kill_when(mut self, moment: impl Fn() -> bool) {
        let started = Instant::now();
        while !moment() {
            assert!(!self.has_ended(), "it ended before the moment to kill it");
            assert!(
                started.elapsed() < PATIENCE,
                "the moment to kill it never came"
            );
            sleep(Duration::from_millis(10));
        }
        assert!(!self.has_ended(), "it ended at the very moment to kill it");
    }

    fn has_ended(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_some())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Either fails only where it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether the store's log at `path` holds a committed chunk of 512 records since it was
/// last emptied: that is about a megabyte, all else a few kilobytes.
pub fn holds_a_chunk(path: &Path) -> bool {
    let Ok(about) = std::fs::metadata(path) else {
        return false;
    };
    // A log that is still being written to may lack the end of the transaction.
    let at_rest = about
        .modified()
        .ok()
        .and_then(|modified| modified.elapsed().ok());
    about.len() > 300_000 && at_rest.is_some_and(|time| time > Duration::from_millis(250))
}
