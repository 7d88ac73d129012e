# shellcheck shell=bash
# What is killed comes back, with all that was taught. Sourced.

# Not `docker kill`: to the engine that is a stop that somebody wanted, and it leaves
# the container stopped.
kill_service() { kill -KILL "$(pid_of "$1")"; }
restarted() { # SERVICE TIMES-BEFORE
  [ "$(restarts "$1")" -gt "$2" ] && healthy "$1" || {
    echo "restarted $(($(restarts "$1") - $2)) times; it is $(state "$1" '{{.State.Status}}, {{.State.Health.Status}}')"
    return 1
  }
}

came_back() {
  try "$1: labels and samples are the same" eventually 20 gallery_is_the_same
  try "$1: the PIN is the same" eventually 30 pin_is_known
  try "$1: nothing is said to be away" eventually 30 nothing_degraded
  try "$1: products are recognised again" eventually 60 recognises
}
recognises() { timeout 40 python3 "$here/recognised.py" "http://127.0.0.1:$ui_port/events"; }

test_recovery() {
  part "Killed"
  local service before others began acknowledged stored
  for service in "${running[@]}"; do
    before="$(restarts "$service")" others="$(restarts_beside "$service")"
    kill_service "$service"
    try "$service: killed, it is healthy again" eventually 120 restarted "$service" "$before"
    try "$service: the others went on" test "$others" = "$(restarts_beside "$service")"
    came_back "$service"
  done

  # While it stores samples: each that was acknowledged is there afterwards.
  local acks="$work/acknowledged"
  rm -f "$acks"
  before="$(restarts recommender)"
  set_beside
  "${beside[@]}" "$python" -B "$here/teach_on.py" "$MIRROR_CACHE_DIR/demo/teach" "$acks" >"$logs/teach-on.log" 2>&1 &
  local teacher=$!
  if eventually 60 lines "$acks" 5; then
    kill_service recommender
    wait "$teacher" || true
    try "recommender: killed while it is taught, it is healthy again" eventually 120 restarted recommender "$before"
    acknowledged="$(wc -l <"$acks")"
    stored="$(eventually 20 client labels >/dev/null && client labels | awk '/Taught until killed/ { print $(NF - 1) }')"
    # The last one may have been stored without that its answer got through.
    try "recommender: of $acknowledged acknowledged samples $stored are there" \
      test "$stored" -ge "$acknowledged" -a "$stored" -le $((acknowledged + 1))
    client undo >/dev/null || true
  else
    bad "samples could not be taught: $(tail -n 1 "$logs/teach-on.log")"
    kill "$teacher" 2>/dev/null || true
    wait "$teacher" || true
  fi
  gallery="$(client labels)"

  $engine_is_ours || {
    skip "the engine killed and stopped: it isn't the test's own"
    return
  }
  local pids
  part "The engine ends, and starts again"
  began="$(now)"
  end_engine TERM
  note "it stops, with all containers, in $(($(now) - began)) ms"
  check "stopped in good order, as when the machine is switched off: it starts" start_engine || return
  try "all services are healthy again, by themselves" eventually 120 all_healthy
  came_back "after that"

  end_engine KILL
  check "killed: it starts" start_engine || return
  if eventually 30 all_healthy >/dev/null 2>&1; then
    ok "all services are healthy again, by themselves"
  else
    # It ends containers that outlived it, takes that for somebody's wish, and
    # `unless-stopped` respects it.
    skip "all services come back by themselves: this engine ($(docker version --format '{{.Server.Version}}')) leaves them stopped; live-restore prevents that, see below"
    long "docker compose up brings them back" "$logs/up-again.log" \
      compose --profile demo up --detach --no-build --wait --wait-timeout 180 || return
  fi
  came_back "after that"

  end_engine TERM
  check "with live-restore: it starts" start_engine --live-restore || return
  try "all services are healthy" eventually 120 all_healthy
  pids="$(all_pids)"
  end_engine KILL
  check "killed: it starts" start_engine --live-restore || return
  try "all services are healthy" eventually 120 all_healthy
  try "and have never ended" test "$pids" = "$(all_pids)"
  came_back "after that"
}
all_pids() {
  local service
  for service in "${running[@]}"; do pid_of "$service"; done
}
lines() { [ -e "$1" ] && [ "$(wc -l <"$1")" -ge "$2" ]; }
# The others' restarts, before and after.
restarts_beside() { # SERVICE
  local service
  for service in "${running[@]}"; do
    [ "$service" = "$1" ] || printf '%s %s\n' "$service" "$(restarts "$service")"
  done
}
