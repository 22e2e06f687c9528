#!/usr/bin/env bash
# Builds the kernels with AddressSanitizer and UBSan in a copy of the tree and runs their tests there.
# usage: tests/asan.sh PYTHON
set -eu
python=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r edgepose models tests setup.py setup.cfg pyproject.toml README.md LICENSE "$copy"
cd "$copy"
rm -f edgepose/native/*.so
# -DEDGEPOSE_PLAIN: the sanitizer's runtime is not up yet when the loader would choose among a loop's versions.
CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=undefined -O1 -g -DEDGEPOSE_PLAIN" \
    "$python" setup.py -q build_ext --inplace 2>build.log || { cat build.log; exit 1; }
export LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" ASAN_OPTIONS=detect_leaks=0
"$python" -c 'from edgepose.native import KIND, WHY; assert KIND == "compiled", WHY'  # the twins would prove nothing
"$python" -P -m pytest -q -p no:cacheprovider tests/unit/test_letterbox.py tests/unit/test_movenet.py \
    tests/unit/test_presence.py tests/unit/test_openpose.py tests/unit/test_track_match.py
