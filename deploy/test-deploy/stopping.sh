# shellcheck shell=bash
# What is stopped stops soon, and well. Sourced.

MOST_MS=2000
# From the question until the process has ended. What the engine does after that (it
# takes the networks down) is no matter of the service's, and takes a busy machine
# seconds.
stopped_within() { # SERVICE ASKED-AT
  local took
  took=$(($(date --date="$(state "$1" '{{.State.FinishedAt}}')" +%s%3N) - $2))
  echo "$took ms"
  [ "$took" -ge 0 ] && [ "$took" -le "$MOST_MS" ]
}

test_stop() {
  part "Stopping"
  local service began exit_code page watcher
  for service in "${running[@]}"; do
    # With somebody watching: open streams are what keeps a server from ending.
    curl --silent --no-buffer --max-time 600 "http://127.0.0.1:$ui_port/events" >/dev/null 2>&1 &
    page=$!
    set_beside
    "${beside[@]}" "$python" -B "$examples/mirror_client.py" watch >/dev/null 2>&1 &
    watcher=$!
    try "$service: streams are open" eventually 20 streams_open
    began="$(now)"
    compose --profile demo stop "$service" >"$logs/stop.log" 2>&1
    exit_code="$(state "$service" '{{.State.ExitCode}}')"
    try "$service: ends within 2 s ($(stopped_within "$service" "$began" || true); the engine's work included $(($(now) - began)) ms)" \
      stopped_within "$service" "$began"
    try "$service: and ends well (exit code $exit_code)" test "$exit_code" = 0
    kill "$page" "$watcher" 2>/dev/null || true
    wait "$page" "$watcher" 2>/dev/null || true
    compose --profile demo start "$service" >>"$logs/stop.log" 2>&1
    try "$service: starts again" eventually 120 healthy "$service"
  done
  began="$(now)"
  compose --profile demo stop >"$logs/stop.log" 2>&1
  # In the order of what depends on what, so they add up.
  note "docker compose stop, all services: $(($(now) - began)) ms"
}
streams_open() { get metrics | grep -E '^mirror_event_streams_open [1-9]'; }
