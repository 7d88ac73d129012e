#!/usr/bin/env bash
# The benchmarks. Figures are kept in docs/benchmarks.md.
#
#     deploy/bench.sh                  all of them
#     deploy/bench.sh page             a frame, from the camera to an event in the page
#     deploy/bench.sh recommendations  from a recognised product to its cards in the page
#     deploy/bench.sh search           exact search, beside faiss, usearch and numpy
#     deploy/bench.sh teaching         from an added sample to a verdict that uses it
#     deploy/bench.sh growth           a verdict in galleries of all sizes
#     deploy/bench.sh accuracy         needs pictures:
#
# MIRROR_BENCH_TEACH and MIRROR_BENCH_TEST are CSV files (path,fine,coarse; paths
# from the file's folder) of the pictures to teach from and to ask about, and
# MIRROR_BENCH_UNKNOWN is a folder of pictures of other things. Without them
# accuracy is left out of "all". MIRROR_MODEL selects the model. Options after the
# name of one (but page) go to it; --help shows them.
set -euo pipefail

root="$(cd "$(dirname "$0")/.." && pwd)"
# shellcheck source-path=SCRIPTDIR source=env.sh
source "$root/deploy/env.sh"
cd "$root"

which="${1:-all}"
shift || true
case "$which" in
  all | page | recommendations | search | teaching | growth | accuracy) ;;
  *)
    echo "There is no benchmark '$which'; see the head of deploy/bench.sh." >&2
    exit 2
    ;;
esac

deploy/setup.sh --tests --bench
cargo build --release --locked --workspace --examples --bins

python=("$MIRROR_CACHE_DIR/bench-venv/bin/python" -B)

accuracy() {
  local options=(--teach "$MIRROR_BENCH_TEACH" --test "$MIRROR_BENCH_TEST")
  [[ -z "${MIRROR_BENCH_UNKNOWN:-}" ]] || options+=(--unknown "$MIRROR_BENCH_UNKNOWN")
  "${python[@]}" deploy/bench/accuracy.py "${options[@]}" --model "$MIRROR_MODEL" "$@"
}

if [[ "$which" == page || "$which" == all ]]; then
  npm run bench --prefix services/ui/page
fi
if [[ "$which" == recommendations || "$which" == all ]]; then
  node services/ui/page/bench/recommendations.mjs "$@"
fi
if [[ "$which" == search || "$which" == all ]]; then
  "${python[@]}" deploy/bench/search.py --ours target/release/examples/search "$@"
fi
if [[ "$which" == teaching || "$which" == all ]]; then
  "${python[@]}" deploy/bench/teaching.py "$@"
fi
if [[ "$which" == growth || "$which" == all ]]; then
  "${python[@]}" deploy/bench/growth.py "$@"
fi
if [[ "$which" == accuracy || ("$which" == all && -n "${MIRROR_BENCH_TEACH:-}") ]]; then
  if [[ -z "${MIRROR_BENCH_TEACH:-}" || -z "${MIRROR_BENCH_TEST:-}" ]]; then
    echo "Set MIRROR_BENCH_TEACH and MIRROR_BENCH_TEST to CSV files of pictures; see the head of deploy/bench.sh." >&2
    exit 2
  fi
  accuracy "$@"
fi
