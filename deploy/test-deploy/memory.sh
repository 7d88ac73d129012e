# shellcheck shell=bash
# What the services take, and what happens when they are asked for much. Sourced.

peak() { # SERVICE, in bytes, as the kernel counted it
  local id file
  id="$(container "$1")"
  for file in "/sys/fs/cgroup/memory/docker/$id/memory.max_usage_in_bytes" "/sys/fs/cgroup/system.slice/docker-$id.scope/memory.peak" \
    "/sys/fs/cgroup/docker/$id/memory.peak"; do
    [ -e "$file" ] && cat "$file" && return
  done
  echo 0
}
report_memory() {
  local service
  for service in "${running[@]}"; do
    note "$service: $(docker stats --no-stream --format '{{.MemUsage}}' "$(container "$service")"), at most $(mebibytes "$(peak "$service")") MiB with cached files"
  done
}
test_memory() {
  part "Memory"
  # The largest picture that is taken, several at once: what a limit must allow.
  try "the largest pictures, four at once, are embedded or refused, and nothing is killed" \
    beside "$python" -B "$here/large_pictures.py" 4
  local service
  for service in "${running[@]}"; do
    try "$service: was never killed for its memory" test "$(state "$service" '{{.State.OOMKilled}}')" = false
  done
  report_memory
}
