# Sourced by ./run and ./test, which set `here` (the project's folder): makes the virtual environment
# .venv from pyproject.toml with the exact versions of requirements.lock. POSIX sh.

venv=$here/.venv
log=$venv/set-up.log

say() { printf 'paint-station: %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

# All that the environment was made from. A virtual environment holds its own folder and its Python by name.
fingerprint() {
    { cat "$here/requirements.lock" "$here/pyproject.toml" "$here/.setup.sh" "$here/run" "$here/test"
      printf '%s\n' "$here"
      readlink -f "$venv/bin/python" || :; } | cksum
}

# is_set_up run|test
is_set_up() { [ -f "$venv/set-up-$1" ] && [ "$(cat "$venv/set-up-$1")" = "$(fingerprint)" ]; }

find_python() {
    for python in python3 python3.11 python3.12 python3.13 python3.14; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        "$python" -c 'import ensurepip, venv' 2>/dev/null ||
            die "$python has no venv; this adds it (as root, on Debian or Ubuntu): apt-get install $python-venv"
        return
    done
    die "Python 3.11 or newer is needed; this adds it (as root, on Debian or Ubuntu):" \
        "apt-get install python3 python3-venv"
}

# Runs a command with its output in the log: on a terminal the newest line shows, in a pipe nothing does.
logged() {
    if [ -t 2 ]; then
        { "$@" 2>&1 || echo "set-up stopped: exit code $?"; } | while IFS= read -r line; do
            printf '%s\n' "$line" >>"$log"
            printf '\r\033[K%.78s' "$line" >&2
        done
        printf '\r\033[K' >&2
        case $(tail -n 1 "$log") in "set-up stopped: "*) set_up_failed ;; esac
    else
        "$@" >>"$log" 2>&1 || set_up_failed
    fi
}

set_up_failed() {
    tail -n 20 "$log" >&2
    die "set-up failed (everything is in $log); start again to try again"
}

pip() {
    logged "$venv/bin/python" -m pip --disable-pip-version-check --no-input "$@"
}

# opencv-python needs system libraries that a small system lacks; its headless twin does not. Never both.
choose_cv2() {
    why=$("$venv/bin/python" -c 'import cv2' 2>&1) && return
    case $why in
        *"cannot open shared object file"*) ;;
        *) die "import cv2 fails: $why" ;;
    esac
    pip uninstall --yes opencv-python
    pip install --no-deps --constraint requirements.lock opencv-python-headless
    "$venv/bin/python" -c 'import cv2' || die "opencv-python-headless cannot be imported either"
}

# build run|test
build() {
    find_python
    if is_set_up run; then
        say "adding the packages of the tests to $venv"
        rm -f "$venv/set-up-run"
        # An install of opencv-python beside its twin would break both.
        pip uninstall --yes opencv-python-headless
    else
        say "setting up $venv; this takes about a minute"
        rm -rf "$venv"
        mkdir "$venv"
        : >"$log"
        logged "$python" -m venv "$venv"
        pip install --constraint requirements.lock setuptools
    fi
    if [ "$1" = test ]; then project='.[test]'; else project=.; fi
    pip install --constraint requirements.lock --no-build-isolation --editable "$project"
    choose_cv2
    # Written last: a set-up that was interrupted is done again.
    if [ "$1" = test ]; then fingerprint >"$venv/set-up-test"; fi
    fingerprint >"$venv/set-up-run"
}

# set_up run|test
set_up() {
    if is_set_up "$1"; then return; fi
    (
        cd "$here"
        # Two first starts at once: the second waits, then finds the work done.
        if command -v flock >/dev/null; then flock 9; fi
        if ! is_set_up "$1"; then build "$1"; fi
    ) 9<"$here/pyproject.toml" </dev/null >&2
}
