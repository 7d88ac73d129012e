#!/bin/sh
# Tells cargo which files have changed since its cache was filled, and runs it:
#
#     changed.sh LIST FOLDER... -- COMMAND...
#
# Cargo goes by times, and times mean nothing here: a file from Docker's cache may be
# older than what was built from another one of its name. So files are compared with
# their sums of last time, which LIST has, and get a new time if they differ, else an
# old one. LIST is written when the command has gone well.
set -eu

list="$1"
shift
folders=""
while [ "$1" != -- ]; do
  folders="$folders $1"
  shift
done
shift

now="$(mktemp)"
# shellcheck disable=SC2086  # words
find $folders -type f -exec sha256sum {} + | LC_ALL=C sort -k 2 >"$now"
names() { cut -c 67- "$1"; }
if [ -e "$list" ] && [ "$(names "$list")" = "$(names "$now")" ]; then
  names "$now" | tr '\n' '\0' | xargs -0 touch --date=@1
  LC_ALL=C comm -13 "$list" "$now" | cut -c 67- | tr '\n' '\0' | xargs -0 --no-run-if-empty touch
else
  # A file that came or went may be one that cargo doesn't know of: all are new.
  names "$now" | tr '\n' '\0' | xargs -0 touch
fi
"$@"
mv "$now" "$list"
