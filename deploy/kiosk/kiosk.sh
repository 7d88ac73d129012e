#!/usr/bin/env bash
# The mirror's page, full screen, for as long as the session lasts. Started by
# labwc's autostart (install.sh sees to that), or by hand in any Wayland session:
#
#     kiosk.sh             shows the page; a second one ends at once
#     kiosk.sh --stop      ends it, browser and all
#     kiosk.sh --toggle    one or the other (Ctrl+Alt+K)
#     kiosk.sh --command   prints the browser's command line
#
# Settings, from the environment or else from /etc/smart-mirror-kiosk/kiosk.conf:
#
#     MIRROR_KIOSK_URL       the page (http://127.0.0.1:8080/)
#     MIRROR_KIOSK_ROTATE    0, 90, 180 or 270: turns every screen; unset, screens
#                            stay as the session has them
#     MIRROR_KIOSK_PROFILE   the browser's folder; unset, one in memory
#     MIRROR_KIOSK_FLAGS     more flags for the browser, with spaces between them
set -euo pipefail

die() {
  printf 'Error: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
  exit 1
}

say() { printf '%s\n' "$*" >&2; }

# --- Settings ----------------------------------------------------------------

conf="${MIRROR_KIOSK_CONF:-/etc/smart-mirror-kiosk/kiosk.conf}"
# Read, not sourced: a setting is a value, never a command.
if [ -r "$conf" ]; then
  while IFS='=' read -r name value || [ -n "$name" ]; do
    case "$name" in
      MIRROR_KIOSK_URL | MIRROR_KIOSK_ROTATE | MIRROR_KIOSK_PROFILE | MIRROR_KIOSK_FLAGS)
        [ -n "${!name:-}" ] || printf -v "$name" '%s' "$value"
        ;;
    esac
  done <"$conf"
fi
url="${MIRROR_KIOSK_URL:-http://127.0.0.1:8080/}"
rotate="${MIRROR_KIOSK_ROTATE:-}"
# How long the mirror may answer without this page listening to it.
deaf_after="${MIRROR_KIOSK_DEAF_AFTER:-90}"

# It goes into a script and a command line: nothing in it may end a string.
[[ "$url" =~ ^https?://[][A-Za-z0-9._~:/?\&=%+,@-]+$ ]] ||
  die "MIRROR_KIOSK_URL is '$url'; it must be an http address without spaces and quotes." "For example: http://127.0.0.1:8080/?lang=de"
case "$rotate" in
  '' | 0 | 90 | 180 | 270) ;;
  *) die "MIRROR_KIOSK_ROTATE is '$rotate'; it must be 0, 90, 180 or 270." ;;
esac
origin="$(printf '%s' "$url" | cut -d / -f 1-3)"
host="$(sed -E 's|^https?://||; s|:[0-9]+$||' <<<"$origin")"

[ -d "${XDG_RUNTIME_DIR:-}" ] || die "XDG_RUNTIME_DIR is not set." "Start it from a session of the user, not with sudo or cron."
# In memory (a tmpfs), gone with the session: nothing wears the SD card.
run="$XDG_RUNTIME_DIR/smart-mirror-kiosk"
profile="${MIRROR_KIOSK_PROFILE:-$run/profile}"
mkdir -p "$run" "$profile/Default"

# --- The browser's command line ----------------------------------------------

# Debian and Raspberry Pi OS call it one or the other.
browser=""
for name in chromium chromium-browser; do
  ! command -v "$name" >/dev/null || browser="${browser:-$name}"
done

unwanted=(Translate MediaRouter OptimizationHints OptimizationGuideModelDownloading
  AutofillServerCommunication CertificateTransparencyComponentUpdater NetworkTimeServiceQuerying)
