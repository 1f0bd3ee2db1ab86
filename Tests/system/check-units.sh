#!/bin/bash
# check-units.sh: what systemd-analyze says of the unit files and their drop-ins. Any word is a failure, as systemd 252 exits 0
# on a value that it does not know. Needs no running systemd.
set -eu
cd "$(dirname "$0")/../.."

if ! command -v systemd-analyze >/dev/null; then
  echo "Skipped: the unit files are not checked, there is no systemd-analyze here."
  exit 0
fi
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
# The daemon need not be installed for this: any program can stand for it.
mkdir "$copy/user"
for unit in rotated.service user/rotated.service; do
  sed "s|/usr/bin/rotated|$(command -v true)|" "systemd/$unit" >"$copy/$unit"
done

# verify NAME UNIT [OPTION]
verify() {
  local words
  if ! words=$(XDG_RUNTIME_DIR=$copy systemd-analyze verify ${3:+"$3"} --man=no "$copy/$2" 2>&1) || [ -n "$words" ]; then
    printf '%s\n' "systemd-analyze verify of $1 says:" "$words" >&2
    exit 1
  fi
}
# at_most THRESHOLD: the exposure as `systemd-analyze security` scores it, times ten: 0 is locked up, 100 is wide open.
at_most() {
  local words
  if ! words=$(systemd-analyze security --offline=yes --threshold="$1" --no-pager "$copy/rotated.service" 2>&1); then
    printf '%s\n' "$words" >&2
    exit 1
  fi
}
# drop_in FILE: from here on, the unit has it, and no other.
drop_in() {
  rm -rf "$copy/rotated.service.d"
  mkdir "$copy/rotated.service.d"
  cp "$1" "$copy/rotated.service.d/"
}
verify rotated.service rotated.service
at_most 27
drop_in systemd/strict.conf
verify "rotated.service with strict.conf" rotated.service
at_most 20
# verify reads a directory beside the unit, so that the system's unit is not this one.
verify "user/rotated.service" user/rotated.service --user
if [ "$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')" -ge 253 ]; then
  drop_in systemd/notify-reload.conf
  verify "rotated.service with notify-reload.conf" rotated.service
else
  echo "Skipped: notify-reload.conf is for systemd 253 and newer."
fi
