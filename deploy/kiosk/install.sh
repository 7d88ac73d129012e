#!/usr/bin/env bash
# Makes a Raspberry Pi a mirror from power-on: the services start with the
# machine, and their page is what its screen shows. For Raspberry Pi OS 12
# (bookworm) and 13 (trixie), Desktop with labwc or Lite; docs/kiosk.md says what it
# changes.
#
#     sudo deploy/kiosk/install.sh [OPTION ...]
#
#     --user NAME          whose session shows the page (the one who called sudo)
#     --url URL            the page (http://127.0.0.1:8080/)
#     --lang de|en         its language (the user's)
#     --rotate 0|90|180|270   turns the screens
#     --camera VENDOR:PRODUCT   the USB camera of this id (lsusb) is always
#                          /dev/video90 too, whatever else is plugged in
#     --no-start           starts nothing now: for images that are yet to be brought
#     --dry-run            says what it would do, and does nothing
#     --uninstall          takes back what it did
#     --root DIR           works on the system in DIR: touches nothing outside of
#                          it, installs no packages, starts nothing
#
# May be run again at any time: it does what is missing, and says when nothing is.
# Options not given stay as they were.
set -euo pipefail
# So that place_file, at the end of a pipe, counts in this shell.
shopt -s lastpipe

usage() {
  sed -n 's/^#     //p' "$0" >&2
  exit 64
}

die() {
  printf '\nError: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
  exit 1
}

dry_run=false uninstall=false start=true user="" url="" lang="" rotate="" camera="" root=""
while [ $# -gt 0 ]; do
  case "$1" in
    --dry-run) dry_run=true ;;
    --uninstall) uninstall=true ;;
    --no-start) start=false ;;
    --user | --url | --lang | --rotate | --camera | --root)
      [ $# -ge 2 ] || usage
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    *) usage ;;
  esac
  shift
done

