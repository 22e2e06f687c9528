#!/bin/sh
# From a fresh Raspberry Pi OS, JetPack, Debian or Ubuntu image to a running edgepose daemon: docs/install.md.
# It may be run again at any time: what is there stays, what is new is changed, what was interrupted is done anew.
# shellcheck disable=SC2034,SC2154  # the variables are shared with the parts
set -eu

here=$(cd "$(dirname "$0")" && pwd)
checkout=$(dirname "$here")
prefix=/opt/edgepose
config=/etc/edgepose/edgepose.toml
root="" dry="" lite="" wheel="" python="" board="" task="install"

for part in words options place packages environment wheels service removal; do
    # shellcheck source=/dev/null
    . "$here/install/$part.sh"
done

usage() {
    cat <<EOF
usage: install.sh [--lite] [--wheel FILE] [--board NAME] [--python PATH | --uv-python] [--root DIR] [--dry-run]
       install.sh --remove | --purge [--root DIR] [--dry-run]

  --lite         without OpenVINO and OpenCL: 145 MB on 64-bit ARM (docs/memory.md)
  --wheel FILE   a built wheel; without it the checkout that this script is in is built
  --board NAME   a folder of ports/, instead of what the device tree says
  --python PATH  an interpreter, 3.10 to 3.13, instead of /usr/bin/python3
  --uv-python    one that uv fetches (docs/install.md), where the system's own is too old or too new
  --root DIR     into a system below DIR: nothing is started there
  --dry-run      print what would be run, change nothing
  --remove       take it off again; the configuration, events and the user stay
  --purge        take these off, too
EOF
}

install_all() {
    check_place
    begin
    install_packages
    check_python
    install_user
    install_environment
    install_config
    install_service
    start_service
    finish
}

# Says what came of it; the doctor's findings are advice by now, for what is needed was there before the switch.
finish() {
    tidy_versions
    if [ "$n_changes" = 0 ]; then
        say "nothing to change: edgepose $version for $board is as it should be"
    elif [ -z "$dry" ]; then
        say "done: edgepose $version for $board; settings in $config, the page on http://127.0.0.1:8420/"
    fi
    [ -n "$dry" ] || as_daemon "$prefix/bin/edgepose" doctor || :
}

read_options "$@"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
case $task in
    install) install_all ;;
    *) remove_all ;;
esac
