#!/usr/bin/env python3
"""Make a CPU-only libtorch folder out of the torch wheel.

The x86_64 wheel is built for CUDA, and 797 MB large. Of its libraries only libtorch_cpu,
libc10 and libgomp are needed here. libtorch_cpu names two NVIDIA libraries, which its
profiler alone calls; small stubs that answer "no CUDA" stand in for them, so neither
NVIDIA's wheels nor patchelf are needed. The aarch64 wheel is built for the CPU and needs
no stubs; its other libraries lie in torch.libs. One rule serves both: keep what the NEEDED
entries name, starting from libtorch_cpu.

Every library finds the others beside it, as its RPATH holds $ORIGIN (a dependency without
one inherits libtorch_cpu's). So the folder works wherever it is put.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import zipfile
from collections import defaultdict
from pathlib import Path

import cache
import fetch
from cache import EXIT_USAGE, SetupError, say

VERSION = "2.4.1"
# Raise this whenever the folder's content must be made anew from the same wheel.
SETUP_VERSION = 1
# The libraries as unpacked (500 MB), and once more as strip writes its copy.
WORKING_MEGABYTES = 950

WHEELS = {
    "x86_64": fetch.Wheel(
        name="torch",
        version=VERSION,
        platform="manylinux1_x86_64",
        file_name=f"torch-{VERSION}-cp311-cp311-manylinux1_x86_64.whl",
        sha256="0b5f88afdfa05a335d80351e3cea57d38e578c8689f751d35e0ff36bce872113",
        megabytes=797,
        option="--torch-wheel",
    ),
    "aarch64": fetch.Wheel(
        name="torch",
        version=VERSION,
        platform="manylinux2014_aarch64",
        file_name=f"torch-{VERSION}-cp311-cp311-manylinux2014_aarch64.whl",
        sha256="ef503165f2341942bfdf2bd520152f19540d0c0e34961232f134dc59ad435be8",
        megabytes=90,
        option="--torch-wheel",
    ),
}

# torch-sys compares this file with the version it was written for, which is 2.4.0; 2.4.1
# is a bug-fix release with the same interface.
BUILD_VERSION = "2.4.0+cpu\n"

ROOT_LIBRARIES = ("libtorch_cpu.so", "libc10.so")
LIBRARY_FOLDERS = ("torch/lib/", "torch.libs/")
DOCUMENTS = re.compile(r"torch-[^/]*\.dist-info/(LICENSE|NOTICE|METADATA)")
NVIDIA_SYMBOL = re.compile(r"\bU (\w+)@(lib(?:cudart|cupti)[.\w]*)")

# cudaErrorNoDevice, and the value that both CUDA and CUPTI use for "unknown error".
NO_DEVICE = 100
UNKNOWN_ERROR = 999


def main():
    options = parse_arguments()
    root = Path(options.cache)
    wheel = wheel_for_this_machine()
    target = root / "libtorch" / VERSION
    recipe = {"wheel": wheel.sha256, "setup_version": SETUP_VERSION}
    with cache.locked(root) as lock:
        cache.clean_leftovers(target)
        if not cache.is_ready(target, recipe, options.verify):
            wheel_path = fetch.obtain(wheel, options.wheel, root, lock, WORKING_MEGABYTES)
            say(f"unpacking the CPU part of {wheel_path.name} ...")
            cache.install(target, recipe, lambda folder: fill(folder, wheel_path))
        fetch.discard(wheel, root)
    say(f"ready: libtorch {VERSION} in {target}")


def parse_arguments():
    parser = argparse.ArgumentParser(description="Make the CPU-only libtorch folder.")
    parser.add_argument("--cache", required=True, help="the cache folder")
    parser.add_argument("--wheel", help="a local torch wheel, instead of a download")
    parser.add_argument("--verify", action="store_true", help="hash every file again")
    return parser.parse_args()


def wheel_for_this_machine():
    system, machine = platform.system(), platform.machine()
    if system != "Linux" or machine not in WHEELS:
        raise SetupError(
            f"there is no ready-made libtorch for {system} on {machine} (only for Linux on "
            f"{' and '.join(WHEELS)}). Install libtorch {VERSION} yourself and run "
            "LIBTORCH=/path/to/libtorch scripts/setup",
            EXIT_USAGE,
        )
    return WHEELS[machine]


def fill(folder, wheel_path):
    """Write the whole libtorch folder."""
    libraries = folder / "lib"
    libraries.mkdir()
    with zipfile.ZipFile(wheel_path) as wheel:
        unpack_headers_and_documents(wheel, folder)
        kept = unpack_libraries(wheel, libraries)
    if "libcudart.so.12" in needed_by(libraries / "libtorch_cpu.so"):
        strip_symbols(kept)
        write_nvidia_stubs(libraries)
    write_libtorch_shim(libraries)
    (folder / "build-version").write_text(BUILD_VERSION)


def unpack_headers_and_documents(wheel, folder):
    for name in wheel.namelist():
        if name.endswith("/"):
            continue
        if name.startswith("torch/include/"):
            unpack(wheel, name, folder / name[len("torch/") :])
        elif DOCUMENTS.fullmatch(name):
            unpack(wheel, name, folder / os.path.basename(name))


def unpack_libraries(wheel, libraries):
    """Unpack the root libraries and, in turn, whatever they need and the wheel has."""
    available = {
        os.path.basename(name): name
        for name in wheel.namelist()
        if name.startswith(LIBRARY_FOLDERS)
    }
    wanted = list(ROOT_LIBRARIES)
    kept = {}
    while wanted:
        library = wanted.pop()
        if library in kept or library not in available:
            continue
        kept[library] = libraries / library
        unpack(wheel, available[library], kept[library])
        wanted += needed_by(kept[library])
    return list(kept.values())


def unpack(wheel, name, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with wheel.open(name) as source, open(path, "wb") as destination:
        shutil.copyfileobj(source, destination, cache.BLOCK_BYTES)


def needed_by(library):
    text = output_of("readelf", "--dynamic", "--wide", library)
    return re.findall(r"\(NEEDED\).*\[(.+)\]", text)


def strip_symbols(libraries):
    """Drop the symbol tables that nothing loads: 95 MB.

    Only for the CUDA wheel: the aarch64 one's libraries were rewritten by patchelf, which
    not every strip copes with, and they are small.
    """
    for library in libraries:
        output_of("strip", "--strip-unneeded", library)


def write_nvidia_stubs(libraries):
    undefined = output_of("nm", "-D", "--undefined-only", libraries / "libtorch_cpu.so")
    functions = defaultdict(list)
    for function, library in NVIDIA_SYMBOL.findall(undefined):
        functions[library].append(function)
    for library, names in functions.items():
        source = "".join(stub_function(name) for name in names)
        # The references carry the library's name as a symbol version; so must the stubs.
        compile_library(libraries / library, source, version=library)


def stub_function(name):
    """C source for a stand-in. Callers pass arguments it ignores, which the ABI allows."""
    if name == "cudaGetDeviceCount":
        return f"int {name}(int *count) {{ *count = 0; return {NO_DEVICE}; }}\n"
    if name.endswith("String"):
        return f'const char *{name}(void) {{ return "no CUDA (stub)"; }}\n'
    return f"int {name}(void) {{ return {UNKNOWN_ERROR}; }}\n"


def write_libtorch_shim(libraries):
    """libtorch.so is an empty library in the wheel too, but there it names the CUDA part."""
    source = "int voc_libtorch_shim(void) { return 0; }\n"
    compile_library(libraries / "libtorch.so", source)


def compile_library(path, source, version=None):
    source_path = path.with_name("stub.c")
    map_path = path.with_name("stub.map")
    source_path.write_text(source)
    command = ["cc", "-shared", "-fPIC", "-O1", "-w", f"-Wl,-soname,{path.name}"]
    if version is not None:
        map_path.write_text(f"{version} {{ global: *; }};\n")
        command.append(f"-Wl,--version-script={map_path}")
    output_of(*command, source_path, "-o", path)
    for leftover in (source_path, map_path):
        if leftover.exists():
            leftover.unlink()


def output_of(*command):
    """Run a tool and return what it prints; LC_ALL=C, as binutils translates its output."""
    command = [str(word) for word in command]
    try:
        finished = subprocess.run(
            command,
            env=dict(os.environ, LC_ALL="C"),
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise SetupError(f"{command[0]} is not installed", EXIT_USAGE) from None
    if finished.returncode != 0:
        raise SetupError(f"'{' '.join(command)}' failed:\n{finished.stderr.strip()}")
    return finished.stdout


if __name__ == "__main__":
    cache.run_main(main)
