#!/bin/bash
# run.sh PACKAGE SUITE...: boots a real systemd of each Debian suite, three times: with the release build installed, where inside.sh
# checks the service; with nothing but the Debian package, where package.sh installs, uses, upgrades and removes it; and with
# Debian's servers, where servers.sh rotates their logs under load. Needs root; `make test-system` calls it.
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$here/../..
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
package=$1
# `rpm` is one more, after `make rpm`.
stages=${STAGES:-installed packaged servers}
shift

# test_unit STAGE SCRIPT: the unit that runs the script inside, and what the script needs.
test_unit() {
  install -D "$here/$2" "$1/usr/lib/rotated-test/run"
  install -D -m 644 -t "$1/usr/lib/rotated-test" "$here"/{checks,guides,takeover}.sh
  install -D -m 644 -t "$1/etc/systemd/system" "$here/rotated-test.service"
  install -d "$1/etc/systemd/system/multi-user.target.wants"
  ln -s ../rotated-test.service "$1/etc/systemd/system/multi-user.target.wants/"
}

make_installed() {
  local installed=$work/installed
  make --no-print-directory -C "$tree" install-files "DESTDIR=$installed" PREFIX=/usr >/dev/null
  test_unit "$installed" inside.sh
  # The drop-in of the tests: the same unit, in less time.
  install -d "$installed/etc/systemd/system/rotated.service.d"
  printf '%s\n' '[Unit]' StartLimitIntervalSec=0 '[Service]' WatchdogSec=2s RestartSec=200ms \
    >"$installed/etc/systemd/system/rotated.service.d/quick.conf"
}

make_packaged() {
  local packaged=$work/packaged
  test_unit "$packaged" package.sh
  install -D -m 644 -t "$packaged/root/download" "$package"
  install -D -m 644 -t "$packaged/usr/lib/rotated-test" "$tree/docs/guides/quick-start.md" "$tree/README.md" \
    "$tree/packaging/Containerfile"
  # The next version, which has nothing new.
  dpkg-deb --raw-extract "$package" "$work/next"
  sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
  dpkg-deb --root-owner-group --build "$work/next" "$packaged/usr/lib/rotated-test/next.deb" >/dev/null
}
make_servers() {
  local servers=$work/servers
  test_unit "$servers" servers.sh
  install -m 755 -t "$servers/usr/lib/rotated-test" "$here/load.py"
  install -D -m 644 -t "$servers/root/download" "$package"
}
# The files of the RPM package that `make rpm` has built, and its scripts.
make_rpm() {
  local staged=$work/rpm rpm
  rpm=$(ls "$tree"/.build/rpm/*.rpm)
  mkdir "$staged"
  rpm2archive -n <"$rpm" | tar --extract --no-same-owner --directory="$staged"
  test_unit "$staged" rpm.sh
  rpm --query --package --scripts "$rpm" >"$staged/usr/lib/rotated-test/scripts"
}
for stage in $stages; do "make_$stage"; done

failed=0
# boot SUITE STAGE
boot() {
  local rootfs output status=0
  case $2 in
  */servers) rootfs=$("$here/rootfs.sh" "$1" servers) ;;
  *) rootfs=$("$here/rootfs.sh" "$1") ;;
  esac
  output=$work/$1-${2##*/}
  mkdir "$output"
  "$here/boot.sh" "$rootfs" "$2" "$output" || status=$?
  cat "$output/report" 2>/dev/null || true
  if [ $status != 0 ]; then
    failed=1
    echo "$1, ${2##*/}: failed (status $status). The console and the end of the service's journal:" >&2
    tail -n 20 "$output/console" >&2
    tail -n 60 "$output/journal" >&2 || true
  fi
}
for suite; do
  for stage in $stages; do boot "$suite" "$work/$stage"; done
done
exit $failed
