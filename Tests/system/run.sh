#!/bin/bash
# run.sh SUITE...: installs the release build into a stage, boots a real systemd of each Debian suite with it, and has
# inside.sh check the service there. Needs root; `make test-system` calls it.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

stage=$work/stage
make --no-print-directory -C "$here/../.." install "DESTDIR=$stage" PREFIX=/usr >/dev/null
install -D -t "$stage/usr/lib/rotated-test" "$here/inside.sh"
install -D -m 644 -t "$stage/etc/systemd/system" "$here/rotated-test.service"
install -d "$stage/etc/systemd/system/multi-user.target.wants"
ln -s ../rotated-test.service "$stage/etc/systemd/system/multi-user.target.wants/"
# The drop-in of the tests: the same unit, in less time.
install -d "$stage/etc/systemd/system/rotated.service.d"
printf '%s\n' '[Unit]' StartLimitIntervalSec=0 '[Service]' WatchdogSec=2s RestartSec=200ms \
  >"$stage/etc/systemd/system/rotated.service.d/quick.conf"

failed=0
for suite; do
  rootfs=$("$here/rootfs.sh" "$suite")
  output=$work/$suite
  mkdir "$output"
  status=0
  "$here/boot.sh" "$rootfs" "$stage" "$output" || status=$?
  cat "$output/report" 2>/dev/null || true
  if [ $status != 0 ]; then
    failed=1
    echo "$suite: failed (status $status). The console and the end of the service's journal:" >&2
    tail -n 20 "$output/console" >&2
    tail -n 60 "$output/journal" >&2 || true
  fi
done
exit $failed
