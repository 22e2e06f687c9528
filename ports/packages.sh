#!/bin/sh
# packages.sh ARCHITECTURE WHERE...: the Debian packages of packages.txt for these, one a line.
set -eu

architecture=$1
shift
awk -v architecture="$architecture" -v wanted=" $* " '
    /^#/ || NF == 0 { next }
    index(wanted, " " $2 " ") {
        fits = NF == 2
        for (n = 3; n <= NF; n++) if ($n == architecture) fits = 1
        if (fits) print $1
    }' "$(dirname "$0")/packages.txt"
