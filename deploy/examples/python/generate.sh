#!/usr/bin/env bash
# Generates the Python stubs from proto/ into a folder.
#
#     deploy/examples/python/generate.sh OUT
#
# Needs grpcio-tools; PYTHON says which Python has it (default: python3).
set -euo pipefail

out="${1:?usage: generate.sh OUT}"
proto="$(cd "$(dirname "$0")/../../.." && pwd)/proto"

# Into a new folder first, so that OUT never holds half of them.
rm -rf "$out.part"
mkdir -p "$out.part"
find "$proto/smartmirror" -name '*.proto' -print0 | LC_ALL=C sort -z |
  xargs -0 "${PYTHON:-python3}" -m grpc_tools.protoc --proto_path="$proto" \
    --python_out="$out.part" --pyi_out="$out.part" --grpc_python_out="$out.part"
rm -rf "$out"
mv "$out.part" "$out"
