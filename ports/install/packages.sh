# shellcheck shell=sh
# Debian's packages, as packages.txt lists them.
# shellcheck disable=SC2034,SC2154  # the variables are install.sh's

install_packages() {
    # shellcheck disable=SC2046  # one word a package
    set -- $(missing_packages $(kinds))
    # shellcheck disable=SC2046
    set -- "$@" $(offered_packages)
    if [ $# = 0 ]; then
        say "packages: all there"
        return
    fi
    say "packages: $*"
    apt_get update
    apt_get install --yes --no-install-recommends "$@"
}

kinds() {
    echo run service
    [ "$python" != /usr/bin/python3 ] || echo pip
    [ -n "$wheel" ] || echo build
}

missing_packages() {
    for package in $("$here/packages.sh" "$architecture" "$@"); do
        [ "$(field "$package" db:Status-Status)" = installed ] || echo "$package"
    done
}

# Packages of the board's own archive: only where it has them, and no dry run can ask a system that is not this one.
offered_packages() {
    [ -z "$dry" ] || [ -z "$root" ] || return 0
    for package in $(missing_packages offered); do
        ! inside apt-cache show "$package" >/dev/null 2>&1 || echo "$package"
    done
}

apt_get() {
    change inside env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" || fail "apt-get $1 failed (see above); mend it" \
        "and run this again: what is done stays done"
}
