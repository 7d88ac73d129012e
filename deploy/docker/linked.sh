#!/bin/sh
# Is every library that these programs are linked with in one of these folders?
#
#     linked.sh FOLDER[:FOLDER...] FILE...
#
# Reads the files instead of starting them, so it works across architectures.
set -eu

folders="$(echo "$1" | tr : ' ')"
shift
missing=0
for file in "$@"; do
  for library in $(readelf --dynamic "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    case "$library" in ld-linux-*) continue ;; esac
    found=false
    for folder in $folders; do
      [ ! -e "$folder/$library" ] || found=true
    done
    $found || {
      echo "$file needs $library, which is in none of: $folders" >&2
      missing=1
    }
  done
done
exit "$missing"
