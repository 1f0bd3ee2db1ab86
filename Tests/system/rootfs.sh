#!/bin/bash
# rootfs.sh SUITE [servers]: prints the path of a small Debian root file system with systemd, and if asked with servers that write
# logs; makes it the first time, in about a minute. It is kept in $ROTATED_TEST_CACHE. MIRROR: where its packages come from, if
# not from where apt's do.
set -eu -o pipefail
suite=$1 kind=${2:-}
cache=${ROTATED_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rotated-test}
root=$cache/rootfs-$suite${kind:+-$kind}
# What a server has, and what the guides name. A root file system of other packages is made anew.
packages=systemd,systemd-sysv,dbus,tzdata,logrotate,adduser,e2fsprogs,zstd,tini
[ "$kind" != servers ] || packages+=,nginx,apache2,rsyslog,python3
[ "$(cat "$root/etc/rotated-test-packages" 2>/dev/null)" = "$packages" ] || rm -rf "$root"
if [ ! -e "$root/usr/lib/os-release" ]; then
  # On Debian, apt's own mirror has every suite.
  if [ -z "${MIRROR:-}" ] && grep -qx 'ID=debian' /etc/os-release; then
    MIRROR=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -n 1 || true)
  fi
  echo "Making a root file system of Debian $suite ${kind:+with $kind }in $root" >&2
  mkdir -p "$cache"
  rm -rf "$root.new"
  mmdebstrap --quiet --mode=root --variant=minbase --components=main \
    --include=$packages \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    "$suite" "$root.new" ${MIRROR:+"$MIRROR"} >&2
  # Whatever starts by itself would only be in the way of a quick boot.
  for unit in console-getty.service getty@.service getty.target apt-daily.timer apt-daily-upgrade.timer \
    dpkg-db-backup.timer systemd-firstboot.service systemd-networkd.service systemd-resolved.service; do
    ln -sf /dev/null "$root.new/etc/systemd/system/$unit"
  done
  : >"$root.new/etc/machine-id"
  echo "$packages" >"$root.new/etc/rotated-test-packages"
  mv "$root.new" "$root"
fi
echo "$root"