case "$lang" in '' | de | en) ;; *) die "--lang is '$lang'; it must be de or en." ;; esac
case "$rotate" in '' | 0 | 90 | 180 | 270) ;; *) die "--rotate is '$rotate'; it must be 0, 90, 180 or 270." ;; esac
[[ "$url" =~ ^(https?://[][A-Za-z0-9._~:/?\&=%+,@-]+)?$ ]] ||
  die "--url is '$url'; it must be an http address without spaces and quotes." "For example: http://127.0.0.1:8080/"
[[ "$camera" =~ ^([0-9a-f]{4}:[0-9a-f]{4})?$ ]] ||
  die "--camera is '$camera'; it must be the id that lsusb shows." "For example: 046d:0825"
if [ -n "$root" ]; then
  [ -d "$root" ] || die "--root is '$root'; it must be a folder."
  root="$(cd "$root" && pwd)"
  [ "$root" != / ] || root=""
fi

checkout="$(cd "$(dirname "$0")/../.." && pwd)"
here="$checkout/deploy/kiosk"
# It stands in unit files, in XML and in scripts, each with quoting of its own.
[[ "$checkout" =~ ^[A-Za-z0-9/._+-]+$ ]] ||
  die "The checkout is in '$checkout'." "Move it to a path of letters, digits, '.', '_', '-' and '+' alone."
if [ -z "$root" ] && ! $dry_run && [ "$(id -u)" -ne 0 ]; then
  die "It changes the system, and you are not root." "Run:  sudo $0  (or --dry-run to see what it would do)"
fi

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

# --- What was done, so that it can be taken back -----------------------------

# manifest: kind, path and hash of each thing that was made, one a line, in order;
# before/: what was in its place.
state=/var/lib/smart-mirror-kiosk
manifest="$root$state/manifest"
changed=0 left=0

hash_of() { # PATH: of a link, its target
  if [ -L "$1" ]; then readlink "$1"; else cat "$1"; fi | sha256sum | cut -c 1-64
}
recorded() { # KIND PATH: the hash
  [ -e "$manifest" ] || return 0
  awk -F '\t' -v kind="$1" -v path="$2" '$1 == kind && $2 == path { print $3 }' "$manifest"
}
record() { # KIND PATH HASH
  [ -d "$root$state" ] || install -d -m 0755 "$root$state"
  touch "$manifest"
  awk -F '\t' -v kind="$1" -v path="$2" '$1 != kind || $2 != path' "$manifest" >"$manifest.part"
  printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$manifest.part"
  mv "$manifest.part" "$manifest"
}
keep_before() { # PATH
  [ -e "$root$1" ] || [ -L "$root$1" ] || return 0
  install -d -m 0700 "$root$state/before"
  install -d "$(dirname "$root$state/before$1")"
  cp -a "$root$1" "$root$state/before$1"
}

# Says what is done; false in a dry run.
act() {
  changed=$((changed + 1))
  if $dry_run; then
    printf '  would %s\n' "$*"
    return 1
  fi
  printf '  %s\n' "$*"
}
leave() {
  left=$((left + 1))
  printf '  left alone: %s\n' "$*"
}

own() { # PATH OWNER
  if [ -n "$2" ] && [ "$(id -u)" -eq 0 ]; then chown -h "$2" "$1"; fi
}
make_dirs() { # PATH OWNER
  [ ! -d "$root$1" ] || return 0
  make_dirs "$(dirname "$1")" "$2"
  mkdir -m 0755 "$root$1"
  own "$root$1" "$2"
  record dir "$1" -
}
put() { # SOURCE PATH MODE OWNER: whole or not at all
  make_dirs "$(dirname "$2")" "$4"
  cp --no-preserve=mode,ownership "$1" "$root$2.part"
  chmod "$3" "$root$2.part"
  own "$root$2.part" "$4"
  mv "$root$2.part" "$root$2"
}

# place_file PATH [MODE]: makes the file of standard input; root's.
place_file() {
  local path="$1" ours now new
  cat >"$scratch/new"
  new="$(hash_of "$scratch/new")"
  ours="$(recorded file "$path")"
  if [ -e "$root$path" ]; then
    now="$(hash_of "$root$path")"
    [ "$now" != "$new" ] || return 0
    if [ -n "$ours" ] && [ "$ours" != "$now" ]; then
      leave "$path was changed by hand; it would be rewritten (move it away to have that)"
      return 0
    fi
  fi
  act "write $path" || return 0
  [ -n "$ours" ] || keep_before "$path"
  put "$scratch/new" "$path" "${2:-0644}" ""
  record file "$path" "$new"
}

# place_link PATH TARGET
place_link() {
  local path="$1" target="$2" ours now
  ours="$(recorded link "$path")"
  if [ -L "$root$path" ]; then
    now="$(readlink "$root$path")"
    # /lib/systemd and /usr/lib/systemd are the same.
    [ "$(basename "$now")" != "$(basename "$target")" ] || return 0
    if [ -n "$ours" ] && [ "$ours" != "$(hash_of "$root$path")" ]; then
      leave "$path was changed by hand to $now"
      return 0
    fi
  fi
  act "link $path to $target" || return 0
  [ -n "$ours" ] || keep_before "$path"
  make_dirs "$(dirname "$path")" ""
  ln -sfn "$target" "$root$path"
  record link "$path" "$(hash_of "$root$path")"
}

# A block of our own in a file of the user's. Screen blanking in that file is
# commented out with a mark of ours, for a mirror dims its page by itself.
begin='smart-mirror-kiosk: begin (written by install.sh; changes in here get lost)'
end='smart-mirror-kiosk: end'
mute='#smart-mirror-kiosk# '
without_block() { # FILE
  awk -v begin="$begin" -v end="$end" -v mute="$mute" '
    index($0, begin) { ours = 1; next }
    index($0, end) { ours = 0; next }
    ours { next }
    index($0, mute) == 1 { $0 = substr($0, length(mute) + 1) }
    { print }' "$1"
}
with_block() { # FILE BLOCK
  case "$1" in
    *.xml)
      # Before the last line that closes the root element.
      awk -v begin="<!-- $begin -->" -v end="<!-- $end -->" -v block="$2" '
        { line[NR] = $0 }
        $0 ~ /<\/(openbox_config|labwc_config)>/ { close_at = NR }
        END {
          for (i = 1; i <= NR; i++) {
            if (i == close_at) {
              print begin
              while ((getline text <block) > 0) print text
              print end
            }
            print line[i]
          }
          exit close_at ? 0 : 1
        }' "$1"
      ;;
    *)
      awk -v mute="$mute" '/^[^#]*swayidle/ { $0 = mute $0 } { print }' "$1"
      printf '# %s\n' "$begin"
      cat "$2"
      printf '# %s\n' "$end"
      ;;
  esac
}

# place_block PATH [EMPTY]: standard input as a block; EMPTY is what an absent
# file is taken for.
place_block() {
  local path="$1" work
  work="$scratch/work-$(basename "$path")"
  cat >"$scratch/block"
  if [ -e "$root$path" ]; then without_block "$root$path"; else printf '%s' "${2:-}"; fi >"$work"
  with_block "$work" "$scratch/block" >"$scratch/new" ||
    die "$path has no line with </labwc_config> or </openbox_config>." "Repair it, or move it away, and start again."
  if [ -e "$root$path" ] && cmp -s "$scratch/new" "$root$path"; then return 0; fi
  act "add to $path" || return 0
  make_dirs "$(dirname "$path")" "$owner"
  if [ -z "$(recorded block "$path")" ]; then
    keep_before "$path"
    if [ -e "$root$path" ]; then record block "$path" -; else record block "$path" "$(hash_of "$work")"; fi
  fi
  put "$scratch/new" "$path" 0644 "$owner"
}

# place_word PATH WORD: at the end of the kernel's one line.
place_word() {
  local path="$1" word="$2"
  [ -e "$root$path" ] || return 0
  ! grep -Eq "(^| )$word( |\$)" "$root$path" || return 0
  act "add $word to $path" || return 0
  keep_before "$path"
  sed "1s/[[:space:]]*\$/ $word/" "$root$path" >"$scratch/new"
  # Over the file: it may be on a file system without owners and modes.
  cat "$scratch/new" >"$root$path"
  record word "$path" "$word"
}

# --- Taking it back ----------------------------------------------------------

take_back() {
  local kind path hash
  [ -e "$manifest" ] || {
    echo "Nothing of the kiosk is installed here."
    return 0
  }
  if [ -z "$root" ] && ! $dry_run; then systemctl stop smart-mirror.service || true; fi
  # The last made goes first, so that folders are empty when it is their turn.
  while IFS=$'\t' read -r kind path hash; do
    case "$kind" in
      dir)
        if $dry_run; then
          printf '  would remove %s, if it is empty\n' "$path"
        elif rmdir "$root$path" 2>/dev/null; then
          printf '  removed %s\n' "$path"
        fi
        ;;
      file | link)
        if [ ! -e "$root$path" ] && [ ! -L "$root$path" ]; then
          printf '  gone already: %s\n' "$path"
        elif [ "$(hash_of "$root$path")" = "$hash" ]; then
          ! act "remove $path" || rm -f "$root$path"
        else
          # Out of force, but not lost.
          leave "$path was changed by hand; it is $path.kept now"
          $dry_run || mv "$root$path" "$root$path.kept"
        fi
        restore "$path"
        ;;
      block) take_block_back "$path" "$hash" ;;
      word) take_word_back "$path" "$hash" ;;
      package) packages+=("$path") ;;
    esac
  done < <(tac "$manifest")
  if ! $dry_run; then rm -rf "${root}${state:?}"; fi
}
restore() { # PATH
  [ -e "$root$state/before$1" ] || [ -L "$root$state/before$1" ] || return 0
  act "put back $1 as it was" || return 0
  cp -a "$root$state/before$1" "$root$1"
}
take_block_back() { # PATH HASH
  local path="$1" hash="$2" before="$root$state/before$1"
  [ -e "$root$path" ] || return 0
  act "take its part out of $path" || return 0
  without_block "$root$path" >"$scratch/rest"
  if [ "$hash" != - ] && [ "$(hash_of "$scratch/rest")" = "$hash" ]; then
    rm -f "$root$path"
  elif [ -e "$before" ] && [ "$(without_block "$before")" = "$(cat "$scratch/rest")" ]; then
    cp -a "$before" "$root$path"
  else
    # Changed elsewhere since: that stays. Over the file, so its owner and mode do.
    cat "$scratch/rest" >"$root$path"
  fi
}

