#!/bin/sh
# Unpacks Debian packages into a folder that is to be copied into an image:
#
#     unpack.sh FOLDER ARCHITECTURE PACKAGE...
#
# No script of a package is run, so they may be another architecture's. Libraries
# and licences stay; manuals and the C library's converters of character sets,
# half its size and used by nobody here, don't.
set -eu

folder="$1" architecture="$2"
shift 2
mkdir -p "$folder/usr/lib" "$folder/var/lib/dpkg/status.d"
# As everywhere in Debian since bookworm; packages still come with /lib.
ln -s usr/lib "$folder/lib"
if [ "$architecture" = amd64 ]; then
  mkdir "$folder/usr/lib64"
  ln -s usr/lib64 "$folder/lib64"
fi

packages="$(mktemp -d)"
# A folder of root's alone, which apt's own user can't write to.
cd "$packages"
for name in "$@"; do
  # Packages for all architectures have none in their names.
  apt-get -o APT::Sandbox::User=root download "$name:$architecture" 2>/dev/null ||
    apt-get -o APT::Sandbox::User=root download "$name"
  dpkg-deb --fsys-tarfile "$name"_*.deb | tar -x --keep-directory-symlink -C "$folder"
  # Where scanners for known holes look in images without dpkg.
  dpkg-deb --field "$name"_*.deb >"$folder/var/lib/dpkg/status.d/$name"
done
rm -rf "$packages"

find "$folder/usr/share/doc" -type f ! -name copyright -delete
rm -rf "$folder"/usr/lib/*/gconv "$folder"/usr/lib/*/audit "$folder"/usr/share/lintian "$folder"/usr/share/man \
  "$folder"/usr/share/gcc "$folder"/usr/share/gdb "$folder"/etc/ld.so.conf.d
find "$folder" -type d -empty -delete
