# shellcheck shell=bash
# The environment in which the mirror is built and run. For bash, from any
# directory:
#
#     source deploy/env.sh
#     cargo build
#
# What is already set is kept. deploy/setup.sh makes what is named here.

_mirror_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# Cargo runs build scripts in other directories: a relative path means from here.
_mirror_absolute() {
  case "$1" in
    /*) printf '%s' "$1" ;;
    *) printf '%s/%s' "$PWD" "${1#./}" ;;
  esac
}

# Fetched and built things; may be deleted at any time, setup.sh makes it anew.
MIRROR_CACHE_DIR="$(_mirror_absolute "${MIRROR_CACHE_DIR:-$_mirror_root/.cache}")"
export MIRROR_CACHE_DIR
# What the mirror has learnt.
MIRROR_DATA_DIR="$(_mirror_absolute "${MIRROR_DATA_DIR:-$_mirror_root/data}")"
export MIRROR_DATA_DIR
export MIRROR_MODEL="${MIRROR_MODEL:-$MIRROR_CACHE_DIR/models/efficientnet_lite0_headless_int8.tflite}"

# Crate tflitec: link against this library instead of building TensorFlow.
export TFLITEC_PREBUILT_PATH="${TFLITEC_PREBUILT_PATH:-$MIRROR_CACHE_DIR/runtime/libtensorflowlite_c.so}"
export TFLITEC_HEADER_DIR="${TFLITEC_HEADER_DIR:-$_mirror_root/deploy/assets/tflite-headers}"

# Crate numkong 7.8.7: Debian 12's GCC can't compile its kernels for processors with
# dot products, which a Raspberry Pi 4 hasn't anyway.
if [ "$(uname -m)" = aarch64 ]; then export NK_TARGET_NEONSDOT="${NK_TARGET_NEONSDOT:-0}"; fi

# Where the built programs find that library.
case ":${LD_LIBRARY_PATH:-}:" in
  *":$MIRROR_CACHE_DIR/runtime:"*) ;;
  *) export LD_LIBRARY_PATH="$MIRROR_CACHE_DIR/runtime${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" ;;
esac

unset -f _mirror_absolute
unset _mirror_root
