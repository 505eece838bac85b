use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Finished, cache_folder};

/// A folder of its own with a configuration and exports; commands run inside it.
#[derive(Debug)]
pub struct Instance {
    folder: PathBuf,
    /// Removes the folder when dropped.
    _temporary: Option<TempDir>,
    /// The cache folder that commands use, if it is not the user's.
    cache: Option<PathBuf>,
}

impl Instance {
    /// An empty folder.
    ///
    /// # Panics
    /// If it cannot be made, as all functions here panic when the file system fails them.
    pub fn empty() -> Self {
        let temporary = must(tempfile::tempdir(), "cannot make a temporary folder");
        Self {
            folder: temporary.path().to_owned(),
            _temporary: Some(temporary),
            cache: None,
        }
    }

    /// The folder `folder`, emptied. It is left when dropped, so that what is in a `static`
    /// does not leave one behind with every run.
    pub fn at(folder: &Path) -> Self {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                panic!("cannot empty {}: {error}", folder.display())
            }
            _ => must(fs::create_dir_all(folder), "cannot make a folder"),
        }
        Self {
            folder: folder.to_owned(),
            _temporary: None,
            cache: None,
        }
    }

    /// A folder with this `voc.toml`, and files by their names in it.
    pub fn new(config: &str, files: &[(&str, &str)]) -> Self {
        let instance = Self::empty();
        instance.write("voc.toml", config);
        for (name, content) in files {
            instance.write(name, content);
        }
        instance
    }

    /// A folder with a copy of everything in `other`.
    pub fn copy_of(other: &Self) -> Self {
        let instance = Self::empty();
        for file in files_below(&other.folder) {
            let name = must(
                file.strip_prefix(&other.folder),
                "a file below another folder",
            );
            let copy = instance.path(name);
            make_parent(&copy);
            must(
                fs::copy(&file, &copy),
                &format!("cannot copy {}", file.display()),
            );
        }
        instance
    }

    /// Gives it a cache folder of its own, so that the user's is left as it is. The models
    /// are linked; examples that are encoded already are copied.
    #[must_use]
    pub fn with_own_cache(mut self) -> Self {
        let (users, own) = (cache_folder(), self.path("cache"));
        let make = |result: std::io::Result<()>| must(result, "cannot make a cache folder");
        make(fs::create_dir_all(own.join("examples")));
        make(symlink(users.join("models"), own.join("models")));
        let encoded = fs::read_dir(users.join("examples"));
        for file in encoded.into_iter().flatten().flatten() {
            let copy = own.join("examples").join(file.file_name());
            make(fs::copy(file.path(), copy).map(|_| ()));
        }
        self.cache = Some(own);
        self
    }

    /// The path of a file in it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes or replaces a file, with the folders above it.
    pub fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        make_parent(&path);
        must(
            fs::write(&path, content),
            &format!("cannot write {}", path.display()),
        );
    }

    /// What is in a file.
    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        let path = self.path(name);
        must(fs::read(&path), &format!("cannot read {}", path.display()))
    }

    /// Every file below the folder `name`, in order.
    pub fn files_below(&self, name: impl AsRef<Path>) -> Vec<PathBuf> {
        files_below(&self.path(name))
    }

    /// `voc` with these arguments, not started yet. It runs in the folder, without a
    /// terminal, and without variables that change what it writes.
    pub fn voc<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(binary());
        command
            .args(args)
            .current_dir(&self.folder)
            .stdin(Stdio::null());
        for variable in ["VOC_LOG", "COLUMNS", "LINES"] {
            command.env_remove(variable);
        }
        if let Some(cache) = &self.cache {
            command.env("VOC_CACHE_DIR", cache);
        }
        command
    }

    /// Runs `voc` with these arguments to its end.
    pub fn run<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Finished {
        finish(&mut self.voc(args))
    }

    /// Runs `voc` with these arguments to its end, with `input` on stdin.
    pub fn feed<'a>(&self, args: impl IntoIterator<Item = &'a str>, input: &str) -> Finished {
        let mut command = self.voc(args);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = must(command.spawn(), "cannot start voc");
        let mut stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            // Beside reading, so that neither side waits for the other. A command that
            // stops reading early is no fault of the test.
            scope.spawn(move || {
                stdin
                    .take()
                    .map(|mut stdin| stdin.write_all(input.as_bytes()))
            });
            child.wait_with_output()
        });
        Finished::new(must(output, "cannot wait for voc"))
    }

    /// The JSON document that `voc` with these arguments prints; it must exit 0.
    ///
    /// # Panics
    /// Otherwise.
    #[track_caller]
    pub fn json<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Value {
        self.run(args).expect(0).json()
    }
}

/// Runs `command` to its end.
pub fn finish(command: &mut Command) -> Finished {
    Finished::new(must(command.output(), "cannot start voc"))
}

/// The binary of the same build as the test that asks: both lie in `target/PROFILE`.
fn binary() -> PathBuf {
    let test = must(std::env::current_exe(), "cannot tell where the test is");
    let binary = test
        .parent()
        .and_then(Path::parent)
        .map(|profile| profile.join("voc"));
    binary.filter(|binary| binary.exists()).unwrap_or_else(|| {
        panic!("build it first: cargo build --release -p voc-cli (scripts/test does)")
    })
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in must(
            fs::read_dir(&folder),
            &format!("cannot list {}", folder.display()),
        ) {
            let path = must(entry, "cannot read an entry").path();
            if path.is_dir() {
                folders.push(path)
            } else {
                files.push(path)
            }
        }
    }
    files.sort();
    files
}

fn make_parent(path: &Path) {
    if let Some(folder) = path.parent() {
        must(
            fs::create_dir_all(folder),
            &format!("cannot make {}", folder.display()),
        );
    }
}

/// A test cannot go on without what the file system refuses it.
#[track_caller]
fn must<T, E: std::fmt::Display>(result: Result<T, E>, what: &str) -> T {
    result.unwrap_or_else(|error| panic!("{what}: {error}"))
}
