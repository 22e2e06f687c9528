# shellcheck shell=sh
# What this is to be installed on: checked before anything is touched.
# shellcheck disable=SC2034,SC2154  # the variables are install.sh's
out="give another one with --python PATH, or one that uv fetches with --uv-python"

check_place() {
    check_user
    check_distribution
    check_architecture
    check_wheel
    find_python
    check_python
}

check_user() {
    [ -n "$dry" ] || [ "$(id -u)" = 0 ] || fail "this must be run as root: sudo $0; --dry-run shows what it would do"
}

# A field of an installed package: field PACKAGE NAME.
field() {
    dpkg-query --admindir="$root/var/lib/dpkg" -W -f "\${$2}" "$1" 2>/dev/null || :
}

release() {
    sed -n "s/^$1=//p" "$root/etc/os-release" 2>/dev/null | tr -d '"'
}

check_distribution() {
    distribution=$(release PRETTY_NAME)
    case " $(release ID) $(release ID_LIKE) " in
        *" debian "* | *" raspbian "* | *" ubuntu "*) ;;
        *) fail "${distribution:-this system} is not Debian, Raspberry Pi OS, Ubuntu or JetPack; make a virtual" \
            "environment by hand: ports/systemd/README.md" ;;
    esac
    [ -z "$(field edgepose Version)" ] || fail "edgepose is here as a Debian package: sudo apt remove edgepose first"
}

check_architecture() {
    architecture=$(field dpkg Architecture)
    case $architecture in
        amd64) machine=x86_64 ;;
        arm64) machine=aarch64 ;;
        armhf) machine=armv7l ;;
        *) fail "${architecture:-this architecture} has no TFLite runtime: it must be amd64, arm64 or armhf" ;;
    esac
    [ -n "$root" ] || [ "$(uname -m)" != armv6l ] ||
        fail "the processor is an ARMv6 and has no NEON: take a Raspberry Pi 2 or later, or a Zero 2 W"
}

check_wheel() {
    case $(basename "$wheel") in
        edgepose-*_"$machine".whl) version=$(basename "$wheel" | cut -d - -f 2) ;;
        "") version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$checkout/edgepose/__init__.py" 2>/dev/null || :) ;;
        *) fail "$wheel is not a wheel for $machine ($architecture): give the one whose name ends in _$machine.whl" ;;
    esac
    [ -n "$version" ] || fail "no edgepose beside $here: run it from a checkout, or name a wheel with --wheel FILE"
}

# JetPack's number by what its L4T release says, "JetPack 5"; nothing where it is none.
jetpack() {
    case $(sed -n 's/^# R\([0-9]*\) .*/\1/p' "$root/etc/nv_tegra_release" 2>/dev/null) in
        32) echo "JetPack 4, " ;;
        34 | 35) echo "JetPack 5, " ;;
        36) echo "JetPack 6, " ;;
    esac
}

find_python() {
    case $python in
        uv) [ -n "$dry" ] || inside uv --version >/dev/null 2>&1 ||
            fail "--uv-python needs uv, which is not here: docs/install.md says how to get it; then run this again" ;;
        "") python=/usr/bin/python3 ;;
        *) [ -x "$root$python" ] || fail "$python: no such interpreter" ;;
    esac
}

# "3.11" of the interpreter: by its link, which is Debian's way and true in a system that cannot be run here, or asked.
python_version() {
    case $python in
        uv) echo "$uv_python" && return ;;
        /usr/bin/python3) link=$(readlink "$root$python" || :) ;;
        *) link="" ;;
    esac
    case $link in
        python3.*) echo "${link#python}" ;;
        *) inside "$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || : ;;
    esac
}

# A system without any Python gets its own with the packages, and is asked again then.
check_python() {
    found=$(python_version)
    case $found in
        3.1[0-3]) check_python_of_arm ;;
        3.1[4-9] | 3.[2-9][0-9]) fail "Python $found is too new: the TFLite runtime's wheels end with 3.13; $out" ;;
        "") [ ! -e "$root$python" ] || fail "$python does not run" ;;
        *) fail "Python $found of $(jetpack)$distribution is too old: edgepose wants 3.10 to 3.13; $out" ;;
    esac
}

check_python_of_arm() {
    [ "$machine" != armv7l ] || [ "$found" = 3.10 ] || [ "$found" = 3.11 ] ||
        fail "Python $found on 32-bit ARM has no TFLite runtime, 3.11 is the last: take a 64-bit image, or bookworm's"
}