flags=(
  --kiosk
  --ozone-platform=wayland
  # What rc.xml knows the window by; other Chromium windows aren't meant.
  --class=smart-mirror
  --user-data-dir="$profile"
  # Nothing that asks, greets or explains.
  --no-first-run
  --no-default-browser-check
  --noerrdialogs
  --disable-infobars
  --hide-crash-restore-bubble
  --disable-session-crashed-bubble
  --deny-permission-prompts
  --disable-notifications
  --password-store=basic
  # No gesture leaves the page or enlarges it.
  --disable-pinch
  --overscroll-history-navigation=0
  --autoplay-policy=no-user-gesture-required
  # The browser's own parts, should one ever show.
  --force-dark-mode
  # 32 MiB of cache, where the profile's default place in memory is.
  --disk-cache-dir="$run/cache"
  --disk-cache-size=33554432
  # It talks to the mirror alone: what else it would like to know (accounts, updates,
  # the time) finds no address. Those below spare it most of the attempts.
  --host-resolver-rules="MAP * ~NOTFOUND, EXCLUDE $host"
  --no-proxy-server
  --allow-browser-signin=false
  --disable-background-networking
  --disable-component-update
  --disable-client-side-phishing-detection
  --disable-default-apps
  --disable-domain-reliability
  --disable-extensions
  --disable-sync
  --disable-breakpad
  --no-pings
  --metrics-recording-only
  --check-for-update-interval=31536000
  --disable-features="$(IFS=,; printf '%s' "${unwanted[*]}")"
  # The page is never in the background, however dark the glass is.
  --disable-background-timer-throttling
  --disable-backgrounding-occluded-windows
  --disable-renderer-backgrounding
)
read -r -a more_flags <<<"${MIRROR_KIOSK_FLAGS:-}"
flags+=("${more_flags[@]}")

# --- One at a time -----------------------------------------------------------

exec 9>>"$run/lock"
running() { ! flock --nonblock 9; }
stop_running() {
  local pid
  read -r pid <"$run/lock" || return 0
  kill -TERM "$pid" 2>/dev/null || return 0
  # Given up by the kernel when it has ended.
  flock --wait 15 9 || die "The kiosk (process $pid) doesn't end."
}

case "${1:-}" in
  '') running && die "The kiosk runs already." "kiosk.sh --stop ends it." ;;
  --stop)
    if running; then stop_running; fi
    exit 0
    ;;
  --toggle)
    if running; then
      stop_running
      exit 0
    fi
    ;;
  --command)
    printf '%s\n' "${browser:-chromium}" "${flags[@]}" "$url"
    exit 0
    ;;
  *)
    echo "usage: kiosk.sh [--stop | --toggle | --command]" >&2
    exit 64
    ;;
esac
printf '%s\n' "$$" >"$run/lock"

# Where there is a journal, it is: journalctl -t smart-mirror-kiosk
if [ -n "${MIRROR_KIOSK_LOG:-}" ]; then
  exec >>"$MIRROR_KIOSK_LOG" 2>&1
elif [ ! -t 2 ] && [ -S /run/systemd/journal/stdout ] && command -v systemd-cat >/dev/null; then
  exec > >(exec systemd-cat --identifier=smart-mirror-kiosk 9>&-) 2>&1
fi

[ -n "$browser" ] || die "Chromium is missing." "sudo apt-get install chromium"
command -v curl >/dev/null || die "curl is missing." "sudo apt-get install curl"
[ -n "${WAYLAND_DISPLAY:-}" ] || die "There is no Wayland session here (WAYLAND_DISPLAY is not set)." \
  "On Raspberry Pi OS choose labwc: sudo raspi-config, Advanced Options, Wayland."
