# shellcheck shell=sh
# The user, the configuration, the unit with what the board adds to it, and the start.
# shellcheck disable=SC2015,SC2034,SC2154  # `fail` does not return; the variables are install.sh's
unit=/etc/systemd/system/edgepose.service
sysusers=/etc/sysusers.d/edgepose.conf
rules=/etc/udev/rules.d/70-edgepose.rules

install_user() {
    put "$here/systemd/edgepose.sysusers" "$sysusers"
    grep -q '^edgepose:' "$root/etc/passwd" 2>/dev/null || change inside systemd-sysusers "$sysusers"
    own_folder /etc/edgepose 750
    own_folder /var/lib/edgepose 700
    own_folder /var/cache/edgepose 700
}

own_folder() {
    [ -d "$root$1" ] || change inside install -d -o edgepose -g edgepose -m "$2" "$1"
}

# As the service will be: its user, its folders.
as_daemon() {
    (cd / && inside runuser -u edgepose -- env HOME=/var/lib/edgepose XDG_CACHE_HOME=/var/cache/edgepose \
        XDG_DATA_HOME=/var/lib/edgepose "$@")
}

# Made once, and never over one that is there.
install_config() {
    if [ -e "$root$config" ]; then
        say "configuration: $config, as it was"
    else
        change as_daemon "$prefix/bin/edgepose" daemon --init "$config"
    fi
}

install_service() {
    name_board
    put "$here/systemd/edgepose.service" "$unit"
    [ "$(systemd_version)" -lt 254 ] || put "$here/systemd/notify-reload.conf" "$unit.d/notify-reload.conf"
    [ ! -f "$here/$board/limits.conf" ] || put "$here/$board/limits.conf" "$unit.d/board.conf"
    [ ! -f "$here/$board/70-edgepose.rules" ] || put "$here/$board/70-edgepose.rules" "$rules"
    [ ! -f "$checkout/docs/daemon.md" ] || put "$checkout/docs/daemon.md" /usr/share/doc/edgepose/daemon.md
    [ -L "$root/usr/local/bin/edgepose" ] || change ln -s "$prefix/bin/edgepose" "$root/usr/local/bin/edgepose"
}

# The board's folder in ports/, as edgepose itself detects it; of a dry run the checkout's edgepose, if it can.
name_board() {
    [ -z "$board" ] || return 0
    code="import sys; from edgepose import board; print(board.detect(sys.argv[1]).name)"
    if [ -n "$dry" ]; then
        board=$(PYTHONPATH=$checkout python3 -c "$code" "${root:-/}" 2>/dev/null || :)
    else
        board=$(inside "$folder/bin/python" -c "$code" /)
    fi
    [ -n "$board" ] || board="a board that is known once edgepose is installed"
    say "board: $board"
}

systemd_version() {
    version_of_it=$(field systemd Version)
    echo "${version_of_it:-0}" | sed 's/[^0-9].*//'
}

is_enabled() {
    [ -L "$root/etc/systemd/system/multi-user.target.wants/edgepose.service" ]
}

# Whether a systemd runs that this is to be told.
is_live() {
    [ -z "$root" ] && [ -d /run/systemd/system ]
}

start_service() {
    is_enabled || change inside systemctl --quiet enable edgepose
    if ! is_live; then
        say "no systemd runs ${root:+for $root }here: the service is enabled, and starts with the system"
    elif [ "$n_changes" != 0 ] || ! systemctl --quiet is-active edgepose; then
        start_now
    fi
}

# Once, with all that has changed; the unit's start waits until the daemon says that it is up.
start_now() {
    change systemctl daemon-reload
    change udevadm control --reload
    change udevadm trigger
    change systemctl restart edgepose || go_back
}

go_back() {
    systemctl --no-pager --lines 20 status edgepose >&2 || :
    [ -n "$previous" ] && [ "$previous" != "$(readlink "$prefix/bin")" ] ||
        fail "the service does not start (see above)"
    switch_to "$previous"
    systemctl restart edgepose || :
    rm -rf "$folder"
    fail "edgepose $version does not start (see above); $previous is in use again"
}
