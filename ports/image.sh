#!/bin/sh
# Inside the image: makes its environment, starts what is asked for, asks the daemon how it is.
#
#     image.sh environment      while it is built
#     image.sh daemon           the daemon, with a configuration made once
#     image.sh health           exit code 0 while the daemon answers
#     image.sh ARGUMENT...      any other command of edgepose
set -eu

config=/etc/edgepose/edgepose.toml

# From hashed wheels alone; edgepose's own, of the sources around this script, is compiled.
environment() {
    here=$(cd "$(dirname "$0")" && pwd)
    lock=$here/locks/$(python3 -c 'import platform, sys; print("%d.%d" % sys.version_info[:2])')-$(machine)-daemon.txt
    # shellcheck disable=SC2046  # an option or nothing
    python3 -m venv $(site_packages) /opt/edgepose
    pip install --only-binary :all: --no-deps --require-hashes -r "$lock"
    pip install --no-deps "$(dirname "$here")"
}

machine() {
    case $(dpkg --print-architecture) in
        amd64) echo x86_64 ;;
        arm64) echo aarch64 ;;
        armhf) echo armv7l ;;
        *) echo "image.sh: no TFLite runtime for this architecture" >&2 && exit 2 ;;
    esac
}

# 32-bit ARM takes from Debian what the package index has no wheels of.
site_packages() {
    [ "$(machine)" != armv7l ] || echo --system-site-packages
}

pip() {
    /opt/edgepose/bin/python -m pip --quiet --disable-pip-version-check --no-cache-dir "$@"
}

daemon() {
    [ -e $config ] || edgepose daemon --init $config >&2
    exec edgepose daemon --config $config
}

# Where [web] listens stands in the configuration; a page that is off cannot be asked, and is no fault.
health() {
    exec python - $config <<'EOF'
import sys
import urllib.request
from edgepose.daemon.config import reading

web = reading.read(sys.argv[1], lambda line: None).web
if web is not None:
    address = f"http://127.0.0.1:{web.listen.rpartition(':')[2]}/healthz"
    try:
        urllib.request.urlopen(address, timeout=4).read()
    except OSError as error:
        sys.exit(f"edgepose: {address}: {error}")
EOF
}

case ${1:-daemon} in
    environment | daemon | health) "$1" ;;
    *) exec edgepose "$@" ;;
esac
