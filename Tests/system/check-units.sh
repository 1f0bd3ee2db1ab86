#!/bin/bash
# check-units.sh: what systemd-analyze says of the unit file and its drop-in. Any word is a failure, as systemd 252 exits 0
# on a value that it does not know. Needs no running systemd.
set -eu
cd "$(dirname "$0")/../.."
# Exposure as `systemd-analyze security` scores it, times ten: 0 is locked up, 100 is wide open.
threshold=38

if ! command -v systemd-analyze >/dev/null; then
  echo "Skipped: the unit file is not checked, there is no systemd-analyze here."
  exit 0
fi
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
# The daemon need not be installed for this: any program can stand for it.
sed "s|/usr/bin/rotated|$(command -v true)|" systemd/rotated.service >"$copy/rotated.service"

verify() {
  local words
  if ! words=$(systemd-analyze verify --man=no "$copy/rotated.service" 2>&1) || [ -n "$words" ]; then
    printf '%s\n' "systemd-analyze verify of $1 says:" "$words" >&2
    exit 1
  fi
}
verify rotated.service
if ! words=$(systemd-analyze security --offline=yes --threshold=$threshold --no-pager "$copy/rotated.service" 2>&1); then
  printf '%s\n' "$words" >&2
  exit 1
fi
if [ "$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')" -ge 253 ]; then
  mkdir "$copy/rotated.service.d"
  cp systemd/notify-reload.conf "$copy/rotated.service.d/"
  verify "rotated.service with notify-reload.conf"
else
  echo "Skipped: notify-reload.conf is for systemd 253 and newer."
fi
