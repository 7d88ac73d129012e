# shellcheck shell=bash
# What the parts of deploy/test-deploy.sh say, and the table at the end. Sourced.

# One line a check: result, milliseconds, part, words.
declare -a table=()
failed=0 skipped=0
part_name=""

now() { date +%s%3N; }
part() {
  part_name="$1"
  printf '\n--- %s (%d s)\n' "$1" "$SECONDS"
}
row() { table+=("$1"$'\t'"$2"$'\t'"$part_name"$'\t'"$3"); }
ok() { # WORDS [MILLISECONDS]
  printf '  ok       %s\n' "$1"
  row ok "${2:-}" "$1"
}
bad() {
  failed=$((failed + 1))
  printf '  FAILED   %s\n' "$1"
  row FAILED "${2:-}" "$1"
}
skip() { # WORDS, with the reason
  skipped=$((skipped + 1))
  printf '  SKIPPED  %s\n' "$1"
  row SKIPPED "" "$1"
}
note() { printf '           %s\n' "$*"; }

# check WHAT COMMAND...: its output is shown if it fails. Never ends the script; it
# tells whether it went well. Not in a subshell: the command may set variables.
check() {
  local what="$1" began output
  shift
  began="$(now)"
  if "$@" >"$work/output" 2>&1; then
    ok "$what" "$(($(now) - began))"
  else
    bad "$what" "$(($(now) - began))"
    output="$(tail -n 25 "$work/output" | tr -d '\000')"
    [ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/             | /'
    return 1
  fi
}
# For those after which the rest can go on.
try() { check "$@" || true; }

# A command that takes long: its output goes to a file, of which the end is shown if
# it fails. It has a process group of its own and is waited for, so that a signal to
# this script ends it at once, with all that it has started.
running_group=""
long() { # WHAT LOG COMMAND...
  local what="$1" log="$2" began rc=0
  shift 2
  began="$(now)"
  printf '  ...      %s\n' "$what"
  set -m
  "$@" </dev/null >"$log" 2>&1 &
  running_group=$!
  set +m
  wait "$running_group" || rc=$?
  running_group=""
  if [ "$rc" -eq 0 ]; then
    ok "$what" "$(($(now) - began))"
  else
    bad "$what" "$(($(now) - began))"
    tail -n 25 "$log" | sed 's/^/             | /'
    return 1
  fi
}
end_running() {
  [ -n "$running_group" ] || return 0
  kill -TERM -- "-$running_group" 2>/dev/null || true
  wait "$running_group" 2>/dev/null || true
  running_group=""
}

# Waits for something to hold, and says it with the command's own words if it doesn't.
eventually() { # SECONDS COMMAND...
  local until=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < until)) || {
      "$@"
      return 1
    }
    # How often it is looked at, not how long it takes.
    sleep 0.2
  done
}
fails() { ! "$@"; }

die() {
  printf '\nError: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
  exit 1
}

summary() {
  local line result took name words last=""
  printf '\n%-8s %9s  %s\n' result seconds check
  for line in "${table[@]}"; do
    IFS=$'\t' read -r result took name words < <(printf '%s\n' "${line//$'\t\t'/$'\t-\t'}")
    if [ "$name" != "$last" ]; then
      printf '%-8s %9s  %s\n' "" "" "$name:"
      last="$name"
    fi
    case "$took" in
      '' | -) took="" ;;
      *) took="$((took / 1000)).$(printf '%01d' $((took % 1000 / 100)))" ;;
    esac
    printf '%-8s %9s    %s\n' "$result" "$took" "$words"
  done
  printf '\n%d checks, %d failed, %d skipped, %d s\n' "${#table[@]}" "$failed" "$skipped" "$SECONDS"
}
