# shellcheck shell=sh
# What goes into the environment: the locked packages, edgepose's own wheel, and extras.
# shellcheck disable=SC2034,SC2086,SC2154  # $binary is two words; the variables are install.sh's
binary="--only-binary :all:"

fill_environment() {
    find_wheel
    if [ "$(lock)" = /dev/null ]; then
        pip install $binary "$work/${file}[daemon]"
    else
        copy_lock
        pip install $binary --no-deps --require-hashes -r "$work/lock.txt"
        pip install --no-deps --no-index "$work/$file"
    fi
    if [ -z "$lite" ]; then
        add_extras
    elif [ -f "$here/lite.py" ]; then
        make_small
    fi
}

# Without what is never loaded; then what is loaded is compiled once, for the service may not write here.
make_small() {
    change cp "$here/lite.py" "$root$work/"
    change inside "$folder/bin/python" -B "$work/lite.py"
    change inside "$folder/bin/python" -c "import edgepose.daemon.service, edgepose.daemon.web.server, aiohttp.web
from edgepose.backends import tflite
tflite.find_interpreter()"
}

# The lock, without what picamera2 needs as Debian has it: its compiled parts are made for that NumPy.
copy_lock() {
    change cp "$(lock)" "$root$work/lock.txt"
    ! sees_picamera || change sed -i '/^numpy==/,/[^\\]$/d' "$root$work/lock.txt"
}

# What is faster here and there; a board whose C library is too old for it goes on without, visibly.
add_extras() {
    [ "$machine" != armv7l ] || return 0
    for extra in openvino opencl; do
        try_pip install $binary "$work/${file}[$extra]" || warn "$extra cannot be installed here, and is left out"
    done
}

pip() {
    try_pip "$@" || fail "pip failed (see above); ${previous:-nothing} stays in use, and nothing half-done is left"
}

# Nothing is left in caches, or goes through a /tmp that is small.
try_pip() {
    change inside env TMPDIR="$work" "$folder/bin/python" -m pip --quiet --disable-pip-version-check --no-cache-dir "$@"
}

# The wheel that was given, or one of the checkout around this script.
find_wheel() {
    if [ -n "$wheel" ]; then
        change cp "$wheel" "$root$work/"
    else
        change mkdir "$root$work/source"
        copy_sources
        pip wheel --no-deps --wheel-dir "$work" "$work/source"
    fi
    file=$(cd "$root$work" 2>/dev/null && echo edgepose-*.whl || echo "edgepose-$version-*_$machine.whl")
}

copy_sources() {
    for path in edgepose models ports setup.py setup.cfg pyproject.toml MANIFEST.in README.md CHANGELOG.md LICENSE; do
        change cp -R "$checkout/$path" "$root$work/source/"
    done
}
