//! How the process gives memory back: not while it trains.
//!
//! Each step makes and drops the same few hundred tensors of some megabytes. glibc by default
//! returns such blocks to the system at once and asks for them again, zeroed page by page,
//! which takes about a sixth of a training's time. Other C libraries are left as they are.

/// From now on freed memory is kept for the next step. It counts for the whole process.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn keep() {
    /// The highest that every glibc takes; no tensor of a step is bigger.
    const BIGGEST: libc::c_int = 32 << 20;
    const GROW_BY: libc::c_int = 64 << 20;
    let options = [
        (libc::M_MMAP_THRESHOLD, BIGGEST),
        (libc::M_TRIM_THRESHOLD, libc::c_int::MAX),
        (libc::M_TOP_PAD, GROW_BY),
    ];
    for (option, value) in options {
        // SAFETY: mallopt takes the allocator's own lock, and reads nothing but its arguments.
        // An option that it refuses stays as it was.
        unsafe { libc::mallopt(option, value) };
    }
}

/// Nothing to set.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn keep() {}