words_of() { tr -s '[:space:]' '\n' <"$1"; }
take_word_back() { # PATH WORD
  local path="$1" word="$2" before="$root$state/before$1"
  [ -e "$root$path" ] || return 0
  act "take $word out of $path" || return 0
  sed -E "1s/(^| )$word( |\$)/\2/" "$root$path" >"$scratch/rest"
  # As it was, to the last blank, unless it was changed elsewhere since.
  if [ -e "$before" ] && [ "$(words_of "$before")" = "$(words_of "$scratch/rest")" ]; then cp "$before" "$scratch/rest"; fi
  cat "$scratch/rest" >"$root$path"
}

packages=()
if $uninstall; then
  echo "Taking the kiosk back${root:+ in $root}:"
  take_back
  if [ -z "$root" ] && ! $dry_run; then
    systemctl daemon-reload
    udevadm control --reload || true
    systemctl reload docker.service || true
  fi
  if [ "${#packages[@]}" -gt 0 ]; then
    echo "These packages were installed for it and stay, for others may use them by now:"
    echo "  sudo apt-get remove ${packages[*]}"
  fi
  echo "What was taught stays, in Docker's volumes. To remove it for good, in $checkout:"
  echo "  docker compose down --volumes"
  exit 0
fi

# --- What system this is -----------------------------------------------------

