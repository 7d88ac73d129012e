# shellcheck shell=bash
# A Docker engine of the test's own, where there is none. Sourced.

engine_is_ours=false
engine_pid=""
had_bridge=false

# need COMMAND PACKAGE...
apt_updated=false
need() {
  local command="$1"
  shift
  command -v "$command" >/dev/null && return
  install_packages "$@"
}
install_packages() {
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600)
  $apt_updated || "${apt[@]}" update >>"$logs/apt.log" 2>&1
  apt_updated=true
  # Installing an engine must not start it: the test starts its own, elsewhere.
  local policy=/usr/sbin/policy-rc.d made=false
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    made=true
  fi
  local rc=0
  "${apt[@]}" install -y --no-install-recommends "$@" >>"$logs/apt.log" 2>&1 || rc=$?
  if $made; then rm -f "$policy"; fi
  return "$rc"
}

# Compose 2 and buildx. Debian 12 has neither; the packages of Debian 13 are static
# programs, which are unpacked here and not installed.
plugins() {
  local into="$DOCKER_CONFIG/cli-plugins" kept="$cache/plugins"
  mkdir -p "$into"
  if docker compose version 2>/dev/null | grep -qE 'v?2\.|v?[3-9]\.' && docker buildx version >/dev/null 2>&1; then return; fi
  if [ ! -x "$kept/docker-compose" ] || [ ! -x "$kept/docker-buildx" ]; then
    local apt="$work/trixie" mirror
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/files" "$kept"
    # From where this system's packages come.
    # shellcheck disable=SC2016  # apt expands that
    mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/\?$')"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$apt/trixie.list"
    local options=(-qq -o "Dir::Etc::sourcelist=$apt/trixie.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$apt/lists"
      -o "Dir::Cache=$apt/cache" -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update || return
    (cd "$apt" && apt-get "${options[@]}" download docker-compose docker-buildx) || return
    local package
    for package in "$apt"/*.deb; do dpkg-deb -x "$package" "$apt/files"; done
    cp "$apt"/files/usr/libexec/docker/cli-plugins/docker-{compose,buildx} "$kept/"
  fi
  cp "$kept"/docker-{compose,buildx} "$into/"
}

# The engine keeps its images, and BuildKit what it compiled, for the next time.
start_engine() { # [FLAG...]
  # No path of a socket may be longer than 107 bytes, so it isn't in the cache.
  setsid dockerd --data-root "$cache/engine" --exec-root "$work/engine" --pidfile "$work/engine.pid" \
    --host "unix://$work/docker.sock" "$@" </dev/null >>"$logs/dockerd.log" 2>&1 &
  engine_pid=$!
  eventually 60 docker info
}
engine() {
  if docker info >/dev/null 2>&1; then
    note "an engine runs here already, and is used"
    return
  fi
  need dockerd docker.io iptables || return
  export DOCKER_HOST="unix://$work/docker.sock"
  engine_is_ours=true
  if [ -e /sys/class/net/docker0 ]; then had_bridge=true; fi
  start_engine
}

gone() { ! kill -0 "$1" 2>/dev/null; }
# TERM ends containers in good order; KILL leaves them and containerd behind, as when
# it crashes.
end_engine() { # SIGNAL
  [ -n "$engine_pid" ] || return 0
  kill "-$1" "$engine_pid" 2>/dev/null || true
  wait "$engine_pid" 2>/dev/null || true
  engine_pid=""
  # A containerd that ended with it, and that this machine's first process hasn't
  # collected (systemd does, others may not), would be taken for one that runs.
  local file="$work/engine/containerd/containerd.pid" pid
  pid="$(cat "$file" 2>/dev/null || true)"
  if [ -n "$pid" ] && grep -q '^State:.*zombie' "/proc/$pid/status" 2>/dev/null; then rm -f "$file"; fi
}
clean_up_engine() {
  $engine_is_ours || return 0
  end_engine TERM
  # A killed engine's containerd goes on; its successor has used it, or not.
  local pid
  pid="$(cat "$work/engine/containerd/containerd.pid" 2>/dev/null || true)"
  if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = containerd ]; then
    kill -TERM "$pid" 2>/dev/null || true
    eventually 20 gone "$pid" || kill -KILL "$pid"
  fi
  # A build that was going on outlives its engine; so do the engine's own helpers, if it
  # was killed.
  while read -r pid; do kill -KILL "$pid" 2>/dev/null || true; done < <(left_behind)
  # What is still mounted below, or rm would go into volumes.
  local mount
  while read -r mount; do umount --lazy "$mount" || true; done \
    < <(cut -d ' ' -f 5 /proc/self/mountinfo | grep -F -e "$work/" -e "$cache/engine" | LC_ALL=C sort -r)
  # Its chains in iptables stay, as after any engine; they lead nowhere.
  $had_bridge || ip link delete docker0 2>/dev/null || true
}
# Processes whose root is made of this engine's layers, or that serve its socket.
left_behind() {
  local process
  for process in /proc/[0-9]*; do
    if head -n 1 "$process/mountinfo" | grep -q -F "lowerdir=$cache/engine/" ||
      tr '\000' ' ' <"$process/cmdline" | grep -q "containerd-shim.* $work/engine/"; then
      basename "$process"
    fi
  done 2>/dev/null
}
