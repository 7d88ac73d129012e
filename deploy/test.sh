#!/usr/bin/env bash
# Every test: sets up like demo.sh, then checks the code's form, runs the Rust
# tests, the page's tests, and the whole system with a browser.
#
#     deploy/test.sh
#
# With MIRROR_ASSET_DIR=DIR the MobileNets found there are tested too. The first
# run builds everything, which takes a while; a second one minutes.
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
# shellcheck source-path=SCRIPTDIR source=env.sh
source "$root/deploy/env.sh"
cd "$root"
page=services/ui/page

part() { printf '\n=== %s (%d s)\n' "$1" "$SECONDS"; }

part "Set-up"
deploy/setup.sh --tests

part "Form: rustfmt, clippy, scripts, page"
cargo fmt --all --check
cargo clippy --release --locked --workspace --all-targets -- -D warnings
shellcheck -x deploy/*.sh deploy/assets/*.sh deploy/examples/python/*.sh deploy/docker/*.sh deploy/kiosk/*.sh deploy/vm/*.sh \
  deploy/vm/guest/{init,run.cgi,serve,v4l2-ctl} .ci/run
npm run check --prefix "$page"

part "Form: licences and sources of dependencies"
deny="$MIRROR_CACHE_DIR/cargo-deny"
deny_version=0.20.2
if [ ! -x "$deny/bin/cargo-deny" ] || [ "$("$deny/bin/cargo-deny" --version)" != "cargo-deny $deny_version" ]; then
  cargo install --locked --version "=$deny_version" --root "$deny" --target-dir "$deny/target" cargo-deny
  rm -rf "$deny/target"
fi
# All in the lock file counts, also what only other systems need.
cargo fetch --locked
"$deny/bin/cargo-deny" --offline --locked check licenses bans sources

part "Rust tests"
cargo test --release --locked --workspace

part "Benchmark tools"
(cd deploy/bench && "$MIRROR_CACHE_DIR/venv/bin/python" -B -m unittest -q test_measures)

part "Monitoring and measuring"
python3 -B deploy/monitoring/check.py
if command -v promtool >/dev/null; then
  promtool check rules deploy/monitoring/alerts.yml
  promtool test rules deploy/monitoring/alerts_test.yml
else
  echo "skipped: alert rules; there is no promtool (Debian's package prometheus has it)"
fi
(cd deploy/measure && python3 -B -m unittest -q test_measure)

part "Page tests"
npm test --prefix "$page"

part "The whole system, in a browser"
cargo build --release --locked
npm run e2e --prefix "$page"

part "The camera, against a kernel's V4L2 driver in a VM"
deploy/vm/test.sh

part "All tests passed"
