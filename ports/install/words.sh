# shellcheck shell=sh
# What is said, and the one place from which anything is changed.
# shellcheck disable=SC2034,SC2154  # the variables are install.sh's
n_changes=0

say() {
    echo "edgepose: $*"
}

warn() {
    echo "edgepose: $*" >&2
}

fail() {
    warn "$*"
    exit 2
}

# Run a command that changes something; of a dry run the command is all there is.
change() {
    n_changes=$((n_changes + 1))
    if [ -n "$dry" ]; then
        show "$@"
    else
        "$@"
    fi
}

show() {
    case $1 in
        as_daemon) shift && set -- inside runuser -u edgepose -- "$@" ;;
    esac
    if [ "$1" = inside ]; then
        shift
        [ -z "$root" ] || set -- chroot "$root" "$@"
    fi
    echo "  would run: $*"
}

# Run a command in the system that is being installed.
inside() {
    if [ -n "$root" ]; then
        chroot "$root" "$@"
    else
        "$@"
    fi
}

# A file of ours, where it is missing or another: put SOURCE DESTINATION.
put() {
    cmp -s "$1" "$root$2" || change install -D -m 644 "$1" "$root$2"
}

# Take away what is there; keeps quiet about what is not.
drop() {
    for path in "$@"; do
        if [ -e "$root$path" ] || [ -L "$root$path" ]; then change rm -rf "$root$path"; fi
    done
}
