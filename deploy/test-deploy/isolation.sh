# shellcheck shell=bash
# What a service that was taken over could do: little. Sourced.

# A service with its user, mounts, rights and networks, but a shell in its image.
probe_image() {
  local apt="$work/busybox" service
  mkdir -p "$apt/files"
  (cd "$apt" && apt-get -qq -o APT::Sandbox::User=root download busybox-static) || return
  dpkg-deb -x "$apt"/busybox-static_*.deb "$apt/files"
  cp "$apt/files/bin/busybox" "$apt/busybox"
  printf 'ARG SERVICE\nFROM %s-${SERVICE}\nCOPY busybox /\n' "$project" >"$apt/Dockerfile"
  printf '*\n!busybox\n' >"$apt/.dockerignore"
  printf 'services:\n' >"$work/probe.yaml"
  for service in inference recommender ui; do
    docker build --quiet --build-arg "SERVICE=$service" --tag "mirror-test/probe-$service" "$apt" || return
    printf '  %s: { image: mirror-test/probe-%s, build: !reset null, pull_policy: never }\n' "$service" "$service" >>"$work/probe.yaml"
  done
}
declare -A probes=()
probe() { # SERVICE
  probes[$1]="$(docker compose --progress quiet --project-name "$project" --project-directory "$checkout" \
    --file "$checkout/compose.yaml" --file "$work/probe.yaml" --env-file "$env_file" \
    run --detach --no-deps --entrypoint /busybox "$1" sleep 100000)" && [ -n "${probes[$1]}" ]
}
end_probes() {
  [ "${#probes[@]}" -eq 0 ] || docker rm --force "${probes[@]}" >/dev/null || true
  probes=()
}
inside() { # SERVICE SHELL-COMMAND
  docker exec "${probes[$1]}" /busybox sh -c "bb() { /busybox \"\$@\"; }; $2" </dev/null
}

# Devices of our own that no driver answers for: whether they may be opened is told
# by the error.
make_nodes() {
  rm -f /dev/video-mirror-test /dev/bus-mirror-test /dev/other-mirror-test
  mknod --mode=0660 /dev/video-mirror-test c 81 250 && chgrp "$(getent group video | cut -d : -f 3)" /dev/video-mirror-test
  mknod --mode=0660 /dev/bus-mirror-test c 189 4095 && chgrp 46 /dev/bus-mirror-test
  mknod --mode=0666 /dev/other-mirror-test c 10 231
}
remove_nodes() { rm -f /dev/video-mirror-test /dev/bus-mirror-test /dev/other-mirror-test; }
opening() { # SERVICE DEVICE
  inside "$1" "bb dd if=$2 of=/dev/null bs=1 count=0 2>&1" || true
}
may_open() { [[ "$(opening "$1" "$2")" == *"No such device"* ]] || {
  opening "$1" "$2"
  return 1
}; }
may_not_open() { [[ "$(opening "$1" "$2")" == *"Operation not permitted"* ]] || {
  opening "$1" "$2"
  return 1
}; }
sees_no_device() { [[ "$(opening "$1" "$2")" == *"No such file"* ]]; }

