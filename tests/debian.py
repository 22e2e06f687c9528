"""Where this machine gets Debian's packages, for trees that tests unpack."""

import subprocess


def mirror():
    """The address of Debian's archive; not security's, whose lists change under a run. OSError: apt knows none."""
    done = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Origin: Debian"],
                          capture_output=True, text=True)
    found = [line for line in done.stdout.splitlines() if "security" not in line]
    if not found:
        raise OSError("apt has no lists of Debian's archive: apt-get update")
    return min(found)
