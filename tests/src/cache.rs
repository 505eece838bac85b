use std::env;
use std::path::PathBuf;

/// Where set-up put the model, by the same rule as `scripts/setup`.
///
/// # Panics
/// If no variable says where.
pub fn cache_folder() -> PathBuf {
    let set = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("VOC_CACHE_DIR")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("voc-pulse")))
        .or_else(|| set("HOME").map(|folder| folder.join(".cache").join("voc-pulse")))
        .unwrap_or_else(|| panic!("no cache folder: set HOME or VOC_CACHE_DIR"))
}
