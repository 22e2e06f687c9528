# shellcheck shell=sh
# The virtual environment: a new one beside the old one, proven, then switched to by one rename.
# shellcheck disable=SC2034,SC2086,SC2154  # $binary is two words; the variables are install.sh's
unfinished="" work="" previous=""

install_environment() {
    name=$version-$(stamp)
    folder=$prefix/versions/$name
    previous=$(readlink "$root$prefix/bin" || :)
    if [ "$previous" = "versions/$name/bin" ] && [ -e "$root$folder/complete" ]; then
        say "environment: $folder, as it was"
        return
    fi
    say "environment: $folder, ${previous:+after $previous, }Python $found"
    check_prefix
    check_space
    make_environment
    prove || fail "edgepose $version does not pass its own checks (see above); ${previous:-nothing} stays in use"
    switch_to "versions/$name/bin"
    unfinished=""
}

check_prefix() {
    [ -L "$root$prefix/bin" ] || [ ! -e "$root$prefix/bin" ] || fail "$prefix/bin was not made by this script: move" \
        "$prefix away and run this again"
}

check_space() {
    wanted=900
    [ -z "$lite" ] || wanted=400
    free=$(df -Pm "$root/opt" 2>/dev/null | awk 'NR == 2 { print $4 }')
    [ "${free:-$wanted}" -ge "$wanted" ] || fail "$root/opt has $free MB left, and this takes $wanted while it is" \
        "made: clear some, or try --lite"
}

# Whatever decides what will be in the environment, as twelve digits.
stamp() {
    { echo "$found $python $lite $(site_packages)" && contents && cat "$(lock)" "$here/lite.py"; } | sha256sum |
        cut -c 1-12
}

contents() {
    if [ -n "$wheel" ]; then
        cat "$wheel"
    else
        (cd "$checkout" && find edgepose models ports setup.py setup.cfg pyproject.toml -type f ! -name '*.so' \
            ! -path '*/__pycache__/*' | LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum)
    fi
}

# The hashed list for this Python and machine; an empty file where there is none.
lock() {
    path=$here/locks/$found-$machine-daemon.txt
    [ -f "$path" ] && echo "$path" || echo /dev/null
}

# Debian's own packages are seen where the package index has none (32-bit ARM) and for the ribbon camera's.
site_packages() {
    if [ "$machine" = armv7l ] || sees_picamera; then echo --system-site-packages; fi
}

sees_picamera() {
    [ "$python" = /usr/bin/python3 ] && [ "$(field python3-picamera2 db:Status-Status)" = installed ]
}

make_environment() {
    unfinished=$root$folder
    change rm -rf "$root$folder"
    change install -d "$root$prefix/versions"
    fetch_python
    # shellcheck disable=SC2046  # an option or nothing
    change inside "$python" -m venv $(site_packages) "$folder"
    fill_environment
    change touch "$root$folder/complete"
}

# uv's own answer where its Python lies; a dry run can only say about where.
fetch_python() {
    [ "$python" = uv ] || return 0
    uv="env UV_PYTHON_INSTALL_DIR=$prefix/python uv python"
    change inside $uv install "$uv_python"
    python=$prefix/python/cpython-$uv_python/bin/python
    [ -n "$dry" ] || python=$(inside $uv find --managed-python "$uv_python")
}

# A place to work in, on the disk that is to be filled; one run at a time.
begin() {
    work=$prefix/work
    [ -z "$dry" ] || return 0
    exec 9>"$root/run/edgepose-install.lock"
    flock -n 9 || fail "another install.sh is at work"
    install -d "$root$prefix"
    rm -rf "$root$prefix"/work.* # of a run that was killed
    work=$(mktemp -d "$root$prefix/work.XXXXXX")
    work=${work#"$root"}
    chmod 755 "$root$work"
}

prove() {
    [ -z "$dry" ] || return 0
    report=$root$work/doctor.txt
    as_daemon "$folder/bin/edgepose" doctor >"$report" 2>&1 || { cat "$report" >&2 && return 1; }
    [ ! -e "$root$config" ] || as_daemon "$folder/bin/edgepose" daemon --config "$config" --check >/dev/null
}

switch_to() {
    change ln -sfn "$1" "$root$prefix/bin.new"
    change mv -T "$root$prefix/bin.new" "$root$prefix/bin"
}

# What is not in use any more, and what an interrupted run has left.
tidy_versions() {
    [ -z "$dry" ] || return 0
    used=$(readlink "$root$prefix/bin")
    for path in "$root$prefix"/versions/*; do
        [ "versions/$(basename "$path")/bin" = "$used" ] || rm -rf "$path"
    done
}

clean_up() {
    [ -n "$dry" ] || rm -rf ${unfinished:+"$unfinished"} ${work:+"$root$work"}
    if [ -z "$dry" ]; then rmdir "$root$prefix/versions" "$root$prefix" 2>/dev/null || :; fi
}
