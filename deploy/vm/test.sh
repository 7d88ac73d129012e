#!/usr/bin/env bash
# Tests the camera against a kernel's own V4L2 driver, without a camera: boots a
# small VM with the virtual camera `vivid`, runs the release binary of
# mirror-inference in it, and breaks the camera in every way that vivid knows.
#
#     deploy/vm/test.sh              all checks
#     deploy/vm/test.sh PATTERN      those with PATTERN in their lines or their part's
#
# Needs x86_64 and Debian 12 or newer; root only where deploy/setup.sh has to
# install something. Processor and devices are emulated: it takes five minutes,
# beside other work ten, the first time half a minute more. MIRROR_BINARY tests
# another binary than the checkout's, MIRROR_VM_TEST_DIR is where the guest's log
# goes. What vivid can't be is not tested: a camera that offers MJPEG, or one with
# exposure and focus.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"

if [ "$(uname -m)" != x86_64 ]; then
  echo "  SKIPPED  all: the VM is an x86_64 machine and runs this machine's binary, which is $(uname -m)"
  exit 0
fi

# shellcheck source-path=SCRIPTDIR source=../env.sh
source "$root/deploy/env.sh"
"$root/deploy/setup.sh"
"$here/fetch.sh"
if [ -z "${MIRROR_BINARY:-}" ]; then
  (cd "$root" && cargo build --release --locked --bin mirror-inference)
  MIRROR_BINARY="${CARGO_TARGET_DIR:-$root/target}/release/mirror-inference"
fi
export MIRROR_BINARY
echo "Testing $MIRROR_BINARY"

export PYTHONPATH="$MIRROR_CACHE_DIR/python-stubs${PYTHONPATH:+:$PYTHONPATH}"
exec "$MIRROR_CACHE_DIR/venv/bin/python" -B "$here/run.py" "$@"
