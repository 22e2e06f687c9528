"""Make an installed edgepose small: leave out what it never loads, keep every licence.

    VENV/bin/python -B lite.py [--measure] [--keep-symbols]

Acts on the virtual environment of the Python that runs it. What is left out is listed in DROPPED; every distribution's
RECORD is written anew, so pip can upgrade and remove it. Twice is fine. `--measure` changes nothing and says what
takes how much. docs/memory.md has the sizes.
"""

import argparse
import base64
import csv
import hashlib
import io
import os
import shutil
import struct
import sys
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path

#: What a distribution brings that edgepose does not load.
DROPPED = {
    "numpy": ("numpy/tests/*", "numpy/*/tests/*", "numpy/f2py/*", "numpy/_core/include/*", "numpy/_core/lib/*",
              "numpy/random/lib/*", "numpy/distutils/*", "numpy/_pyinstaller/*", "numpy/_core/_simd.*.so",
              "numpy/_core/_*_tests.*.so"),
    "ai-edge-litert": ("*/libLiteRtWebGpuAccelerator.so", "*/libLiteRt.so", "ai_edge_litert/aot/*",
                       "ai_edge_litert/vendors/*", "ai_edge_litert/tools/*", "ai_edge_litert/*_pb2.py",
                       "ai_edge_litert/schema_py_generated.py"),
    "ml_dtypes": ("ml_dtypes/*.so",),
    "protobuf": ("google/*",),
    "pillow": ("PIL/_avif.*.so", "pillow.libs/libavif-*", "PIL/_imagingcms.*.so", "pillow.libs/liblcms2-*"),
}
#: What only compilers and type checkers read, of any distribution.
SOURCES = ("*.pyi", "*.pxd", "*.pyx", "*.hpp", "*.a")
#: What only installs; `python -m ensurepip` brings it back for an upgrade.
INSTALLERS = ("pip", "setuptools", "wheel")
PAGE_BYTES = 4096


def main(arguments=None):
    """Make this environment small; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--measure", action="store_true", help="change nothing")
    parser.add_argument("--keep-symbols", action="store_true", help="libraries stay as they are")
    options = parser.parse_args(arguments)
    if sys.prefix == sys.base_prefix:
        parser.error(f"{sys.executable} is of no virtual environment; run this with the Python of one")
    if not options.measure:
        shrink(site(), options.keep_symbols)
    for n_bytes, name in sizes(site()):
        print(f"{n_bytes / 1e6:7.1f} MB {name}")
    print(f"{size_bytes(Path(sys.prefix)) / 1e6:7.1f} MB in all, {sys.prefix}")
    return 0


def shrink(site, keep_symbols=False):
    """Leave out of a site-packages what is not loaded and what installs, and of libraries what is not loaded."""
    found = list(metadata.distributions(path=[str(site)]))
    for distribution in found:
        drop(distribution, keep_symbols)
    for distribution in found:
        if distribution.metadata["Name"].lower() in INSTALLERS:
            remove(distribution)
    for folder in list(site.rglob("__pycache__")):
        shutil.rmtree(folder)  # of all modules; what is loaded writes its own when it first is
    for folder in sorted((path for path in site.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def drop(distribution, keep_symbols):
    """Shorten one distribution, and its RECORD with it."""
    patterns = (*DROPPED.get(distribution.metadata["Name"].lower(), ()), *SOURCES)
    for file, path in files_of(distribution):
        if any(fnmatch(str(file), pattern) for pattern in patterns) and ".dist-info" not in file.parts[0]:
            path.unlink()
        elif not keep_symbols and ".so" in path.name:
            keep_loaded(path)
    write_record(distribution)


def keep_loaded(path):
    """Write a library anew without symbols and whatever else no segment loads; nothing loaded moves or changes.

    `strip` moves segments of what auditwheel has patched, OpenBLAS for one, which then does not load any more.
    """
    data = path.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        return  # of 32 bits: those come from Debian
    made = path.with_name(path.name + ".made")
    write_sparse(made, loaded_of(data))
    shutil.copymode(path, made)
    made.replace(path)


def loaded_of(data):
    """Bytes of a 64-bit ELF file (elf(5)): its headers and segments where they were, zeros between; no sections."""
    begin, (size, n) = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<HH", data, 54)
    segments = [struct.unpack_from("<8xQ16xQ", data, begin + i * size) for i in range(n)]
    spans = [(0, 64), (begin, size * n), *segments]
    kept = bytearray(max(first + length for first, length in spans))
    for first, length in spans:
        kept[first:first + length] = data[first:first + length]
    struct.pack_into("<Q", kept, 40, 0)
    struct.pack_into("<HH", kept, 60, 0, 0)
    return kept


def write_sparse(path, data):
    """Write a file that takes no blocks on disk for pages of zeros, of which patched libraries are full."""
    with open(path, "wb") as file:
        for first in range(0, len(data), PAGE_BYTES):
            page = data[first:first + PAGE_BYTES]
            if page.strip(b"\0"):
                file.seek(first)
                file.write(page)
        file.truncate(len(data))


def files_of(distribution):
    """[(its name in RECORD, Path)] of every file that is there, byte code left aside."""
    listed = [(file, Path(distribution.locate_file(file))) for file in distribution.files or ()]
    return [(file, path) for file, path in listed if path.is_file() and path.suffix != ".pyc"]


def write_record(distribution):
    """What is there now, as pip would have written it."""
    text, record = io.StringIO(), None
    writer = csv.writer(text, lineterminator="\n")
    for file, path in files_of(distribution):
        if file.name == "RECORD":
            record = path
            writer.writerow((str(file), "", ""))
        else:
            digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()
            writer.writerow((str(file), f"sha256={digest}", path.stat().st_size))
    if record is not None:
        record.write_text(text.getvalue())


def remove(distribution):
    """Remove a distribution as `pip uninstall` does."""
    for _, path in files_of(distribution):
        path.unlink()


def sizes(site):
    """[(bytes on disk, name)] of what is in a site-packages, largest first, those above half a megabyte."""
    found = [(size_bytes(path), path.name) for path in site.iterdir()]
    return sorted((pair for pair in found if pair[0] > 500_000), reverse=True)


def size_bytes(path):
    """Blocks on disk of a file, or of a folder and all that is in it."""
    every = [path, *(path.rglob("*") if path.is_dir() and not path.is_symlink() else ())]
    return sum(os.lstat(one).st_blocks * 512 for one in every)


def site():
    """The environment's site-packages."""
    return Path(sys.prefix) / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


if __name__ == "__main__":
    sys.exit(main())
