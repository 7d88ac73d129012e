# shellcheck shell=bash
# Building the images, and what they are. Sourced.

SERVICES=(inference recommender ui sap-simulator)
LARGEST_MIB=60

bases() {
  printf '%s\n' "RUST_IMAGE=$build_image" "NODE_IMAGE=$build_image" "DEBIAN_IMAGE=$build_image"
}
build_with_compose() {
  local arguments=() base
  while read -r base; do arguments+=(--build-arg "$base"); done < <(bases)
  BUILDKIT_PROGRESS=plain compose --profile demo build "${arguments[@]}"
}
bake() {
  local settings
  mapfile -t settings < <(bases)
  (cd "$checkout" && env "${settings[@]}" "VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)" \
    "REVISION=$(git rev-parse HEAD 2>/dev/null || true)" REGISTRY="mirror-test/" \
    docker buildx bake --progress plain -f deploy/docker/docker-bake.hcl)
}

image_of() { echo "$project-$1"; }
mebibytes() { awk -v bytes="$1" 'BEGIN { printf "%.1f", bytes / 1048576 }'; }
image_size() { docker image inspect --format '{{.Size}}' "$1"; }
# The service's own part: without the files that all four share.
small() { # IMAGE
  local base own
  base="$(docker history --format '{{.Size}} {{.CreatedBy}}' --human=false "$1" | awk '/COPY \/base\/ \// { print $1 }')"
  own=$(($(image_size "$1") - ${base:-0}))
  echo "$1: $(mebibytes "$own") MiB over a base of $(mebibytes "${base:-0}") MiB"
  [ "$own" -lt $((LARGEST_MIB << 20)) ]
}
runs_as_nobody() { [ "$(docker image inspect --format '{{.Config.User}}' "$1")" = 10001:10001 ]; }
has_health_check() { docker image inspect --format '{{.Config.Healthcheck.Test}}' "$1" | grep -q healthcheck; }
is_for() { [ "$(docker image inspect --format '{{.Os}}/{{.Architecture}}' "$1")" = "linux/$2" ]; }
has_labels() { [ "$(docker image inspect --format "{{index .Config.Labels \"org.opencontainers.image.licenses\"}}" "$1")" = Apache-2.0 ]; }

# The files of an image, in a folder.
unpack_image() { # IMAGE FOLDER
  local container rc=0
  # The client warns of another architecture, though nothing is started.
  container="$(docker create "$1" 2>/dev/null)" || return
  mkdir -p "$2"
  docker export "$container" | tar -x -C "$2" || rc=$?
  docker rm "$container" >/dev/null
  return "$rc"
}
# No shell, no interpreter, no package manager, nothing that raises rights.
has_only() { # FOLDER
  local found
  found="$(find "$1" -type f \( -perm -4000 -o -perm -2000 -o -perm -0002 \))"
  [ -z "$found" ] || {
    printf 'set-id or writable by all:\n%s\n' "$found"
    return 1
  }
  # What runs: our program and the dynamic linker. Docker adds empty files.
  found="$(find "$1" -type f -size +0 -perm /0111 ! -name '*.so*' -printf '/%P\n' | grep -v -x '/usr/local/bin/mirror-.*' || true)"
  [ -z "$found" ] || {
    printf 'programs beside ours:\n%s\n' "$found"
    return 1
  }
}
# Each setting of the program is handed on by compose.yaml, or it can't be used there.
hands_on() { # SERVICE FOLDER
  local variable missing=""
  while read -r variable; do
    case " $variable " in
      # Set in the image: which port it is outside is `ports:`.
      *_ADDR\ | " MIRROR_DATA_DIR " | " MIRROR_SAP_SIMULATOR_CATALOGUE ") continue ;;
    esac
    compose --profile demo config "$1" | grep -q "^ *$variable:" || missing+=" $variable"
  done < <(chroot "$2" "/usr/local/bin/mirror-$1" --help | grep -o '\[env: [A-Z0-9_]*' | cut -d ' ' -f 2)
  [ -z "$missing" ] || {
    echo "compose.yaml doesn't hand on:$missing"
    return 1
  }
}

test_images() {
  part "Images"
  if $built; then
    skip "docker compose build: --built"
  else
    long "docker compose build: four images for this machine" "$logs/compose-build.log" build_with_compose || return
  fi
  local service image
  for service in "${SERVICES[@]}"; do
    image="$(image_of "$service")"
    try "$service: less than $LARGEST_MIB MiB over its base" small "$image"
    note "$(small "$image" || true)"
    try "$service: runs as user 10001" runs_as_nobody "$image"
    try "$service: has a health check" has_health_check "$image"
    try "$service: has labels" has_labels "$image"
    unpack_image "$image" "$work/files/$service"
    try "$service: no shell, no other program, no set-id file" has_only "$work/files/$service"
    try "$service: compose.yaml hands on every setting of --help" hands_on "$service" "$work/files/$service"
  done
}

test_bake() {
  part "Images for both architectures"
  local service arch architectures=(amd64 arm64)
  if $built; then
    skip "docker buildx bake: --built"
    architectures=(arm64)
  else
    long "docker buildx bake: amd64 and arm64, with one command and no emulation" "$logs/bake.log" bake || return
  fi
  for service in "${SERVICES[@]}"; do
    for arch in "${architectures[@]}"; do
      try "$service for $arch" is_for "mirror-test/smart-mirror-$service:$arch" "$arch"
    done
    note "$(small "mirror-test/smart-mirror-$service:arm64" || true)"
  done
}
