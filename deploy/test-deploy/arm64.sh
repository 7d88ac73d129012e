# shellcheck shell=bash
# The arm64 images' programs under emulation. Sourced.

emulator=""
emulated=()
# Each in its own image's files, with the libraries that are there and no others, and
# what a container has beside them. The mounts are the process's own and end with it.
in_arm64() { # SERVICE ARGUMENT...
  local service="$1"
  shift
  # shellcheck disable=SC2016  # the inner shell expands that
  unshare --mount --propagation private sh -c '
    root="$1" program="$2"
    shift 2
    for each in proc sys dev; do mkdir -p "$root/$each" && mount --rbind "/$each" "$root/$each" || exit 1; done
    exec chroot --userspec=10001:10001 "$root" /qemu-aarch64-static "$program" "$@"' \
    sh "$work/arm64/$service" "/usr/local/bin/mirror-$service" "$@"
}
says_version() { in_arm64 "$1" --version | grep -q "^mirror-$1 [0-9]"; }

# A service in the background, and its health command until it says yes.
serve_arm64() { # SERVICE NAME=VALUE...
  local service="$1" pid
  shift
  (
    export "$@"
    in_arm64 "$service"
  ) </dev/null >"$logs/arm64-$service.log" 2>&1 &
  pid=$!
  emulated+=("$pid")
  eventually 240 arm64_says_healthy "$service" "$pid" "$@" || true
  says_healthy "$service" "$@" || {
    tail -n 8 "$logs/arm64-$service.log"
    return 1
  }
}
says_healthy() { (
  export "${@:2}"
  in_arm64 "$1" healthcheck
); }
# Or has ended: then there is nothing to wait for.
arm64_says_healthy() { # SERVICE PID NAME=VALUE...
  gone "$2" || says_healthy "$1" "${@:3}"
}
# The shell that waits for it, and what runs in it.
stop_arm64() {
  local pid
  for pid in "${emulated[@]}"; do
    pkill -TERM --parent "$pid" 2>/dev/null || true
    kill -TERM "$pid" 2>/dev/null || true
  done
  for pid in "${emulated[@]}"; do wait "$pid" 2>/dev/null || true; done
  emulated=()
}

test_arm64() {
  part "arm64, emulated"
  local service
  need qemu-aarch64-static qemu-user-static || {
    skip "arm64: qemu-user-static can't be installed here"
    return
  }
  emulator="$(command -v qemu-aarch64-static)"
  for service in "${SERVICES[@]}"; do
    unpack_image "mirror-test/smart-mirror-$service:arm64" "$work/arm64/$service"
    cp "$emulator" "$work/arm64/$service/qemu-aarch64-static"
    try "$service --version" says_version "$service"
  done
  # The addresses that the images don't set, or set for all of a container's.
  local inference inference_http recommender recommender_http ui simulator
  inference="127.0.0.1:$(free_port)" inference_http="127.0.0.1:$(free_port)" recommender="127.0.0.1:$(free_port)"
  recommender_http="127.0.0.1:$(free_port)" ui="127.0.0.1:$(free_port)" simulator="127.0.0.1:$(free_port)"
  mkdir -p "$work/arm64/sap-simulator/catalogue" "$work/arm64/inference/scenes"
  cp -r "$MIRROR_CACHE_DIR/demo/catalogue/." "$work/arm64/sap-simulator/catalogue/"
  cp "$MIRROR_CACHE_DIR"/demo/scenes/*0.jpg "$work/arm64/inference/scenes/" 2>/dev/null ||
    cp -r "$MIRROR_CACHE_DIR/demo/scenes/." "$work/arm64/inference/scenes/"

  try "inference: starts, passes its self-test, says healthy" serve_arm64 inference \
    "MIRROR_INFERENCE_ADDR=$inference" "MIRROR_INFERENCE_HTTP_ADDR=$inference_http" MIRROR_REPLAY_FPS=0.5 MIRROR_CAMERA=replay:/scenes \
    MIRROR_MODEL=/usr/local/share/smart-mirror/efficientnet_lite0_headless_int8.tflite
  try "the embeddings of pictures are those of amd64: cosine at least 0.999" \
    env PYTHONPATH="$examples" MIRROR_CACHE_DIR="$MIRROR_CACHE_DIR" MIRROR_INFERENCE_ADDR="$inference" \
    "$python" -B "$here/same_embedding.py" compare "$work/amd64-embeddings.json" "$MIRROR_CACHE_DIR/demo/teach"
  note "$(cat "$work/amd64-embeddings.json.said" 2>/dev/null || true)"
  try "recommender: starts, says healthy" serve_arm64 recommender \
    "MIRROR_RECOMMENDER_ADDR=$recommender" "MIRROR_RECOMMENDER_HTTP_ADDR=$recommender_http" "MIRROR_INFERENCE_ADDR=$inference" \
    MIRROR_DATA_DIR=/var/lib/smart-mirror
  try "sap-simulator: starts, says healthy" serve_arm64 sap-simulator \
    "MIRROR_SAP_SIMULATOR_ADDR=$simulator" MIRROR_SAP_SIMULATOR_CATALOGUE=/catalogue/catalogue.json
  try "ui: starts, says healthy" serve_arm64 ui "MIRROR_UI_ADDR=$ui" "MIRROR_RECOMMENDER_ADDR=$recommender" \
    "MIRROR_INFERENCE_ADDR=$inference" MIRROR_DATA_DIR=/var/lib/smart-mirror
  try "the Python client teaches the emulated mirror a product, and asks for it" \
    env PYTHONPATH="$examples" MIRROR_CACHE_DIR="$MIRROR_CACHE_DIR" MIRROR_INFERENCE_ADDR="$inference" MIRROR_RECOMMENDER_ADDR="$recommender" \
    "$python" -B "$here/teach_one.py" "$MIRROR_CACHE_DIR/demo/teach"
  stop_arm64
}
