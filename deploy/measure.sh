#!/usr/bin/env bash
# Measures the mirror that runs on this device, and prints a report in Markdown
# that can be pasted into an issue: frames a second, the time of each stage, what
# computes, processor and memory of each service, temperature, throttling, USB.
#
#     deploy/measure.sh                      for 60 s
#     deploy/measure.sh --seconds 300        for longer: does it get hot?
#     deploy/measure.sh --url http://127.0.0.1:8081
#     deploy/measure.sh >report.md           progress goes to standard error
#
# Works beside docker compose and beside deploy/demo.sh: it asks the page's own
# port, and reads /proc and /sys. Changes nothing. No pictures and no names of
# labels are in the report. As root it can tell memory that is shared from memory
# that isn't. Needs Python 3.11. docs/hardware.md says what to do before the camera
# meanwhile.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
if ! command -v python3 >/dev/null; then
  echo "python3 is missing. Run:  sudo apt-get install python3" >&2
  exit 1
fi
exec python3 -B "$here/measure/measure.py" "$@"
