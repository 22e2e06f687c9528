# shellcheck shell=sh
# Off again; Debian's packages stay, for others may stand on them.
# shellcheck disable=SC2154  # the variables are install.sh's

remove_all() {
    check_user
    stop_service
    drop "$unit" "$unit.d" "$rules" "$sysusers" /usr/local/bin/edgepose /usr/share/doc/edgepose "$prefix"
    ! is_live || [ "$n_changes" = 0 ] || change systemctl daemon-reload
    [ "$task" = remove ] || purge_data
    if [ "$n_changes" = 0 ]; then
        say "nothing to remove"
    elif [ "$task" = remove ]; then
        say "removed; /etc/edgepose and /var/lib/edgepose stay (--purge takes them, too)"
    else
        say "removed, with everything that it knew"
    fi
}

stop_service() {
    ! is_enabled || change inside systemctl --quiet disable edgepose
    if is_live && systemctl --quiet is-active edgepose; then change systemctl stop edgepose; fi
}

purge_data() {
    drop /etc/edgepose /var/lib/edgepose /var/cache/edgepose
    ! grep -q '^edgepose:' "$root/etc/passwd" || change inside userdel edgepose
    ! grep -q '^edgepose:' "$root/etc/group" || change inside groupdel edgepose
}