case "$WAYLAND_DISPLAY" in
  /*) socket="$WAYLAND_DISPLAY" ;;
  *) socket="$XDG_RUNTIME_DIR/$WAYLAND_DISPLAY" ;;
esac

# --- What was started ends with this script ----------------------------------

watchers=()
chromium=""
# shellcheck disable=SC2317  # called by traps
stop() {
  trap - EXIT INT TERM HUP
  local pid
  for pid in "${watchers[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
  if [ -n "$chromium" ]; then
    kill -TERM "$chromium" 2>/dev/null || true
    wait "$chromium" 2>/dev/null || true
  fi
}
trap stop EXIT
trap 'stop; exit 0' INT TERM HUP

# Of a kiosk that was killed the browser is left, and a new one would only hand
# its page over to it.
left_over() {
  local pid
  read -r pid 2>/dev/null <"$run/chromium.pid" || return 0
  grep -qaF -- "--user-data-dir=$profile" "/proc/$pid/cmdline" 2>/dev/null || return 0
  say "Ending the browser that another kiosk left (process $pid)"
  kill -TERM "$pid" 2>/dev/null || true
  timeout 10 tail --pid="$pid" -f /dev/null || kill -KILL "$pid" 2>/dev/null || true
}

session_lives() {
  [ -S "$socket" ] && { [ -z "${LABWC_PID:-}" ] || kill -0 "$LABWC_PID" 2>/dev/null; }
}

# --- The profile -------------------------------------------------------------

# A browser that was not ended properly (plug pulled) asks whether to restore its
# pages. Its answer is in these two words.
repair_profile() {
  local file
  for file in "$profile/Default/Preferences" "$profile/Local State"; do
    [ -e "$file" ] || continue
    # Cut off in the middle of a write; the browser would complain about it.
    if [ "$(tail -c 1 "$file")" != '}' ]; then
      say "Removing a damaged $file"
      rm -f "$file"
      continue
    fi
    sed -i -e 's/"exited_cleanly": *false/"exited_cleanly":true/g' \
      -e 's/"exit_type": *"[A-Za-z]*"/"exit_type":"Normal"/g' "$file"
  done
  # No other browser uses this profile: it is this kiosk's, and that is the only one.
  rm -f "$profile"/Singleton{Lock,Cookie,Socket}
  # What there is no flag for: saving memory puts idle pages to sleep.
  [ -e "$profile/Local State" ] ||
    printf '%s' '{"performance_tuning":{"high_efficiency_mode":{"state":0},"battery_saver_mode":{"state":0}}}' >"$profile/Local State"
  [ -e "$profile/Default/Preferences" ] ||
    printf '%s' '{"translate":{"enabled":false},"signin":{"allowed":false},"credentials_enable_service":false,"browser":{"check_default_browser":false}}' >"$profile/Default/Preferences"
}

# --- Until the mirror answers ------------------------------------------------

# The browser starts at once, with a black page, so that it is warm when the
# services are, and nothing bright is behind the glass till then. A file that this
# script writes tells that page to go on.
waiting="$run/waiting"
mkdir -p "$waiting"
cat >"$waiting/index.html" <<'PAGE'
<!doctype html>
<meta charset="utf-8">
<meta name="color-scheme" content="dark">
<title>Smart mirror</title>
<style>html { background: #000; cursor: none; }</style>
<script>
  const look = () => {
    const script = document.createElement("script");
    script.src = "go.js?" + Date.now();
    script.onload = script.onerror = () => { script.remove(); setTimeout(look, 300); };
    document.head.append(script);
  };
  look();
</script>
PAGE

ready() { curl --silent --fail --noproxy '*' --max-time 3 --output /dev/null "$origin/readyz"; }

await_mirror() {
  local pause=0.25
  until ready; do
    # The browser's end is for the main loop.
    kill -0 "$chromium" 2>/dev/null || return 0
    sleep "$pause" 9>&-
    case "$pause" in 0.25) pause=0.5 ;; 0.5) pause=1 ;; 1) pause=2 ;; esac
  done
  say "The mirror is ready: $url"
  printf 'location.replace("%s");\n' "$url" >"$waiting/go.part"
  mv "$waiting/go.part" "$waiting/go.js"
}

# --- Screens -----------------------------------------------------------------

# name, enabled (yes, no), transform: of each screen; the compositor's stand-in
# for none left out.
screens() {
  wlr-randr 2>/dev/null | awk '
    /^[^ ]/ { name = $1 }
    $1 == "Enabled:" { enabled = $2 }
    $1 == "Transform:" && name !~ /^NOOP/ { print name, enabled, $2 }'
}

tried=""
turn_screens() {
  local name enabled transform state wanted="$rotate"
  [ -n "$wanted" ] || return 0
  [ "$wanted" != 0 ] || wanted=normal
  state="$(screens)"
  # What couldn't be turned isn't tried again before something has changed.
  [ "$state" != "$tried" ] || return 0
  tried="$state"
  while read -r name enabled transform; do
    if [ "$enabled" = yes ] && [ "$transform" != "$wanted" ]; then
      say "Turning $name to $wanted"
      wlr-randr --output "$name" --transform "$wanted" || true
    fi
  done <<<"$state"
}

# Since 0.8 labwc keeps a window full screen while its screen is away. Before, the
# browser has to start anew when a screen comes back.
forgets_full_screen() {
  local version
  [ -n "${LABWC_PID:-}" ] && command -v labwc >/dev/null || return 1
  version="$(labwc --version | awk '{ print $2; exit }')"
  [ "$(printf '%s\n' 0.8 "$version" | sort -V | head -n 1)" != 0.8 ]
}

watch_screens() {
  local events old=false before now code
  command -v wlr-randr >/dev/null || return 0
  ! forgets_full_screen || old=true
  turn_screens
  before="$(screens | awk '$2 == "yes" { print $1 }')"
  # The kernel tells of plugs and of monitors that wake; a look now and then is
  # for what it doesn't tell.
  exec {events}< <(exec udevadm monitor --udev --subsystem-match=drm 2>/dev/null)
  while kill -0 "$$" 2>/dev/null; do
    code=0
    read -r -t 5 -u "$events" _ || code=$?
    if [ "$code" -eq 0 ]; then
      # A plug brings a burst; the last of it counts.
      while read -r -t 1 -u "$events" _; do :; done
    elif [ "$code" -le 128 ]; then
      sleep 5
    fi
    turn_screens
    now="$(screens | awk '$2 == "yes" { print $1 }')"
    if [ "$now" != "$before" ]; then
      say "Screens: ${now//$'\n'/ }"
      if $old && [ -n "$now" ]; then kill -USR1 "$$"; fi
      before="$now"
    fi
  done
}

# --- A page that has gone deaf -----------------------------------------------

# The page holds an event stream. If the mirror answers, but nobody has listened
# for a while, the page has crashed ("Aw, Snap!") or hangs: the browser starts anew.
# A phone on /teach listens too; then this is noticed when it has gone.
watch_page() {
  local streams quiet_since=$SECONDS
  while sleep "$((deaf_after / 6 + 1))" && kill -0 "$$" 2>/dev/null; do
    streams="$(curl --silent --fail --noproxy '*' --max-time 3 "$origin/metrics" |
      awk '$1 == "mirror_event_streams_open" { print int($2) }')" || streams=""
    # Away, or a page without that metric: not for this watch.
    [ "$streams" = 0 ] || quiet_since=$SECONDS
    if ((SECONDS - quiet_since >= deaf_after)); then
      say "Nobody has listened to the mirror for $deaf_after s: starting the browser anew"
      kill -USR1 "$$"
      quiet_since=$SECONDS
    fi
  done
}

# A group of its own, so that what it waits in ends with it.
watch() {
  set -m
  "$@" 9>&- </dev/null &
  set +m
  watchers+=("$!")
}

# --- The main loop -----------------------------------------------------------

asked=false
restart() {
  asked=true
  [ -z "$chromium" ] || kill -TERM "$chromium" 2>/dev/null || true
}
trap restart USR1

# A signal that comes while this waits ends the waiting, not the browser.
await_chromium() {
  while kill -0 "$chromium" 2>/dev/null; do wait "$chromium" || true; done
}

left_over
watch watch_screens
watch watch_page
pause=1
while session_lives; do
  repair_profile
  rm -f "$waiting/go.js"
  page="file://$waiting/index.html"
  ! ready || page="$url"
  asked=false
  started=$SECONDS
  "$browser" "${flags[@]}" "$page" 9>&- </dev/null &
  chromium=$!
  printf '%s\n' "$chromium" >"$run/chromium.pid"
  # The labwc of a desktop draws a pointer even without a mouse, till it is told to
  # hide it (rc.xml binds these keys).
  ! command -v wtype >/dev/null || wtype -M ctrl -M alt -M logo -k h 2>/dev/null || true
  [ "$page" = "$url" ] || await_mirror
  await_chromium
  chromium=""
  session_lives || break
  if $asked || ((SECONDS - started > 60)); then pause=1; fi
  say "The browser has ended; again in $pause s"
  sleep "$pause" 9>&-
  pause=$((pause * 2 > 30 ? 30 : pause * 2))
done
say "The session has ended"