os_value() {
  [ ! -e "$root/etc/os-release" ] || sed -n "s/^$1=\"\\{0,1\\}\\([^\"]*\\)\"\\{0,1\\}\$/\\1/p" "$root/etc/os-release"
}
codename="$(os_value VERSION_CODENAME)"
case "$codename" in
  bookworm | trixie) ;;
  *)
    die "${root:-This system} is '$(os_value PRETTY_NAME)'; it must be Raspberry Pi OS or Debian, 12 (bookworm) or 13 (trixie)." \
      "Elsewhere do by hand what docs/kiosk.md tells."
    ;;
esac
if [ -z "$root" ] && [ "$(getconf LONG_BIT)" != 64 ]; then
  die "This system has 32 bits." "Install the 64-bit Raspberry Pi OS."
fi

# A desktop has a login manager with a session that isn't ours.
if [ -e "$root/usr/sbin/lightdm" ]; then kind=Desktop; else kind=Lite; fi

user_entry() { # of NAME, or else of the first one who is a person
  awk -F : -v name="$1" 'name != "" ? $1 == name : $3 >= 1000 && $3 < 60000 { print; exit }' "$root/etc/passwd"
}
[ -n "$user" ] || [ -n "$root" ] || user="${SUDO_USER:-}"
[ "$user" != root ] || user=""
entry="$(user_entry "$user")"
[ -n "$entry" ] || die "There is no user '${user:-with a number from 1000 on}'." "Name one that exists: --user NAME"
IFS=: read -r user _ uid gid _ home _ <<<"$entry"
[ "$uid" -ne 0 ] || die "The browser doesn't run as root." "Name another user: --user NAME"
owner="$uid:$gid"

# --- Packages ----------------------------------------------------------------

has() {
  if [ -z "$root" ]; then
    command -v "$1" >/dev/null
  else
    [ -x "$root/usr/bin/$1" ] || [ -x "$root/usr/sbin/$1" ]
  fi
}
has_plugin() { # of Docker's command
  local dir
  if [ -z "$root" ]; then
    docker "$1" version >/dev/null 2>&1
    return
  fi
  for dir in usr/libexec usr/lib usr/local/lib usr/local/libexec; do
    [ ! -x "$root/$dir/docker/cli-plugins/docker-$1" ] || return 0
  done
  return 1
}
# The version that apt would install; nothing if it has none.
candidate() {
  apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}
first_candidate() { # NAME...
  local name
  for name in "$@"; do
    if [ -n "$(candidate "$name")" ]; then
      echo "$name"
      return
    fi
  done
}
is_version_2() { dpkg --compare-versions "$(candidate "$1")" ge 2; }

missing=()
find_missing() {
  local compose
  if ! has docker; then
    missing+=(docker.io)
    # Debian 13 has the command in a package of its own.
    if [ "$codename" = trixie ]; then missing+=(docker-cli); fi
  fi
  if ! has_plugin compose; then
    compose=docker-compose
    if [ -z "$root" ]; then
      compose="$(first_candidate docker-compose-plugin docker-compose-v2)"
      if [ -z "$compose" ] && [ -n "$(candidate docker-compose)" ] && is_version_2 docker-compose; then
        compose=docker-compose
      fi
      [ -n "$compose" ] || no_compose="Docker Compose 2 is missing, and this system's package sources have none (Debian 12's is version 1, which can't read compose.yaml)."
    fi
    [ -z "$compose" ] || missing+=("$compose")
  fi
  if ! has_plugin buildx; then
    if [ -n "$root" ]; then
      missing+=(docker-buildx)
    else
      # Optional: Debian 12's engine builds without it.
      mapfile -t -O "${#missing[@]}" missing < <(first_candidate docker-buildx docker-buildx-plugin)
    fi
  fi
  has curl || missing+=(curl)
  has wlr-randr || missing+=(wlr-randr)
  has chromium || has chromium-browser || missing+=(chromium)
  if [ "$kind" = Lite ]; then
    has labwc || missing+=(labwc libgl1-mesa-dri)
    has greetd || missing+=(greetd)
    [ -e "$root/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf" ] || missing+=(fonts-dejavu-core)
  else
    has wtype || missing+=(wtype)
  fi
}

