#!/usr/bin/env bash
# Gets what the VM is made of: QEMU, a kernel with its virtual camera `vivid`,
# busybox and v4l2-ctl, all from the Debian packages that this machine's apt
# knows.
#
#     deploy/vm/fetch.sh
#
# Nothing is installed and no root is needed: the packages and all that they
# depend on are downloaded, checked by apt as ever, and unpacked below
# MIRROR_CACHE_DIR/vm (190 MB). What is there is kept.
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
# shellcheck source-path=SCRIPTDIR source=../env.sh
source "$here/../env.sh"
vm="$MIRROR_CACHE_DIR/vm"
system="$vm/system" kernel="$vm/kernel" part="$vm/part"
LOG_DIR="$vm/logs"
mkdir -p "$LOG_DIR"
# shellcheck source-path=SCRIPTDIR source=../assets/progress.sh
source "$here/../assets/progress.sh"

# Two tests may be started at the same time: the second one waits.
exec 9>"$vm/.lock"
flock 9

wanted="$(sha256sum "$0" | cut -c 1-64)"
if [ "$(cat "$vm/stamp" 2>/dev/null || true)" = "$wanted" ] && [ -d "$system" ] && [ -d "$kernel" ]; then
  exit
fi

command -v apt-get >/dev/null ||
  die "The VM is made of Debian packages, and there is no apt-get here." "Run this test on Debian 12 or newer."

rm -rf "$part" "$system" "$kernel" "$vm/stamp"
mkdir -p "$part/state/lists/partial" "$part/cache/archives/partial" "$part/image" "$part/tree" "$part/system"
# With a list of installed packages of its own, an empty one, apt takes nothing
# for granted: what is downloaded runs by itself.
: >"$part/state/status"
apt=(apt-get -o "Dir::State=$part/state" -o "Dir::State::status=$part/state/status"
  -o "Dir::Cache=$part/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User=root
  -o Acquire::Languages=none -o Acquire::Retries=3)
network_hint="Debian's package servers must be reachable; behind a proxy set https_proxy and http_proxy."

step "[1/3] Packages for the VM: lists"
# Some other source of this machine may be broken; whether the packages are
# found is decided by the next command.
run apt-update "${apt[@]}" update || true
step_done

step "[2/3] Packages for the VM: QEMU, busybox, v4l-utils, a kernel"
run apt-download "${apt[@]}" install --download-only --no-install-recommends -y \
  qemu-system-x86 busybox-static v4l-utils || die "apt-get could not download QEMU, busybox and v4l-utils." "$network_hint"
# The kernel's package alone: what it depends on is for installing it.
image="$(apt-cache -o "Dir::State=$part/state" -o "Dir::State::status=$part/state/status" -o "Dir::Cache=$part/cache" \
  depends --no-recommends linux-image-amd64 | awk '/Depends: linux-image-/ { print $2; exit }')"
[ -n "$image" ] || die "apt-get does not know the package linux-image-amd64." "Run this test on Debian."
(cd "$part/image" && run apt-kernel "${apt[@]}" download "$image") || die "apt-get could not download $image." "$network_hint"
step_done

step "[3/3] Unpacking"
for package in "$part"/cache/archives/*.deb; do
  dpkg-deb -x "$package" "$part/system"
done
dpkg-deb --fsys-tarfile "$part"/image/*.deb | tar -x -C "$part/tree" --wildcards './boot/vmlinuz*' '*lib/modules/*'
modules="$(compgen -G "$part/tree/lib/modules/*" || compgen -G "$part/tree/usr/lib/modules/*")" ||
  die "$image has no modules."
version="$(basename "$modules")"
busybox="$(compgen -G "$part/system/*bin/busybox" || compgen -G "$part/system/usr/bin/busybox")"
run depmod "$busybox" depmod -b "${modules%/lib/modules/*}" "$version" || die "The kernel's modules can't be listed."
# Only the modules that the VM loads, and what they need.
mkdir -p "$part/kernel/modules/$version"
for wanted_module in vivid e1000; do
  line="$(grep "/$wanted_module\.ko[.a-z]*:" "$modules/modules.dep")" || die "$image has no module $wanted_module."
  for file in ${line/:/}; do
    (cd "$modules" && cp --parents "$file" "$part/kernel/modules/$version/")
    grep "^$file:" "$modules/modules.dep" >>"$part/kernel/modules/$version/modules.dep"
  done
done
mv "$part"/tree/boot/vmlinuz* "$part/kernel/vmlinuz"
mv "$part/system" "$system"
mv "$part/kernel" "$kernel"
rm -rf "$part"
echo "$wanted" >"$vm/stamp"
step_done
