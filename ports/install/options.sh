# shellcheck shell=sh
# The command line.
# shellcheck disable=SC2015,SC2034,SC2154  # `fail` does not return; the variables are install.sh's
uv_python=3.12

read_options() {
    while [ $# -gt 0 ]; do
        case $1 in
            --wheel | --board | --python | --root)
                [ $# -gt 1 ] || fail "$1 wants a value; see install.sh --help"
                read_value "${1#--}" "$2"
                shift
                ;;
            --lite) lite=yes ;;
            --dry-run) dry=yes ;;
            --uv-python) python=uv ;;
            --remove | --purge) task=${1#--} ;;
            --help | -h) usage && exit 0 ;;
            *) fail "$1 is not known; see install.sh --help" ;;
        esac
        shift
    done
}

read_value() {
    case $1 in
        wheel) wheel=$(full_path "$2") && [ -f "$wheel" ] || fail "$2: no such wheel" ;;
        root) root=$(full_path "$2") && [ -d "$root" ] || fail "$2: no such folder" ;;
        board) board=$2 && [ -f "$here/$2/board.toml" ] || fail "$2 is no board; there are: $(boards)" ;;
        python) python=$2 ;;
    esac
    [ "$root" != / ] || root=""
}

full_path() {
    readlink -f "$1"
}

boards() {
    for path in "$here"/*/board.toml; do basename "$(dirname "$path")"; done | paste -s -d ' '
}
