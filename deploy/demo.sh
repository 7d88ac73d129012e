#!/usr/bin/env bash
# The whole mirror on this machine, with embedded defaults: a replay of demo
# scenes as the camera, the network on the CPU, a gallery that is taught through
# the public gRPC API, recommendations from a simulator of SAP Marketing Cloud that
# has a page where they can be changed.
#
#     deploy/demo.sh        stays in the foreground; Ctrl-C ends everything
#
# Installs and builds what is missing first. Settings come from the environment
# (README.md lists them); the common ones:
#
#     MIRROR_CAMERA=auto      use this machine's camera instead of the scenes
#     MIRROR_DEMO_TEACH=0     start with an empty gallery
#     MIRROR_DATA_DIR=DIR     keep what is taught elsewhere than in data/
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
# shellcheck source-path=SCRIPTDIR source=env.sh
source "$root/deploy/env.sh"

export MIRROR_INFERENCE_ADDR="${MIRROR_INFERENCE_ADDR:-127.0.0.1:50051}"
export MIRROR_INFERENCE_HTTP_ADDR="${MIRROR_INFERENCE_HTTP_ADDR:-127.0.0.1:9051}"
export MIRROR_RECOMMENDER_ADDR="${MIRROR_RECOMMENDER_ADDR:-127.0.0.1:50052}"
export MIRROR_RECOMMENDER_HTTP_ADDR="${MIRROR_RECOMMENDER_HTTP_ADDR:-127.0.0.1:9052}"
export MIRROR_SAP_SIMULATOR_ADDR="${MIRROR_SAP_SIMULATOR_ADDR:-127.0.0.1:8090}"
export MIRROR_UI_ADDR="${MIRROR_UI_ADDR:-127.0.0.1:8080}"
# A demo doesn't turn a camera on unasked.
export MIRROR_CAMERA="${MIRROR_CAMERA:-replay:$MIRROR_CACHE_DIR/demo/scenes}"
export MIRROR_REPLAY_DIR="${MIRROR_REPLAY_DIR:-$MIRROR_CACHE_DIR/demo/scenes}"
export MIRROR_SAP_SIMULATOR_CATALOGUE="${MIRROR_SAP_SIMULATOR_CATALOGUE:-$MIRROR_CACHE_DIR/demo/catalogue/catalogue.json}"
# Another provider, or a tenant of one's own, is a matter of these.
simulated=""
if [ -z "${MIRROR_PROVIDER:-}${MIRROR_CATALOGUE:-}${MIRROR_SAP_URL:-}" ]; then
  simulated=yes
  export MIRROR_PROVIDER=sap-runtime MIRROR_PRODUCTS="${MIRROR_PRODUCTS:-occ}"
  export MIRROR_SAP_URL="http://$MIRROR_SAP_SIMULATOR_ADDR"
  export MIRROR_SAP_USER="${MIRROR_SAP_SIMULATOR_USER:-MIRROR}"
  export MIRROR_SAP_PASSWORD="${MIRROR_SAP_SIMULATOR_PASSWORD:-simulator}"
  export MIRROR_OCC_URL="$MIRROR_SAP_URL/occ/v2" MIRROR_OCC_SITE=mirror-shop
  # Where the QR codes lead: nowhere, in a demo.
  export MIRROR_OCC_PAGES_URL="${MIRROR_OCC_PAGES_URL:-https://shop.example/}"
fi
logs="$MIRROR_DATA_DIR/logs"
bin="${CARGO_TARGET_DIR:-$root/target}/release"

die() {
  printf '\nError: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
  exit 1
}

# --- What was started ends with this script ----------------------------------

# Each command gets a process group of its own, so that what it has started in
# turn ends with it.
groups=()
# shellcheck disable=SC2317  # called by traps
stop() {
  trap - EXIT INT TERM
  local group
  for group in "${groups[@]}"; do kill -TERM -- "-$group" 2>/dev/null || true; done
  for group in "${groups[@]}"; do wait "$group" 2>/dev/null || true; done
}
trap stop EXIT
trap 'stop; echo; echo "Mirror stopped."; exit 0' INT TERM

# A command in the foreground that a signal can still end at once.
run() {
  setsid "$@" </dev/null &
  groups+=($!)
  wait $!
}

# serve NAME: a service in the background, its log in a file.
declare -A service=()
serve() {
  setsid "$bin/mirror-$1" </dev/null >"$logs/$1.log" 2>&1 &
  groups+=($!)
  service[$1]=$!
}

died() { # NAME
  tail -n 5 "$logs/$1.log" >&2
  die "mirror-$1 has ended; its log is $logs/$1.log"
}

ready() { # NAME
  local tries=0
  until "$bin/mirror-$1" healthcheck 2>/dev/null; do
    kill -0 "${service[$1]}" 2>/dev/null || died "$1"
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || die "mirror-$1 is not ready after 60 seconds; its log is $logs/$1.log"
    sleep 0.2
  done
}

# --- Set-up and start --------------------------------------------------------

# In one piece, so that an update of this file can't change it while it runs.
main() {
  # Before minutes of building, not after.
  for name in UI INFERENCE RECOMMENDER SAP_SIMULATOR INFERENCE_HTTP RECOMMENDER_HTTP; do
    variable="MIRROR_${name}_ADDR"
    address="${!variable}"
    if (exec 3<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null; then
      die "$address is taken by another program." "Stop it, or move this listener: $variable=127.0.0.1:PORT deploy/demo.sh"
    fi
  done
  mkdir -p "$logs" 2>/dev/null || die "can't write to $MIRROR_DATA_DIR" "Set MIRROR_DATA_DIR to a directory that you may write."

  run "$root/deploy/setup.sh"
  echo "Rust services ..."
  # From the checkout: there stands which toolchain to use.
  run env -C "$root" cargo build --release --locked

  for name in sap-simulator inference recommender ui; do serve "$name"; done
  for name in sap-simulator inference recommender ui; do ready "$name"; done

  if [ "${MIRROR_DEMO_TEACH:-1}" != 0 ]; then
    echo "Teaching the demo's products ..."
    run "$MIRROR_CACHE_DIR/venv/bin/python" -B "$root/deploy/examples/python/mirror_client.py" \
      teach "$MIRROR_CACHE_DIR/demo/teach" || die "the demo's products could not be taught; the logs are in $logs"
  fi

  [ -z "$simulated" ] ||
    echo "Change what is recommended: http://$MIRROR_SAP_SIMULATOR_ADDR/ (a simulator, no SAP product)"
  # Until there is a PIN, the ui's log has the code with which to set one.
  code="$(sed -n 's/.*Set-up code for \/teach.*code="\?\([[:alnum:]-]*\).*/\1/p' "$logs/ui.log" | tail -n 1)"
  echo "Teach it: http://$MIRROR_UI_ADDR/teach${code:+ (set-up code $code)}"
  echo "Look inside: http://$MIRROR_UI_ADDR/space, http://$MIRROR_UI_ADDR/status"
  echo "Mirror ready: http://$MIRROR_UI_ADDR/"
  echo "Ctrl-C ends it. Logs: $logs"

  wait -n "${service[@]}" || true
  for name in "${!service[@]}"; do
    kill -0 "${service[$name]}" 2>/dev/null || died "$name"
  done
  exit 1
}
main
