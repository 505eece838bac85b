"""The cache folder: its lock, and folders in it that are complete or absent.

A folder is built beside its final place, under a name that no reader uses. Its stamp is
written last, everything is flushed to disk, and one rename puts it in place. So a set-up
that is killed at any moment leaves either nothing or a complete folder, and the next run
removes what was left over.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sys

STAMP_NAME = ".voc-setup.json"
BLOCK_BYTES = 1 << 20

# The exit codes of the whole project.
EXIT_USAGE = 2
EXIT_FAILED = 3


class SetupError(Exception):
    """Something the user must know about: printed as it is, without a traceback."""

    def __init__(self, message, exit_code=EXIT_FAILED):
        super().__init__(message)
        self.exit_code = exit_code


def say(message):
    print(message, flush=True)


def run_main(main):
    """Run `main`, turning the errors a user can act on into one message."""
    try:
        main()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        print(f"setup: {error}", file=sys.stderr)
        sys.exit(EXIT_FAILED)
    except KeyboardInterrupt:
        print("setup: interrupted; run scripts/setup again to go on", file=sys.stderr)
        sys.exit(130)


@contextlib.contextmanager
def locked(root):
    """Hold the cache's lock; wait, and say so, while another set-up holds it.

    The kernel drops the lock when its last holder ends, so a killed set-up leaves none
    behind. Yields the descriptor, for child processes that must outlive us to hold it too.
    """
    root.mkdir(parents=True, exist_ok=True)
    with open(root / ".lock", "w") as lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another set-up is working in {root}; waiting for it to finish ...")
            fcntl.flock(lock_file, fcntl.LOCK_EX)
        yield lock_file.fileno()


def sha256_of(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(BLOCK_BYTES), b""):
            digest.update(block)
    return digest.hexdigest()


def is_ready(target, recipe, verify):
    """Whether `target` was completed by this very `recipe` and is still whole.

    Cheap by default: the stamp and every file's size. `verify` hashes every file.
    """
    stamp = read_stamp(target)
    if stamp is None or stamp.get("recipe") != recipe:
        return False
    damaged = first_damaged(target, stamp["files"], verify)
    if damaged is not None:
        say(f"{target / damaged} is missing or has changed: making the folder again")
    return damaged is None


def install(target, recipe, fill):
    """Let `fill(folder)` write a new folder, then put it in `target`'s place."""
    partial = partial_of(target)
    partial.mkdir(parents=True)
    try:
        fill(partial)
        write_stamp(partial, recipe)
    except BaseException:
        # A full disk, say: give back what we took. If killed, the next run does this.
        shutil.rmtree(partial, ignore_errors=True)
        raise
    # One flush for thousands of small files: an fsync for each would take far longer.
    os.sync()
    replace_folder(partial, target)


def clean_leftovers(target):
    """Remove what a killed set-up left beside `target`. Only under the lock."""
    for leftover in (partial_of(target), old_of(target)):
        if leftover.exists():
            shutil.rmtree(leftover)


def partial_of(target):
    return target.with_name(f".{target.name}.partial")


def old_of(target):
    return target.with_name(f".{target.name}.old")


def replace_folder(partial, target):
    """Swap the folders. A rename cannot replace a full folder, hence the step aside."""
    if target.exists():
        target.rename(old_of(target))
    partial.rename(target)
    flush_folder(target.parent)
    clean_leftovers(target)


def flush_folder(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_stamp(target):
    try:
        return json.loads((target / STAMP_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_stamp(folder, recipe):
    files = {
        str(path.relative_to(folder)): [path.stat().st_size, sha256_of(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    text = json.dumps({"recipe": recipe, "files": files}, indent=0)
    (folder / STAMP_NAME).write_text(text, encoding="utf-8")


def first_damaged(target, files, verify):
    """The first file that differs from the stamp, or None."""
    for name, (size, digest) in files.items():
        # Not a Path: there are 9,000 files, and this runs at every set-up.
        path = os.path.join(target, name)
        try:
            if os.stat(path).st_size != size:
                return name
            if verify and sha256_of(path) != digest:
                return name
        except OSError:
            return name
    return None
