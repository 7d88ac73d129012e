#!/usr/bin/env bash
# The benchmark: how long a frame takes from the camera to an event in the page,
# and how much memory the services hold. Figures are kept in docs/benchmarks.md.
#
#     deploy/bench.sh
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
# shellcheck source-path=SCRIPTDIR source=env.sh
source "$root/deploy/env.sh"
cd "$root"
deploy/setup.sh --tests
cargo build --release --locked
npm run bench --prefix services/ui/page
