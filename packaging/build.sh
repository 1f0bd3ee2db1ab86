#!/bin/bash
# build.sh deb|tarball|rpm VERSION RELEASE: makes a package of the binaries in the directory RELEASE and of a clean export of
# the tree, in .build/deb, .build/tarball or .build/rpm. `make deb` and its like call it.
set -eu -o pipefail
cd "$(dirname "$0")/.."
kind=$1 version=$2 release=$3
work=$PWD/.build/$kind
tree=$work/rotated-$version
rm -rf "$work"
packaging/export.sh "$tree"
# The time of every file that has none of its own, so that two builds of one tree are equal.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(dpkg-parsechangelog -l debian/changelog -S Timestamp 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH

case $kind in
deb)
  (cd "$tree" && RELEASE=$release dpkg-buildpackage --build=binary --no-sign --no-check-builddeps --no-pre-clean) >"$work/log" 2>&1 || {
    tail -n 40 "$work/log" >&2
    exit 1
  }
  # A warning is a failure, too.
  lintian --fail-on error,warning --tag-display-limit 0 "$work"/rotated_"$version"_*.changes
  rm -rf "$tree"
  ls -1 "$work"/*.deb
  ;;
tarball)
  name=rotated-$version-linux-$(uname -m)
  make --no-print-directory -C "$tree" install-files RELEASE="$release" DESTDIR="$work/$name" PREFIX=/usr
  strip --strip-unneeded "$work/$name"/usr/bin/*
  cp packaging/tarball.README "$work/$name/README"
  tar --create --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --xz \
    --directory="$work" --file="$work/$name.tar.xz" "$name"
  rm -rf "$tree" "${work:?}/$name"
  ls -1 "$work"/*.tar.xz
  ;;
rpm)
  (cd "$tree" && rpmbuild -bb --build-in-place --define "_topdir $work/top" --define "version_of_tree $version" \
    --define "release_dir $release" packaging/rotated.spec) >"$work/log" 2>&1 || {
    tail -n 40 "$work/log" >&2
    exit 1
  }
  mv "$work"/top/RPMS/*/*.rpm "$work/"
  rm -rf "$tree" "$work/top"
  echo "Not installed or started anywhere yet: this package was built with rpmbuild on Debian."
  ls -1 "$work"/*.rpm
  ;;
*)
  echo "build.sh: no package of the kind '$kind'" >&2
  exit 64
  ;;
esac
