#!/usr/bin/env bash
# Everything that must hold before a change lands: format, lints, tests. Installs what is missing on a Debian machine.
#   tests/run.sh            all checks
#   tests/run.sh NAME…      only these test binaries (domain, store, cli, …)
#   tests/run.sh --long [R] the long forms of everything in docs/reliability.md, one after the other and wherever it
#                           lives, or only of what is named: R18 c4, or a whole name of a test
set -euo pipefail
cd "$(dirname "$0")/.."

need() { # need COMMAND PACKAGE
    command -v "$1" >/dev/null && return
    if command -v apt-get >/dev/null; then
        local sudo=""
        [ "$(id -u)" -eq 0 ] || sudo="sudo"
        echo "installing $2"
        $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$2" >/dev/null
    else
        echo "please install $2 ($1 is missing)" >&2
        exit 1
    fi
}
need cargo cargo
need cc gcc
need git git
need tmux tmux

export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"
unset VAYU_BOARD VAYU_AS VAYU_CLAIM VAYU_TASK VAYU_TASK_ID NO_COLOR || true

long() { # long [NAME…]
    local name pattern="" file home names homes=() failed=0
    for name in "${@:-[rc][0-9]+_}"; do
        name="${name,,}"
        # R2 is not R20, and C4 is written c04.
        [[ "$name" =~ ^([rc])0*([0-9]+)_?$ ]] && name="${BASH_REMATCH[1]}0?${BASH_REMATCH[2]}_"
        pattern="$pattern${pattern:+|}$name"
    done
    for file in $(grep -rlE "fn ($pattern)" tests src --include='*.rs'); do
        case "$file" in
            src/*) home="--lib" ;;
            tests/*/*) home="${file#tests/}" && home="--test ${home%%/*}" ;;
            tests/*) home="${file#tests/}" && home="--test ${home%.rs}" ;;
        esac
        case " ${homes[*]} " in *" $home "*) ;; *) homes+=("$home") ;; esac
    done
    [ "${#homes[@]}" -gt 0 ] || { echo "no test is named $*" >&2 && exit 1; }
    for home in "${homes[@]}"; do
        [ "$home" = "--lib" ] && file="src" || file="tests/${home#--test }"
        [ -e "$file" ] || file="$file.rs"
        names="$(grep -rhoE "fn ($pattern)[a-z0-9_]*" "$file" --include='*.rs' | cut -c4- | sort -u)"
        # shellcheck disable=SC2086
        VAYU_LONG=1 cargo test --release $home -- --test-threads=1 --nocapture $names || failed=1
    done
    exit "$failed"
}

if [ "${1:-}" = "--long" ]; then
    shift
    long "$@"
fi

if [ "$#" -gt 0 ]; then
    tests=()
    for name in "$@"; do tests+=(--test "$name"); done
    exec cargo test --no-fail-fast "${tests[@]}"
fi

deny() { # licences, duplicates and sources of all dependencies, as deny.toml says
    if ! command -v cargo-deny >/dev/null; then
        echo "installing cargo-deny"
        if ! cargo install --quiet --locked --debug --version '^0.20' cargo-deny; then
            echo "cargo-deny cannot be installed here: the dependencies are NOT checked" >&2
            return
        fi
    fi
    cargo fetch --quiet --locked
    cargo deny --offline --log-level warn check bans licenses sources
}

cargo fmt --check
deny
cargo clippy --all-targets --quiet -- -D warnings
cargo test --no-fail-fast