no_compose=""
install_packages() {
  local package apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  find_missing
  if [ -n "$root" ]; then
    [ "${#missing[@]}" -eq 0 ] || printf '  not installed in it, and needed: %s\n' "${missing[*]}"
    return 0
  fi
  if [ -n "$no_compose" ]; then
    $dry_run || die "$no_compose" "Raspberry Pi OS 13 (trixie) has it. Or install Docker's own packages, and start again;" \
      "docs/kiosk.md, By hand, says how."
    printf '  cannot go on: %s\n' "$no_compose"
  fi
  if has_plugin compose && ! dpkg --compare-versions "$(docker compose version --short | tr -d v)" ge 2.20; then
    die "Docker Compose is $(docker compose version --short); compose.yaml needs 2.20 or newer." "Update it."
  fi
  [ "${#missing[@]}" -gt 0 ] || return 0
  act "install ${missing[*]}" || return 0
  "${apt[@]}" update -qq || die "apt-get update failed." "Is the network there?"
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" ||
    die "apt-get could not install ${missing[*]}." "Its lines above say why." \
      "labwc for Debian 12 comes from Raspberry Pi OS's package source only."
  for package in "${missing[@]}"; do record package "$package" -; done
}

# --- Settings: given now, or before ------------------------------------------

conf=/etc/smart-mirror-kiosk/kiosk.conf
setting() {
  [ ! -e "$root$conf" ] || sed -n "s/^$1=//p" "$root$conf" | tail -n 1
}
if [ -z "$url" ]; then
  url="$(setting MIRROR_KIOSK_URL)"
  url="${url:-http://127.0.0.1:8080/}"
fi
if [ -n "$lang" ]; then
  url="$(sed -E 's/([?&])lang=[^&]*&?/\1/; s/[?&]$//' <<<"$url")"
  case "$url" in *\?*) url="$url&lang=$lang" ;; *) url="$url?lang=$lang" ;; esac
fi
rotate="${rotate:-$(setting MIRROR_KIOSK_ROTATE)}"

fill() { # FILE
  sed -e "s|@CHECKOUT@|$checkout|g" -e "s|@KIOSK@|$here/kiosk.sh|g" -e "s|@USER@|$user|g" "$1"
}

# --- The session -------------------------------------------------------------

xcursor() { # An Xcursor file: one transparent pixel, for the nominal size 24.
  printf 'Xcur\x10\0\0\0\0\0\x01\0\x01\0\0\0'
  printf '\x02\0\xfd\xff\x18\0\0\0\x1c\0\0\0'
  printf '\x24\0\0\0\x02\0\xfd\xff\x18\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
}

lite_session() {
  local name icons=/etc/smart-mirror-kiosk/icons/smart-mirror-none
  for name in autostart environment rc.xml; do
    fill "$here/session/$name" | place_file "/etc/smart-mirror-kiosk/labwc/$name"
  done
  printf '[Icon Theme]\nName=smart-mirror-none\n' | place_file "$icons/index.theme"
  xcursor | place_file "$icons/cursors/default"
  for name in left_ptr pointer text wait progress; do
    place_link "$icons/cursors/$name" default
  done
  fill "$here/session/greetd.toml" | place_file /etc/greetd/config.toml
  place_link /etc/systemd/system/display-manager.service /usr/lib/systemd/system/greetd.service
  place_link /etc/systemd/system/default.target /usr/lib/systemd/system/graphical.target
}

