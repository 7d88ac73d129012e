#!/usr/bin/env bash
# Checks the kiosk as far as that goes without a Raspberry Pi:
#
#     deploy/kiosk/test.sh             on this machine
#     deploy/kiosk/test.sh --trixie    in a Debian 13 of its own, which has labwc;
#                                      root only, 1.3 GB below MIRROR_CACHE_DIR
#
# As root it installs the packages that it needs and that are missing. What can't run
# here says SKIPPED and why. With MIRROR_KIOSK_TEST_URL (http://127.0.0.1:8080/) the
# page that runs there is put on the screen too. Takes two minutes. Pictures of the screen and logs
# are kept in MIRROR_KIOSK_TEST_DIR, if that is set.
# shellcheck disable=SC2016  # what is in single quotes is expanded by another shell
set -euo pipefail

here="$(cd "$(dirname "$0")" && pwd)"
checkout="$(cd "$here/../.." && pwd)"

failed=0 skipped=0
part() { printf '\n--- %s (%d s)\n' "$1" "$SECONDS"; }
ok() { printf '  ok       %s\n' "$*"; }
bad() {
  failed=$((failed + 1))
  printf '  FAILED   %s\n' "$*"
}
skip() {
  skipped=$((skipped + 1))
  printf '  SKIPPED  %s\n' "$*"
}
# check WHAT COMMAND...: its output is shown if it fails.
check() {
  local what="$1" output
  shift
  if output="$("$@" 2>&1)"; then
    ok "$what"
  else
    bad "$what"
    [ -z "$output" ] || printf '%s\n' "$output" | sed 's/^/             | /'
  fi
}

same() { diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"); }
says() { # TEXT COMMAND...
  local text="$1" output
  shift
  output="$("$@" 2>&1)" || true
  [[ "$output" == *"$text"* ]] || {
    printf 'it did not say: %s\n%s\n' "$text" "$output"
    return 1
  }
}

# --- The same, in a Debian 13 ------------------------------------------------

if [ "${1:-}" = --trixie ]; then
  [ "$(id -u)" -eq 0 ] || {
    skip "--trixie: making a system of its own takes root"
    exit 0
  }
  system="${MIRROR_CACHE_DIR:-$checkout/.cache}/kiosk/trixie"
  command -v mmdebstrap >/dev/null || apt-get install -y -qq --no-install-recommends mmdebstrap >/dev/null
  if [ ! -d "$system" ]; then
    echo "Making a Debian 13 in $system (once, a few minutes) ..."
    mkdir -p "$(dirname "$system")"
    rm -rf "$system.part"
    packages=ca-certificates,chromium,curl,fonts-dejavu-core,greetd,grim,labwc,libxml2-utils,procps,python3,shellcheck,systemd,udev,wlr-randr,wtype
    # From where this system's packages come.
    mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m 1 '/debian/\?$' || true)"
    mmdebstrap --variant=minbase --include="$packages" trixie "$system.part" ${mirror:+"$mirror"} 2>"$system.log" || {
      tail -n 5 "$system.log"
      skip "--trixie: mmdebstrap could not make it (its log: $system.log)"
      exit 0
    }
    mv "$system.part" "$system"
  fi
  rm -rf "$system/smart-mirror"
  mkdir -p "$system/smart-mirror/deploy" "$system/smart-mirror/docs"
  cp -a "$here" "$system/smart-mirror/deploy/"
  cp "$checkout/compose.yaml" "$system/smart-mirror/"
  # Its own processes, which end with it; its own /proc and shared memory.
  exec unshare --mount --pid --fork --kill-child -- bash -c '
    mount -t proc proc "$0/proc"
    mount -t tmpfs tmpfs "$0/tmp"
    mount --rbind /dev "$0/dev"
    mount -t tmpfs tmpfs "$0/dev/shm"
    if [ -n "${MIRROR_KIOSK_TEST_DIR:-}" ]; then
      mkdir -p "$0/mnt" "$MIRROR_KIOSK_TEST_DIR"
      mount --bind "$MIRROR_KIOSK_TEST_DIR" "$0/mnt"
      export MIRROR_KIOSK_TEST_DIR=/mnt
    fi
    exec chroot "$0" env -u MIRROR_CACHE_DIR /smart-mirror/deploy/kiosk/test.sh' "$system"