# What user 10001 can open of all that is in /dev.
openable() {
  inside inference 'for file in $(bb find /dev ! -type d ! -type l); do /busybox timeout 2 /busybox dd if=$file of=/dev/null bs=1 count=0 2>/dev/null && echo $file; done; true' |
    LC_ALL=C sort | tr '\n' ' '
}
opens_only_the_harmless() {
  local file found=""
  for file in $(openable); do
    case "$file" in
      # Of nobody, and of no use without further rights.
      /dev/null | /dev/zero | /dev/full | /dev/random | /dev/urandom | /dev/tty | /dev/ptmx | /dev/net/tun) ;;
      /dev/video* | /dev/media* | /dev/v4l* | /dev/bus/usb/*) ;;
      *) found+=" $file" ;;
    esac
  done
  [ -z "$found" ] || {
    echo "inference can open$found"
    return 1
  }
}

cant_write() {
  local said
  said="$(inside "$1" 'bb touch /x 2>&1; bb touch /usr/local/bin/x 2>&1' || true)"
  [ "$(grep -c 'Read-only file system' <<<"$said")" -eq 2 ] || {
    echo "$said"
    return 1
  }
}
reaches() { inside "$1" "bb nc -w 3 $2 $3 </dev/null >/dev/null"; }
cannot_reach() { fails reaches "$@"; }
listener=""
listen() {
  python3 -m http.server --bind 0.0.0.0 --directory "$work/secrets" "$1" >"$logs/listener.log" 2>&1 &
  listener=$!
  eventually 10 bash -c "exec 3<>/dev/tcp/127.0.0.1/$1"
}
stop_listener() {
  [ -z "$listener" ] || kill "$listener" 2>/dev/null || true
  listener=""
}
own_address() { ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p'; }
# A server beyond this machine: where its packages come from.
outside() {
  local host
  # shellcheck disable=SC2016  # apt expands that
  host="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sed -n 's|^http://\([^/:]*\)/.*|\1|p' | head -n 1)"
  [ -z "$host" ] || getent ahostsv4 "$host" | awk '{ print $1; exit }'
}

test_isolation() {
  part "Isolation"
  local service port address
  for service in "${running[@]}"; do
    try "$service: user, read-only root, no capabilities, no new rights, limits, mounts, log size, ports, networks" \
      python3 -B "$here/containers.py" "$service" "$project" <(docker inspect "$(container "$service")") "/proc/$(pid_of "$service")/status"
  done
  try "published: the ui, and the demo's simulator, on this machine alone" published_ports

  for service in inference recommender ui; do
    check "$service: a shell in its place" probe "$service" || return
    try "$service: can't write to its root" cant_write "$service"
  done
  try "recommender: can write its data" inside recommender 'bb touch /var/lib/smart-mirror/.probe && bb rm /var/lib/smart-mirror/.probe'

  if make_nodes; then
    try "inference: a camera that came after its start may be opened" may_open inference /dev/video-mirror-test
    try "inference: so may a USB device" may_open inference /dev/bus-mirror-test
    try "inference: another device may not, whatever its mode" may_not_open inference /dev/other-mirror-test
    for service in recommender ui; do
      try "$service: sees neither" sees_no_device "$service" /dev/video-mirror-test
    done
  else
    skip "devices: none can be made here"
  fi
  remove_nodes
  try "inference: of all of /dev it can open the harmless ones alone" opens_only_the_harmless
  note "it can open: $(openable)"

  port="$(free_port)"
  if listen "$port"; then
    address="$(own_address)"
    if [ -z "$address" ]; then
      skip "this machine reached from inference: it has no address but its own"
    else
      try "recommender: reaches this machine by its address, so the next tries mean something" reaches recommender "$address" "$port"
      try "inference: can't reach this machine by its address" cannot_reach inference "$address" "$port"
    fi
    address="$(docker network inspect --format '{{range .IPAM.Config}}{{.Gateway}}{{end}}' "${project}_inside")"
    try "inference: nor by its side of the network" cannot_reach inference "$address" "$port"
    try "inference: reaches the recommender, so the tries above mean something" reaches inference "$(address recommender inside)" 50052
  fi
  stop_listener
  address="$(outside)"
  if [ -z "$address" ] || ! reaches recommender "$address" 80; then
    skip "ways out: the recommender doesn't reach this system's package server, so that the others don't says nothing"
  else
    ok "recommender: has a way out, to its provider"
    try "inference: has none" cannot_reach inference "$address" 80
    try "ui: has none" cannot_reach ui "$address" 80
  fi
  end_probes
}
published_ports() {
  local wanted found
  wanted="127.0.0.1:$ui_port->8080 127.0.0.1:$sap_port->8090 "
  found="$(docker ps --quiet | xargs docker inspect --format \
    '{{range $port, $where := .NetworkSettings.Ports}}{{range $where}}{{.HostIp}}:{{.HostPort}}->{{$port}} {{end}}{{end}}' |
    sed 's|/tcp||g' | LC_ALL=C sort | tr -d '\n')"
  diff <(tr ' ' '\n' <<<"$wanted" | LC_ALL=C sort) <(tr ' ' '\n' <<<"$found" | LC_ALL=C sort)
}