lightdm_value() {
  [ ! -e "$root/etc/lightdm/lightdm.conf" ] || sed -n "s/^$1=//p" "$root/etc/lightdm/lightdm.conf" | tail -n 1
}
desktop_session() {
  local session autologin labwc="$home/.config/labwc"
  session="$(lightdm_value autologin-session)"
  session="${session:-$(lightdm_value user-session)}"
  case "$session" in
    *labwc* | '') ;;
    *)
      die "The desktop's session is '$session'; the kiosk needs labwc." \
        "Choose it: sudo raspi-config, Advanced Options, Wayland. Then start again."
      ;;
  esac
  autologin="$(lightdm_value autologin-user)"
  if [ -z "$autologin" ]; then
    printf '[Seat:*]\nautologin-user=%s\n' "$user" | place_file /etc/lightdm/lightdm.conf.d/50-smart-mirror.conf
  elif [ "$autologin" != "$user" ]; then
    die "The desktop logs '$autologin' in, not '$user'." "Say --user $autologin, or change that in raspi-config (System Options, Auto Login)."
  fi
  fill "$here/session/autostart" | place_block "$labwc/autostart"
  fill "$here/session/desktop-rc.xml" |
    place_block "$labwc/rc.xml" $'<?xml version="1.0" encoding="UTF-8"?>\n<labwc_config>\n</labwc_config>\n'
}

# --- All of it ---------------------------------------------------------------

echo "The kiosk for $user, Raspberry Pi OS $codename $kind${root:+ in $root}:"
install_packages

{
  echo "# Read by $here/kiosk.sh, which lists all settings. Made by install.sh."
  echo "MIRROR_KIOSK_URL=$url"
  [ -z "$rotate" ] || echo "MIRROR_KIOSK_ROTATE=$rotate"
} | place_file "$conf"

# Memory limits are off in Raspberry Pi OS, and Docker would only warn.
place_word /boot/firmware/cmdline.txt cgroup_enable=memory
# Docker's own unit waits for the network; a mirror without one is not to be black
# for the minutes that this may take.
for waiter in NetworkManager-wait-online systemd-networkd-wait-online; do
  place_file "/etc/systemd/system/$waiter.service.d/50-smart-mirror.conf" <<'DROP_IN'
[Service]
TimeoutStartSec=5s
DROP_IN
done

fill "$here/system/smart-mirror.service" | place_file /etc/systemd/system/smart-mirror.service
place_link /etc/systemd/system/multi-user.target.wants/smart-mirror.service ../smart-mirror.service

# A crash of Docker's would otherwise leave the containers stopped.
engine_conf=/etc/docker/daemon.json
if [ ! -e "$root$engine_conf" ] || [ -n "$(recorded file "$engine_conf")" ]; then
  printf '{\n  "live-restore": true\n}\n' | place_file "$engine_conf"
elif ! grep -Eq '"live-restore"[[:space:]]*:[[:space:]]*true' "$root$engine_conf"; then
  leave "$engine_conf is somebody's; with \"live-restore\": true in it the services outlive a crash of Docker"
fi

place_file /etc/udev/rules.d/70-smart-mirror.rules <"$here/system/70-smart-mirror.rules"
if [ -n "$camera" ]; then
  place_file /etc/udev/rules.d/71-smart-mirror-camera.rules <<RULE
# The mirror's camera under a name that stays: MIRROR_CAMERA=/dev/video90. A number,
# for cameras are opened by number; 90 is above all that the kernel gives here.
ACTION!="remove", SUBSYSTEM=="video4linux", ATTR{index}=="0", ATTRS{idVendor}=="${camera%:*}", ATTRS{idProduct}=="${camera#*:}", SYMLINK+="video90"
RULE
fi

if [ "$kind" = Lite ]; then lite_session; else desktop_session; fi

if [ "$changed" -eq 0 ]; then
  [ "$left" -gt 0 ] || echo "Nothing to do: all of it is there."
elif ! $dry_run && [ -z "$root" ]; then
  systemctl daemon-reload
  udevadm control --reload
  udevadm trigger --subsystem-match=usb --subsystem-match=video4linux
  # Without it the new daemon.json would be read at the next start only.
  systemctl reload docker.service || true
  if $start; then
    # The first start builds for a long time; nobody has to wait for it here.
    systemctl start --no-block smart-mirror.service
    echo "The services are being built and started; follow that with: journalctl -fu smart-mirror"
  else
    echo "Nothing is started. When the images are here: sudo systemctl start smart-mirror"
  fi
  echo "The screen shows the mirror after a restart: sudo reboot"
fi
