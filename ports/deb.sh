#!/bin/sh
# Build edgepose_VERSION_ARCHITECTURE.deb; the same tree gives the same bytes.
#
#     ports/deb.sh amd64|arm64|armhf [--wheel FILE] [--out DIR] [--python 3.11]
#
# /usr/lib/edgepose is a virtual environment of Debian's Python with edgepose's wheel and, as the lock pins them by
# hash, the packages that Debian has not or not new enough: it installs without network, and dpkg owns every file.
# One Python a package: 3.11 is bookworm's and Raspberry Pi OS's; another one's name is a part of the version.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=. wheel="" python=3.11 builder=${PYTHON:-python3}
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-1577836800}" # 2020-01-01, as in the wheels

fail() {
    echo "deb.sh: $*" >&2
    exit 2
}

read_options() {
    case ${1:-} in
        amd64) machine=x86_64 ;;
        arm64) machine=aarch64 ;;
        armhf) machine=armv7l ;;
        *) fail "which architecture? amd64, arm64 or armhf" ;;
    esac
    architecture=$1
    shift
    while [ $# -gt 1 ]; do
        case $1 in
            --wheel) wheel=$2 ;;
            --out) out=$2 ;;
            --python) python=$2 ;;
            *) fail "$1 is not known: --wheel FILE, --out DIR, --python 3.11" ;;
        esac
        shift 2
    done
    [ $# = 0 ] || fail "$1 wants a value"
    lock=$here/locks/$python-$machine-daemon.txt
    [ -f "$lock" ] || fail "$lock is not there: no package for Python $python on $architecture"
}

find_wheel() {
    [ -n "$wheel" ] || wheel=$("$builder" "$here/build/wheel.py" "$machine" --out "$work/wheel")
    case $wheel in
        *edgepose-*_"$machine".whl) ;;
        *) fail "$wheel is not a wheel for $machine ($architecture)" ;;
    esac
    version=$(basename "$wheel" | cut -d - -f 2)
    [ "$python" = 3.11 ] || version=$version+py$python
}

# Debian's NumPy serves here, and what a lock has besides is not run on the machine that builds.
fill_environment() {
    site=$tree/usr/lib/edgepose/lib/python$python/site-packages
    sed '/^numpy==/,/[^\\]$/d' "$lock" >"$work/lock.txt"
    pip --require-hashes -r "$work/lock.txt"
    pip --no-index "$wheel"
    rm -rf "${site:?}/bin"
    find "$site" -path '*.dist-info/*' \( -name RECORD -o -name direct_url.json \) -delete
    find "$site" -type d -name tests -prune -exec rm -rf {} +
    rm -rf "$site/ai_edge_litert/vendors" "$site/ai_edge_litert/tools/apply_plugin_main" # compilers for other chips
    find "$site" -type f -exec chmod 644 {} +
    printf 'home = /usr/bin\ninclude-system-site-packages = true\nversion = %s\n' "$python" \
        >"$tree/usr/lib/edgepose/pyvenv.cfg"
    install -d "$tree/usr/lib/edgepose/bin" "$tree/usr/bin"
    ln -s "../../../bin/python$python" "$tree/usr/lib/edgepose/bin/python3"
    install -m 755 "$here/debian/edgepose" "$tree/usr/lib/edgepose/bin/edgepose"
    ln -s ../lib/edgepose/bin/edgepose "$tree/usr/bin/edgepose"
}

pip() {
    # shellcheck disable=SC2046  # an option a platform
    "$builder" -m pip --quiet --disable-pip-version-check install --target "$site" --no-deps --no-compile --upgrade \
        --only-binary :all: --implementation cp --python-version "$python" $(platforms) "$@"
}

# All that wheels for a C library up to bookworm's may be called.
platforms() {
    for minor in 36 35 34 33 32 31 30 29 28 27 26 24 17; do echo "--platform manylinux_2_${minor}_$machine"; done
    echo "--platform manylinux2014_$machine --platform linux_$machine"
}

fill_system() {
    sed 's|/opt/edgepose/bin/edgepose|/usr/bin/edgepose|' "$here/systemd/edgepose.service" |
        install -D -m 644 /dev/stdin "$tree/usr/lib/systemd/system/edgepose.service"
    install -D -m 644 "$here/systemd/edgepose.sysusers" "$tree/usr/lib/sysusers.d/edgepose.conf"
    install -D -m 644 "$here/systemd/notify-reload.conf" "$tree/usr/share/edgepose/notify-reload.conf"
    install -D -m 644 "$here/debian/lintian-overrides" "$tree/usr/share/lintian/overrides/edgepose"
}

fill_documents() {
    documents=$tree/usr/share/doc/edgepose
    install -D -m 644 -t "$documents" "$here/debian/copyright" "$here/../docs/daemon.md"
    date=$(date -R -u -d "@$SOURCE_DATE_EPOCH")
    sed "s/@version@/$version/; s/@date@/$date/" "$here/debian/changelog" | gzip -9n >"$documents/changelog.gz"
    gzip -9nc "$here/../CHANGELOG.md" >"$documents/CHANGELOG.md.gz"
}

fill_control() {
    install -d "$tree/DEBIAN"
    for script in postinst prerm postrm; do
        sed "s/@python@/$python/" "$here/debian/$script" >"$tree/DEBIAN/$script"
        chmod 755 "$tree/DEBIAN/$script"
    done
    size=$(du -sk --apparent-size --exclude=DEBIAN "$tree" | cut -f 1)
    sed "s/@version@/$version/; s/@architecture@/$architecture/; s/@size@/$size/; s/@depends@/$(depends)/
        s/@suggests@/$(listed offered)/; /^Suggests: $/d" "$here/debian/control" >"$tree/DEBIAN/control"
    (cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
}

listed() {
    "$here/packages.sh" "$architecture" "$@" | paste -s -d , | sed 's/,/, /g'
}

depends() {
    after=${python%.*}.$((${python#*.} + 1))
    glibc=2.28
    [ "$architecture" != armhf ] || glibc=2.34
    others=$(listed run deb service | sed 's/^python3, //')
    echo "libc6 (>= $glibc), python3 (>= $python~), python3 (<< $after~), $others"
}

read_options "$@"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
umask 022
find_wheel
fill_environment
fill_system
fill_documents
fill_control
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$out"
file=edgepose_${version}_$architecture.deb
dpkg-deb --root-owner-group --threads-max=1 -Zxz -z2 --build "$tree" "$work/$file" >/dev/null
mv "$work/$file" "$out/$file"
echo "$out/$file"
