# shellcheck shell=bash
# The services, as compose.yaml starts them, and asking them. Sourced.

project=smart-mirror-test
env_file=""

# With the test's settings and nobody else's: not those of a .env beside compose.yaml.
compose() {
  docker compose --progress plain --project-name "$project" --project-directory "$checkout" \
    --file "$checkout/compose.yaml" --env-file "${env_file:-/dev/null}" "$@"
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# As `compose ps`, which takes a second of each look.
container() {
  docker ps --all --quiet --no-trunc --filter "label=com.docker.compose.project=$project" \
    --filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False
}
state() { docker inspect --format "$2" "$(container "$1")"; }
pid_of() { state "$1" '{{.State.Pid}}'; }
# The engine leaves the last word on the health of what has ended.
healthy() { [ "$(state "$1" '{{.State.Running}} {{.State.Health.Status}}')" = "true healthy" ]; }
restarts() { state "$1" '{{.RestartCount}}'; }
address() { # SERVICE NETWORK
  docker inspect --format "{{(index .NetworkSettings.Networks \"${project}_$2\").IPAddress}}" "$(container "$1")"
}
all_healthy() {
  local service
  for service in "${running[@]}"; do healthy "$service" || {
    echo "$service is $(state "$service" '{{.State.Status}}, {{.State.Health.Status}}')"
    return 1
  }; done
}

# The gRPC ports are published nowhere: a client has to be beside the services, here
# in the recommender's network, with its own files.
beside=()
set_beside() {
  beside=(nsenter "--net=/proc/$(pid_of recommender)/ns/net" -- env "MIRROR_INFERENCE_ADDR=$(address inference inside):50051"
    MIRROR_RECOMMENDER_ADDR=127.0.0.1:50052 "MIRROR_CACHE_DIR=$MIRROR_CACHE_DIR" "PYTHONPATH=$examples")
}
beside() { # COMMAND...
  set_beside
  "${beside[@]}" "$@"
}
client() { beside "$python" -B "$examples/mirror_client.py" "$@"; }

get() { curl --silent --show-error --fail --max-time 10 "http://127.0.0.1:$ui_port/$1"; }
# The first state that a new screen is told.
first_state() { timeout 15 python3 "$here/events.py" "http://127.0.0.1:$ui_port/events" mirror; }
says_state() { # WORDS
  local said
  said="$(first_state)" || return
  [[ "$said" == *"$1"* ]] || {
    printf 'not in it: %s\n%s\n' "$1" "$said"
    return 1
  }
}
nothing_degraded() { first_state | python3 -c '
import json, sys
away = json.load(sys.stdin).get("degradations", [])
sys.exit(f"degraded: {away}" if away else 0)'; }
no_camera_here() { ! compgen -G '/dev/video*' >/dev/null; }

write_settings() {
  ui_port="$(free_port)" sap_port="$(free_port)"
  printf '%s\n' "MIRROR_UI_PUBLISH=127.0.0.1:$ui_port" "MIRROR_SAP_SIMULATOR_PUBLISH=127.0.0.1:$sap_port" >"$work/bare.env"
  # The password comes as a file, as in a shop.
  mkdir -p "$work/secrets"
  printf simulator >"$work/secrets/sap-password"
  # The services aren't root.
  chmod 0755 "$work" "$work/secrets"
  chmod 0444 "$work/secrets/sap-password"
  cat "$work/bare.env" - >"$work/demo.env" <<END
MIRROR_CATALOGUE_DIR=$MIRROR_CACHE_DIR/demo/catalogue
MIRROR_REPLAY_DIR=$MIRROR_CACHE_DIR/demo/scenes
MIRROR_CAMERA=replay:$MIRROR_CACHE_DIR/demo/scenes
MIRROR_PROVIDER=sap-runtime
MIRROR_PRODUCTS=occ
MIRROR_SAP_URL=http://sap-simulator:8090
MIRROR_SAP_USER=MIRROR
MIRROR_SAP_PASSWORD_FILE=/run/secrets/sap-password
MIRROR_SECRETS_DIR=$work/secrets
MIRROR_OCC_URL=http://sap-simulator:8090/occ/v2
MIRROR_OCC_SITE=mirror-shop
MIRROR_OCC_PAGES_URL=https://shop.example/
END
}

test_bare() {
  part "No camera, no Coral, no settings"
  env_file="$work/bare.env"
  running=(inference recommender ui)
  long "docker compose up: all healthy" "$logs/up-bare.log" compose up --detach --no-build --wait --wait-timeout 180 || return
  try "the page is there" get ""
  try "/readyz says ready" get readyz
  try "everything computes on the CPU" bash -c '[[ "$0" == *CPU* ]]' "$(get report)"
  if no_camera_here; then
    try "a screen is told that there is no camera, and why" eventually 20 says_state CAMERA
  else
    skip "a screen is told that there is no camera: this machine has one"
  fi
  try "no service has restarted" test "$(restarts inference)$(restarts recommender)$(restarts ui)" = 000
  try "docker compose down" compose down --volumes --timeout 20
}

# The files of this machine that inference may be given.
sees() { inside inference "bb ls $1"; }
test_mounts() {
  part "A model and a Coral's library of one's own"
  local models="$work/models"
  mkdir -p "$models" "$work/lib"
  cp "$MIRROR_CACHE_DIR/models/efficientnet_lite0_headless_int8.tflite" "$models/own.tflite"
  # What is compiled for a Coral, and its driver, only have to be where they are looked for.
  touch "$models/own_edgetpu.tflite" "$work/lib/libedgetpu.so.1.0"
  ln -sf libedgetpu.so.1.0 "$work/lib/libedgetpu.so.1"
  chmod -R a+rX "$models" "$work/lib"

  cat "$work/bare.env" - >"$work/model.env" <<<"MIRROR_MODEL=$models/own.tflite"
  env_file="$work/model.env" running=(inference)
  long "MIRROR_MODEL alone: healthy" "$logs/up-model.log" compose up --detach --no-build --wait --wait-timeout 120 inference || return
  check "a shell in its place" probe inference || return
  try "the one file is seen" sees "$models/own.tflite"
  try "and no other" fails sees "$models/own_edgetpu.tflite"
  end_probes

  cat "$work/model.env" - >"$work/models.env" <<END
MIRROR_MODEL_DIR=$models
MIRROR_EDGETPU_LIBRARY=$work/lib/libedgetpu.so.1
MIRROR_ACCELERATOR=cpu
END
  env_file="$work/models.env"
  long "MIRROR_MODEL_DIR and MIRROR_EDGETPU_LIBRARY: healthy" "$logs/up-models.log" \
    compose up --detach --no-build --wait --wait-timeout 120 inference || return
  check "a shell in its place" probe inference || return
  try "the model's twin for a Coral is seen" sees "$models/own_edgetpu.tflite"
  try "so is the Coral's library, and libusb for it" sees "$work/lib/libedgetpu.so.1 /usr/lib/x86_64-linux-gnu/libusb-1.0.so.0"
  end_probes
  try "docker compose down" compose down --volumes --timeout 20

  # What can't start is told on the page; it doesn't keep the page away.
  cat "$work/bare.env" - >"$work/no-coral.env" <<END
MIRROR_MODEL_DIR=$models
MIRROR_MODEL=$models/own.tflite
MIRROR_ACCELERATOR=edgetpu
END
  env_file="$work/no-coral.env"
  long "MIRROR_ACCELERATOR=edgetpu without a Coral: the others start" "$logs/up-no-coral.log" compose up --detach --no-build || true
  try "the page is there" eventually 60 get ""
  try "and says that recognition is away" eventually 20 says_state INFERENCE
  try "docker compose down" compose down --volumes --timeout 20
}

test_demo() {
  part "Replay, simulator, Python client, browser"
  env_file="$work/demo.env"
  running=(inference recommender ui sap-simulator)
  long "docker compose --profile demo up: all healthy" "$logs/up-demo.log" \
    compose --profile demo up --detach --no-build --wait --wait-timeout 180 || return
  try "no service's log has an error" no_errors
  long "the integrator's Python client: its own tests" "$logs/python.log" \
    beside env -C "$examples" "$python" -B -m unittest -v test_mirror_client || true
  long "the Python client teaches the demo's products" "$logs/teach.log" client teach "$MIRROR_CACHE_DIR/demo/teach" || true
  try "embeddings of pictures, to be compared with those of arm64" \
    beside "$python" -B "$here/same_embedding.py" record "$work/amd64-embeddings.json" "$MIRROR_CACHE_DIR/demo/teach"
  gallery="$(client labels)"
  note "$(wc -l <<<"$gallery") labels"
  local code
  # Not of `logs --tail`: the code is said once.
  code="$(compose logs --no-log-prefix ui | sed -n 's/.*Set-up code for \/teach.*code="\?\([[:alnum:]-]*\).*/\1/p' | tail -n 1)"
  try "a PIN can be set with the code in the ui's log" set_pin "$code"
  try "provider settings and the password from a file are right" eventually 30 cards_come
  try "in a browser: a product, its cards with pictures, /teach with the PIN, /status" \
    node "$here/browser.mjs" "http://127.0.0.1:$ui_port/" "$PIN"
}

no_errors() {
  local found
  found="$(compose --profile demo logs --no-color 2>&1 | grep -E ' ERROR ' || true)"
  [ -z "$found" ] || {
    printf '%s\n' "$found"
    return 1
  }
}

PIN=161803
set_pin() {
  curl --silent --show-error --fail-with-body --max-time 10 --output /dev/null --header 'content-type: application/json' \
    --data "{\"code\": \"$1\", \"pin\": \"$PIN\"}" "http://127.0.0.1:$ui_port/api/pin"
}
pin_is_known() {
  curl --silent --show-error --fail-with-body --max-time 10 --output /dev/null --header 'content-type: application/json' \
    --data "{\"pin\": \"$PIN\"}" "http://127.0.0.1:$ui_port/api/session"
}
gallery_is_the_same() { diff <(printf '%s\n' "$gallery") <(client labels); }
cards_come() { docker exec "$(container recommender)" mirror-recommender check-provider --product BAG-130; }
