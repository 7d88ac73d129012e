# shellcheck shell=bash
# Progress and errors of the scripts in deploy/. Sourced; needs LOG_DIR.

step_started=$SECONDS

# step "[2/6] Python tools": says what is being done, and from where time counts.
step() {
  step_started=$SECONDS
  printf '%s ...\n' "$1"
}

step_done() {
  printf '      done in %d s\n' "$((SECONDS - step_started))"
}

# die WHAT [WHAT TO DO ...]: one sentence a line, then the end.
die() {
  printf '\nError: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
  exit 1
}

# run NAME COMMAND...: runs it with its output in LOG_DIR/NAME.log and a sign of
# life every few seconds; on failure shows the log's end and returns the code.
#
# The command gets a process group of its own, so that what it has started ends
# with it when this script is told to end, however deep that is.
run_group=
run() {
  local log="$LOG_DIR/$1.log" started=$SECONDS shown=0 code=0
  shift
  setsid "$@" >"$log" 2>&1 </dev/null &
  run_group=$!
  while kill -0 "$run_group" 2>/dev/null; do
    sleep 0.1
    if ((SECONDS - started >= shown + 5)); then
      shown=$((SECONDS - started))
      printf '      still working, %d s\n' "$shown"
    fi
  done
  wait "$run_group" || code=$?
  run_group=
  if [ "$code" -ne 0 ]; then
    printf '      failed; the last lines of %s:\n' "$log" >&2
    tail -n 15 "$log" | sed 's/^/      | /' >&2
  fi
  return "$code"
}

stop_run() {
  [ -z "$run_group" ] || kill -TERM -- "-$run_group" 2>/dev/null || true
}
trap stop_run EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
