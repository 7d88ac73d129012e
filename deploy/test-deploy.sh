#!/usr/bin/env bash
# Checks what runs in a shop: the images and compose.yaml, in a Docker engine, and
# the arm64 programs under emulation.
#
#     deploy/test-deploy.sh           all of it
#     deploy/test-deploy.sh --quick   without arm64 and the camera in a VM
#     deploy/test-deploy.sh --built   with the images that the last run has built
#
# Needs x86_64, root, and what README.md asks for. Where no Docker engine runs it
# installs one, and starts it for itself, with its images below MIRROR_CACHE_DIR
# (some 12 GB); Compose, buildx and the image to build in it makes of Debian's and
# npm's packages, so no registry of images is asked. The first run compiles for two
# architectures, which takes two cores half an hour or more; a later one less
# than 25 minutes. What can't be checked here says SKIPPED and why. Logs are kept
# in deploy-test-logs in MIRROR_CACHE_DIR.
#
# It makes for a while three nodes in /dev, and starts only what it ends again, also
# at Ctrl-C. The parts are in test-deploy/, a file for each subject.
set -euo pipefail

quick=false built=false
for option in "$@"; do
  case "$option" in
    --quick) quick=true ;;
    --built) built=true ;;
    *)
      echo "usage: deploy/test-deploy.sh [--quick] [--built]" >&2
      exit 64
      ;;
  esac
done

checkout="$(cd "$(dirname "$0")/.." && pwd)"
here="$checkout/deploy/test-deploy"
examples="$checkout/deploy/examples/python"
# Before it is shut out below: which settings of this shell are meant for a test.
MIRROR_CACHE_DIR="$(realpath --canonicalize-missing "${MIRROR_CACHE_DIR:-$checkout/.cache}")"
kept_cache="$MIRROR_CACHE_DIR"
# A mirror's own settings in this shell would go into its containers.
for variable in "${!MIRROR_@}"; do unset "$variable"; done
export MIRROR_CACHE_DIR="$kept_cache"
cache="$MIRROR_CACHE_DIR/deploy-test"
logs="$MIRROR_CACHE_DIR/deploy-test-logs"
python="$MIRROR_CACHE_DIR/venv/bin/python"

# shellcheck source-path=SCRIPTDIR source=test-deploy/report.sh
source "$here/report.sh"
# shellcheck source-path=SCRIPTDIR source=test-deploy/engine.sh
source "$here/engine.sh"
# shellcheck source-path=SCRIPTDIR source=test-deploy/bases.sh
source "$here/bases.sh"
# shellcheck source-path=SCRIPTDIR source=test-deploy/images.sh
source "$here/images.sh"
# shellcheck source-path=SCRIPTDIR source=test-deploy/stack.sh
source "$here/stack.sh"
# shellcheck source-path=SCRIPTDIR source=test-deploy/isolation.sh
source "$here/isolation.sh"
# shellcheck source-path=SCRIPTDIR source=test-deploy/recovery.sh
source "$here/recovery.sh"
# shellcheck source-path=SCRIPTDIR source=test-deploy/stopping.sh
source "$here/stopping.sh"
# shellcheck source-path=SCRIPTDIR source=test-deploy/memory.sh
source "$here/memory.sh"
# shellcheck source-path=SCRIPTDIR source=test-deploy/arm64.sh
source "$here/arm64.sh"

[ "$(uname -m)" = x86_64 ] || die "This test is for x86_64: it builds for arm64 from there." "On a Raspberry Pi itself: docker compose up"
[ "$(id -u)" -eq 0 ] || die "This test has to be root: it starts a Docker engine and looks into containers."

rm -rf "$logs"
mkdir -p "$cache" "$logs"
# Two at once would end each other's containers.
exec 9>"$cache/.lock"
flock --nonblock 9 || die "Another deploy/test-deploy.sh runs with $MIRROR_CACHE_DIR."
work="$(mktemp -d /tmp/mirror-deploy.XXXXXX)"
export DOCKER_CONFIG="$work/docker"
mkdir -p "$DOCKER_CONFIG"

# shellcheck disable=SC2317  # called by a trap
clean_up() {
  local rc=$?
  trap - EXIT
  # Once begun it goes to its end.
  trap '' INT TERM
  set +e
  end_running
  stop_arm64
  stop_listener
  remove_nodes
  end_probes
  # Without one, its networks would stay.
  # shellcheck disable=SC2119  # its flags are not those of this script
  if $engine_is_ours && ! docker info >/dev/null 2>&1; then start_engine; fi
  if [ -e "$work/bare.env" ] && docker info >/dev/null 2>&1; then
    collect_logs
    compose --profile demo down --volumes --remove-orphans --timeout 10 >/dev/null 2>&1
  fi
  clean_up_engine
  jobs -p | xargs -r kill 2>/dev/null
  rm -rf --one-file-system "$work"
  exit "$rc"
}
collect_logs() {
  compose --profile demo logs --no-color --timestamps >"$logs/services.log" 2>&1
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# In one piece, so that an update of this file can't change it while it runs.
main() {
  part "Set-up"
  long "deploy/setup.sh" "$logs/setup.log" "$checkout/deploy/setup.sh" --tests || return 0
  if ! $quick; then try "shellcheck" shellcheck -x "$checkout"/deploy/test-deploy.sh "$checkout"/deploy/docker/*.sh; fi
  check "a Docker engine" engine || return 0
  note "$(docker version --format 'engine {{.Server.Version}}' 2>/dev/null)"
  check "Compose 2 and buildx" plugins || return 0
  write_settings
  try "compose.yaml is understood" compose --profile demo config --quiet
  $built || long "an image to build in, of Debian's and npm's packages" "$logs/base.log" build_base || return 0

  test_images || return 0
  check "for the test: the same images with a shell" probe_image || return 0
  $quick || test_bake || true
  test_bare || true
  test_mounts || true
  if test_demo; then
    test_isolation || true
    test_memory || true
    test_kiosk || true
    if test_recovery; then test_stop || true; fi
  fi
  collect_logs || true
  try "docker compose down, with everything" compose --profile demo down --volumes --timeout 20

  $quick || test_arm64 || true
  part "Other tests"
  if $quick; then
    skip "arm64, the camera in a VM: --quick"
  elif [ -x "$checkout/deploy/vm/test.sh" ]; then
    # The image's own program, so nothing is compiled again.
    hook "the camera, in a VM (deploy/vm/test.sh)" vm env MIRROR_BINARY="$work/files/inference/usr/local/bin/mirror-inference" \
      "$checkout/deploy/vm/test.sh"
  else
    skip "the camera, in a VM: there is no deploy/vm/test.sh"
  fi
}
# With the stack's own page on the screen.
test_kiosk() {
  part "The kiosk"
  hook "the kiosk (deploy/kiosk/test.sh)" kiosk \
    env MIRROR_KIOSK_TEST_URL="http://127.0.0.1:$ui_port/" MIRROR_KIOSK_TEST_DIR="$logs/kiosk" "$checkout/deploy/kiosk/test.sh"
}
hook() { # WHAT NAME COMMAND...
  local what="$1" log="$logs/$2.log"
  shift 2
  long "$what" "$log" "$@" || true
  grep -E '^ *SKIPPED' "$log" | sed 's/^ */           of it: /' || true
}

main
summary
[ "$failed" -eq 0 ]