fi

# --screen FOLDER is this script's own call: the part with the screen, as a user.
as_user=false
case "${1:-}" in
  '') work="$(mktemp -d)" ;;
  --screen)
    as_user=true
    work="$2"
    ;;
  *)
    echo "usage: deploy/kiosk/test.sh [--trixie]" >&2
    exit 64
    ;;
esac
pictures="$work/pictures"
compositor="" server=""
# shellcheck disable=SC2317  # called by a trap
clean_up() {
  local rc=$? pid file
  for pid in $compositor $server; do kill -TERM "$pid" 2>/dev/null || true; done
  # What labwc started is no child of this script's, and outlives it.
  for file in lock chromium.pid; do
    pid="$(cat "$work/run/smart-mirror-kiosk/$file" 2>/dev/null || true)"
    [ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null || true
  done
  wait
  if $as_user; then
    [ "$rc" -eq 0 ] || bad "it ended in the middle"
    echo "$failed $skipped" >"$work/tally"
    return
  fi
  if [ -n "${MIRROR_KIOSK_TEST_DIR:-}" ]; then
    mkdir -p "$MIRROR_KIOSK_TEST_DIR"
    cp "$work"/*.log "$work"/*.json "$pictures"/* "$MIRROR_KIOSK_TEST_DIR/" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# need COMMAND PACKAGE: is it there, or installable?
apt_updated=false
need() {
  command -v "$1" >/dev/null && return
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
  if ! $apt_updated; then apt-get update -qq >/dev/null 2>&1 || true; fi
  apt_updated=true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >/dev/null 2>&1
}

# --- The screen (the last part, as a user) -----------------------------------

eventually() { # SECONDS COMMAND...
  local until=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < until)) || {
      "$@"
      return 1
    }
    sleep 0.2
  done
}

web="$work/web"
start_server() {
  python3 "$here/test/page.py" "$web" &
  server=$!
  eventually 10 bash -c 'curl -s -o /dev/null "http://127.0.0.1:$(cat "$0/port")/metrics"' "$web"
}
stop_server() {
  kill -TERM "$server"
  wait "$server" || true
  server=""
}
noted() { grep -c "^$1" "$web/requests" 2>/dev/null || true; }
test_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }
more_than() { [ "$(noted "$1")" -gt "$2" ]; }
last_size() { grep -E '^(loaded|resized)' "$web/requests" | tail -n 1 | cut -d ' ' -f 2; }
size_is() { [ "$(last_size)" = "$1" ]; }
take() { grim -t ppm "$work/screen.ppm"; }
shows_page() { take && python3 "$here/test/screen.py" page "$work/screen.ppm" "$1"; }
is_lit() { take && python3 "$here/test/screen.py" lit "$work/screen.ppm"; }
# How many listen to the mirror that runs.
listeners() {
  { curl --silent --fail --noproxy '*' --max-time 3 "${MIRROR_KIOSK_TEST_URL%/}/metrics" || true; } |
    awk '$1 == "mirror_event_streams_open" { print int($2) }'
}
listened_by_more_than() { [ "$(listeners)" -gt "$1" ]; }
listened_by_no_more_than() { [ "$(listeners)" -le "$1" ]; }
is_dark() { take && python3 "$here/test/screen.py" dark "$work/screen.ppm"; }
keep() { grim "$pictures/$compositor_name-$1.png" || true; }
browser_pid() { cat "$XDG_RUNTIME_DIR/smart-mirror-kiosk/chromium.pid"; }
browser_lives() { kill -0 "$(browser_pid)"; }
is_another() { local now; now="$(browser_pid)" && [ "$now" != "$1" ] && kill -0 "$now"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
resize_screen() {
  # wlr-randr 0.2 and sway don't understand each other here.
  if [ "$compositor_name" = sway ]; then
    swaymsg -- output "$1" mode --custom 1024x768 >/dev/null
  else
    wlr-randr --output "$1" --custom-mode 1024x768
  fi
}
output_name() { wlr-randr | awk '/^[^ ]/ { print $1; exit }'; }

screen() {
  export XDG_RUNTIME_DIR="$work/run" MIRROR_KIOSK_CONF="$work/kiosk.conf" MIRROR_KIOSK_LOG="$work/kiosk.log"
  export MIRROR_KIOSK_PROFILE="$work/profile" MIRROR_KIOSK_DEAF_AFTER=6
  MIRROR_KIOSK_FLAGS="--log-net-log=$work/net.json"
  if ! unshare --user true 2>/dev/null; then
    skip "the browser's sandbox: this container allows no user namespaces; without it the rest goes on"
    MIRROR_KIOSK_FLAGS+=" --no-sandbox"
  fi
  export MIRROR_KIOSK_FLAGS
  mkdir -p "$web" "$pictures" "$work/profile/Default"
  mkdir -m 0700 "$XDG_RUNTIME_DIR"
  # What a pulled plug leaves.
  printf '{"profile":{"exit_type":"Crashed","exited_cleanly":false},"session":{"restore_on_startup":4}}' >"$work/profile/Default/Preferences"
  ln -s gone-1 "$work/profile/SingletonLock"

  touch "$web/closed"
  start_server
  echo "MIRROR_KIOSK_URL=http://127.0.0.1:$(cat "$web/port")/" >"$work/kiosk.conf"
  local page_url
  page_url="$(sed -n 's/^MIRROR_KIOSK_URL=//p' "$work/kiosk.conf")"
  check "kiosk.sh --command names the page of kiosk.conf" says "$page_url" "$here/kiosk.sh" --command

  # As installed on Lite, but for the folder.
  local session="$work/units/etc/smart-mirror-kiosk/labwc" start
  sed -i "s|/etc/smart-mirror-kiosk|$work/units/etc/smart-mirror-kiosk|" "$session/environment"
  if [ "$compositor_name" = labwc ]; then
    start=(labwc -C "$session")
  else
    printf 'exec %s\n' "$here/kiosk.sh" >"$work/sway.conf"
    start=(sway -c "$work/sway.conf")
  fi
  WLR_BACKENDS=headless WLR_RENDERER=pixman WLR_LIBINPUT_NO_DEVICES=1 WLR_HEADLESS_OUTPUTS=1 \
    "${start[@]}" >"$work/compositor.log" 2>&1 &
  compositor=$!
  eventually 10 bash -c 'compgen -G "$XDG_RUNTIME_DIR/wayland-*.lock"' || {
    bad "$compositor_name doesn't start"
    tail -n 5 "$work/compositor.log"
    return 0
  }
  WAYLAND_DISPLAY="$(basename "$(compgen -G "$XDG_RUNTIME_DIR/wayland-*.lock")" .lock)"
  export WAYLAND_DISPLAY
  SWAYSOCK="$(compgen -G "$XDG_RUNTIME_DIR/sway-ipc.*.sock" || true)"
  export SWAYSOCK

  # -- waiting
  local dark=true seen=0
  eventually 20 browser_lives || bad "no browser was started"
  # Sway isn't black where there is no window, and has no rule against the browser's
  # first, white frames as rc.xml has.
  [ "$compositor_name" != sway ] || eventually 20 is_dark || bad "it never got dark"
  # Some questions more than the server refuses: the browser has its window by then.
  while ! more_than readyz 8; do
    if ! is_dark >>"$work/dark.log" 2>&1; then
      dark=false
      keep "not-dark-$seen"
    fi
    seen=$((seen + 1))
  done
  keep waiting
  if $dark; then ok "while the mirror isn't ready the screen is dark ($seen pictures, $(noted 'readyz 503') times asked)"; else bad "while waiting: $(cat "$work/dark.log")"; fi
  check "and the page isn't asked for" test "$(noted loaded)" -eq 0
  rm "$web/closed"
  check "when it is ready the page comes" eventually 20 more_than loaded 0
  check "in the size of the screen" eventually 10 size_is 1280x720
  check "and fills it, to the corners, with nothing over it (profile of a pulled plug)" eventually 10 shows_page 1280x720
  keep page
  cp "$work/screen.ppm" "$work/first.ppm"
  check "a second kiosk ends at once" says "runs already" env MIRROR_KIOSK_LOG= "$here/kiosk.sh"

  # -- the browser dies
  local pid loads
  pid="$(browser_pid)" loads="$(noted loaded)"
  kill -KILL "$pid"
  check "killed, the browser comes back" eventually 20 more_than loaded "$loads"
  check "without a question whether to restore pages" eventually 10 shows_page 1280x720
  check "the picture is the same, pixel for pixel" cmp "$work/first.ppm" "$work/screen.ppm"
  keep after-kill

  # -- the mirror is away
  pid="$(browser_pid)"
  stop_server
  kill -KILL "$pid"
  eventually 20 is_another "$pid" || bad "the browser didn't come back while the mirror is away"
  check "while the mirror is away a new browser waits, dark" eventually 10 is_dark
  loads="$(noted loaded)"
  start_server
  check "and shows the page when it is back" eventually 20 more_than loaded "$loads"

  # -- screens
  local name
  name="$(output_name)"
  resize_screen "$name" || bad "the screen doesn't take another resolution"
  check "another resolution: full screen again" eventually 15 size_is 1024x768
  check "to the corners" eventually 10 shows_page 1024x768
  wlr-randr --output "$name" --off || true
  eventually 10 bash -c "wlr-randr | grep -q 'Enabled: no'" || bad "the screen doesn't go off"
  # Long enough for the browser to see a world without screens.
  sleep 2
  wlr-randr --output "$name" --on || true
  check "screen off and on: full screen again" eventually 15 shows_page 1024x768
  keep after-sleep

  # -- deaf
  pid="$(browser_pid)"
  echo 0 >"$web/streams"
  check "a page that nobody hears from is replaced" eventually 30 is_another "$pid"
  echo 1 >"$web/streams"
  check "and is there again" eventually 15 shows_page 1024x768

  # -- the end
  local kiosk since
  pid="$(browser_pid)"
  check "kiosk.sh --stop ends" "$here/kiosk.sh" --stop
  check "the browser too" eventually 10 gone "$pid"

  # -- a browser that keeps what it finds, and ends at once
  mkdir "$work/bin" "$work/found"
  printf '#!/bin/sh\ncp "%s/Default/Preferences" "%s/Local State" "%s/"\necho start >>"%s/starts"\n' \
    "$work/profile" "$work/profile" "$work/found" "$work" >"$work/bin/chromium"
  chmod +x "$work/bin/chromium"
  printf '{"profile":{"exit_type":"Crashed","exited_cleanly":false}}' >"$work/profile/Default/Preferences"
  printf '{"half of' >"$work/profile/Local State"
  since=$SECONDS
  PATH="$work/bin:$PATH" "$here/kiosk.sh" &
  kiosk=$!
  check "one that can't start is tried again" eventually 20 test_lines "$work/starts" 3
  since=$((SECONDS - since))
  check "later each time (3 times in $since s)" test "$since" -ge 2
  kill -TERM "$kiosk"
  wait "$kiosk" || true
  check "it finds a profile that says it ended well" grep -q '"exit_type":"Normal","exited_cleanly":true' "$work/found/Preferences"
  check "and instead of a file cut off in the middle a whole one" python3 -m json.tool "$work/found/Local State"

  # -- the mirror's own page, as it runs
  local before
  if [ -z "${MIRROR_KIOSK_TEST_URL:-}" ]; then
    skip "the mirror's own page: MIRROR_KIOSK_TEST_URL isn't set (deploy/test-deploy.sh does it)"
  else
    before="$(listeners)"
    echo "MIRROR_KIOSK_URL=$MIRROR_KIOSK_TEST_URL" >"$work/mirror.conf"
    MIRROR_KIOSK_CONF="$work/mirror.conf" "$here/kiosk.sh" &
    kiosk=$!
    check "the mirror's own page listens to its mirror" eventually 40 listened_by_more_than "${before:-0}"
    check "and is on the screen" eventually 20 is_lit
    keep mirror
    kill -TERM "$kiosk"
    wait "$kiosk" || true
    check "ended, it listens no more" eventually 20 listened_by_no_more_than "${before:-0}"
  fi

  # -- turned
  loads="$(noted loaded)"
  echo MIRROR_KIOSK_ROTATE=90 >>"$work/kiosk.conf"
  "$here/kiosk.sh" &
  kiosk=$!
  if [ "$compositor_name" = sway ]; then
    eventually 10 more_than loaded "$loads" || bad "started again, the page doesn't come"
    skip "rotation: sway refuses the wlr-randr of Debian 12 on a screen without modes (--trixie has it)"
  else
    check "turned by 90 degrees the page is upright" eventually 20 shows_page 768x1024
    keep turned
  fi
  check "the session's end" kill -TERM "$compositor"
  check "is the kiosk's end" eventually 20 gone "$kiosk"
  wait "$kiosk" 2>/dev/null || true
  wait "$compositor" 2>/dev/null || true
  compositor=""
  stop_server

  check "the browser connected to nobody but the mirror" python3 "$here/test/peers.py" "$work/net.json"
}
if $as_user; then
  compositor_name="$3"
  screen
  exit
fi

# --- 1. Form -----------------------------------------------------------------

part "Scripts and files"
if need shellcheck shellcheck; then
  check "shellcheck: install.sh kiosk.sh test.sh" shellcheck -x "$here"/install.sh "$here"/kiosk.sh "$here"/test.sh
else
  skip "shellcheck: not installed"
fi
check "session/*.xml are well-formed" python3 -c '
import sys, xml.dom.minidom as dom
dom.parse(sys.argv[1])
# A piece of a file: what stands in it stands inside one element.
dom.parseString("<labwc_config>" + open(sys.argv[2]).read() + "</labwc_config>")
' "$here/session/rc.xml" "$here/session/desktop-rc.xml"
check "session/greetd.toml is TOML, with an automatic session that comes back" python3 -c '
import sys, tomllib
read = tomllib.load(open(sys.argv[1], "rb"))
assert read["initial_session"] == read["default_session"], read
' "$here/session/greetd.toml"

# --- 2. Installing into folders ----------------------------------------------

# A small system of each kind, with what such a system has in the places that
# install.sh changes.
fixture() { # CODENAME KIND FOLDER
  mkdir -p "$3"/{etc/systemd/system,home/shop,usr/bin,usr/sbin,var/lib}
  printf 'PRETTY_NAME="Debian GNU/Linux"\nID=debian\nVERSION_CODENAME=%s\n' "$1" >"$3/etc/os-release"
  printf '%s\n' root:x:0:0:root:/root:/bin/bash "shop:x:1000:1000:,,,:/home/shop:/bin/bash" >"$3/etc/passwd"
  # With and without a newline at its end, as people leave it.
  mkdir -p "$3/boot/firmware"
  if [ "$1" = bookworm ]; then
    printf 'console=tty1 root=PARTUUID=1 rootwait ' >"$3/boot/firmware/cmdline.txt"
  else
    printf 'console=tty1 root=PARTUUID=1 rootwait\n' >"$3/boot/firmware/cmdline.txt"
  fi
  ln -s /lib/systemd/system/multi-user.target "$3/etc/systemd/system/default.target"
  case "$2" in
    Lite)
      mkdir -p "$3/etc/greetd"
      printf '[terminal]\nvt = 7\n\n[default_session]\ncommand = "/usr/sbin/agreety --cmd /bin/sh"\nuser = "_greetd"\n' >"$3/etc/greetd/config.toml"
      ;;
    Desktop)
      ln -sf /lib/systemd/system/graphical.target "$3/etc/systemd/system/default.target"
      printf '#!/bin/sh\n' >"$3/usr/sbin/lightdm"
      chmod +x "$3/usr/sbin/lightdm"
      mkdir -p "$3/etc/lightdm"
      if [ "$1" = bookworm ]; then
        # Somebody has been here: blanking switched on (no newline at the end), and a
        # setting of the mouse.
        printf '[Seat:*]\nuser-session=LXDE-pi-labwc\nautologin-user=shop\n' >"$3/etc/lightdm/lightdm.conf"
        mkdir -p "$3/home/shop/.config/labwc"
        printf "# mine\nswayidle -w timeout 600 'wlopm --off \\*' resume 'wlopm --on \\*' &" >"$3/home/shop/.config/labwc/autostart"
        printf '<?xml version="1.0"?>\n<openbox_config xmlns="http://openbox.org/3.4/rc">\n  <mouse>\n    <doubleClickTime>400</doubleClickTime>\n  </mouse>\n</openbox_config>\n' >"$3/home/shop/.config/labwc/rc.xml"
      else
        printf '[Seat:*]\n#autologin-user=\nuser-session=rpd-labwc\n' >"$3/etc/lightdm/lightdm.conf"
      fi
      ;;
  esac
  [ "$(id -u)" -ne 0 ] || chown -R 1000:1000 "$3/home/shop"
}
tree() { (cd "$1" && find . -printf '%P %y %m %U:%G %l\n' | LC_ALL=C sort && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum); }
install_in() { "$here/install.sh" --root "$@"; }

for codename in bookworm trixie; do
  for kind in Desktop Lite; do
    part "install.sh: $codename $kind"
    system="$work/$codename-$kind"
    fixture "$codename" "$kind" "$system"
    before="$(tree "$system")"
    check "a dry run says what it would do" says "would write /etc/systemd/system/smart-mirror.service" install_in "$system" --dry-run
    check "and leaves everything as it was" same "$before" "$(tree "$system")"
    check "installs" install_in "$system" --lang de --rotate 90 --camera 046d:0825
    installed="$(tree "$system")"
    check "a second run says that there is nothing to do" says "Nothing to do" install_in "$system"
    check "and changes nothing" same "$installed" "$(tree "$system")"
    check "the page is German, turned" grep -qx -e 'MIRROR_KIOSK_URL=http://127.0.0.1:8080/?lang=de' "$system/etc/smart-mirror-kiosk/kiosk.conf"
    check "another language changes one file" same "  write /etc/smart-mirror-kiosk/kiosk.conf" \
      "$(install_in "$system" --lang en | grep -E '^  (write|link|add|left)')"
    check "rotation stayed" grep -qx 'MIRROR_KIOSK_ROTATE=90' "$system/etc/smart-mirror-kiosk/kiosk.conf"
    check "memory limits are on" same "console=tty1 root=PARTUUID=1 rootwait cgroup_enable=memory" "$(cat "$system/boot/firmware/cmdline.txt")"
    check "the services outlive a crash of Docker" grep -q '"live-restore": true' "$system/etc/docker/daemon.json"
    if [ "$kind" = Desktop ]; then
      labwc="$system/home/shop/.config/labwc"
      check "rc.xml is well-formed" python3 -c 'import sys, xml.dom.minidom as dom; dom.parse(sys.argv[1])' "$labwc/rc.xml"
      check "autostart is a shell script" sh -n "$labwc/autostart"
      check "no blanking is left" bash -c '! grep -v "^#" "$0" | grep swayidle' "$labwc/autostart"
      [ "$(id -u)" -ne 0 ] || check "they are the user's" test "$(stat -c %u "$labwc/autostart" "$labwc/rc.xml" "$labwc" | sort -u)" = 1000
    else
      check "default.target is graphical" test "$(basename "$(readlink "$system/etc/systemd/system/default.target")")" = graphical.target
      check "greetd logs the user in" grep -qx 'user = "shop"' "$system/etc/greetd/config.toml"
    fi
    check "uninstalls" install_in "$system" --uninstall
    check "and everything is as it was" same "$before" "$(tree "$system")"
  done
done

part "install.sh: what people change"
system="$work/changed"
fixture trixie Desktop "$system"
install_in "$system" >/dev/null
echo 'kanshi &' >>"$system/home/shop/.config/labwc/autostart"
echo '# mine' >>"$system/etc/udev/rules.d/70-smart-mirror.rules"
check "a changed file is left alone by a second run" says "left alone: /etc/udev/rules.d/70-smart-mirror.rules" install_in "$system"
install_in "$system" --uninstall >/dev/null
check "after uninstall it is there as .kept" grep -qx '# mine' "$system/etc/udev/rules.d/70-smart-mirror.rules.kept"
check "of the user's autostart only ours is gone" same 'kanshi &' "$(cat "$system/home/shop/.config/labwc/autostart")"
check "a second uninstall has nothing to do" says "Nothing of the kiosk is installed" install_in "$system" --uninstall
# Somebody has added another word since.
install_in "$system" >/dev/null
sed -i 's/$/ quiet/' "$system/boot/firmware/cmdline.txt"
install_in "$system" --uninstall >/dev/null
check "of the kernel's line only ours is gone" same "console=tty1 root=PARTUUID=1 rootwait quiet" "$(cat "$system/boot/firmware/cmdline.txt")"
mkdir "$system/etc/docker"
echo '{"log-driver": "journald"}' >"$system/etc/docker/daemon.json"
check "somebody's daemon.json is left alone, and told" says "left alone: /etc/docker/daemon.json" install_in "$system"
check "and stays as it was" same '{"log-driver": "journald"}' "$(cat "$system/etc/docker/daemon.json")"
sed -i 's/rpd-labwc/rpd-x/' "$system/etc/lightdm/lightdm.conf"
check "a desktop without labwc is refused, and told" says "the kiosk needs labwc" install_in "$system"
sed -i 's/trixie/bullseye/' "$system/etc/os-release"
check "another system is refused, and told" says "it must be Raspberry Pi OS or Debian" install_in "$system"
for wrong in "--rotate 45" "--lang fr" "--camera webcam" "--url file:///etc/passwd"; do
  # shellcheck disable=SC2086  # two words
  check "refused: $wrong" says "must be" install_in "$system" $wrong
done

# --- 3. What systemd and udev make of it -------------------------------------

part "systemd and udev"
system="$work/units"
fixture trixie Lite "$system"
# From a copy, which the user of the last part can read wherever the checkout is.
copy="$work/checkout/deploy/kiosk"
mkdir -p "$work/checkout/deploy"
cp -a "$here" "$work/checkout/deploy/"
cp "$checkout/compose.yaml" "$work/checkout/"
"$copy/install.sh" --root "$system" --camera 046d:0825 >/dev/null
if command -v systemd-analyze >/dev/null; then
  mkdir "$work/verify"
  # Docker need not be here for that.
  sed 's|/usr/bin/docker|/bin/true|' "$system/etc/systemd/system/smart-mirror.service" >"$work/verify/smart-mirror.service"
  printf '[Unit]\nDescription=Docker\n[Service]\nExecStart=/bin/true\n' >"$work/verify/docker.service"
  output="$(SYSTEMD_UNIT_PATH="$work/verify:" systemd-analyze verify --man=no "$work/verify/smart-mirror.service" 2>&1 | grep smart-mirror || true)"
  check "systemd-analyze verify: nothing to say about smart-mirror.service" same "" "$output"
else
  skip "systemd-analyze verify: no systemd here"
fi
if ! command -v udevadm >/dev/null; then
  skip "udevadm verify: no udev here"
elif ! udevadm verify --help >/dev/null 2>&1; then
  skip "udevadm verify: $(udevadm --version) has no such command, it came with 254"
else
  check "udevadm verify: the rules" udevadm verify --resolve-names=never "$system/etc/udev/rules.d"
fi

# --- 4. The screen -----------------------------------------------------------

part "The screen"
for tool in curl:curl grim:grim wlr-randr:wlr-randr chromium:chromium; do
  need "${tool%:*}" "${tool#*:}" || {
    skip "the screen: ${tool%:*} is missing, and can't be installed here"
    compositor_name=none
  }
done
if [ -z "${compositor_name:-}" ]; then
  if need labwc labwc; then
    compositor_name=labwc
  elif need sway sway; then
    compositor_name=sway
    skip "labwc: this system's package sources have none; sway stands in (--trixie has labwc)"
  else
    compositor_name=none
    skip "the screen: neither labwc nor sway can be installed here"
  fi
fi

if [ "$compositor_name" != none ]; then
  if [ "$(id -u)" -eq 0 ]; then
    # A kiosk isn't root, and the browser and sway refuse to be.
    chown -R 65534:65534 "$work"
    setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work" "$copy/test.sh" --screen "$work" "$compositor_name" || true
  else
    "$copy/test.sh" --screen "$work" "$compositor_name" || true
  fi
  read -r screen_failed screen_skipped <"$work/tally" || screen_failed=1 screen_skipped=0
  failed=$((failed + screen_failed)) skipped=$((skipped + screen_skipped))
fi

part "$failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
