#!/bin/bash
# boot.sh ROOTFS STAGE OUTPUT: boots systemd as PID 1 of its own namespaces on ROOTFS with the tree STAGE laid over it, and
# with the directory OUTPUT at /output. Ends when a unit inside ends the system, with the exit status of that unit.
# Nothing that is written inside outlives it, except in /output. Needs root.
set -eu
rootfs=$(readlink -f "$1") stage=$(readlink -f "$2") output=$(readlink -f "$3")
export rootfs stage output

exec unshare --mount --propagation private bash -eu -c '
  # systemd-nspawn gets a plain cgroup2 tree, whatever the layout here, and a directory of its own in it.
  umount -R /sys/fs/cgroup 2>/dev/null || umount -l /sys/fs/cgroup 2>/dev/null || true
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  group=/sys/fs/cgroup/rotated-test-$$
  mkdir "$group"
  echo $$ >"$group/cgroup.procs"
  leave() {
    echo $$ >/sys/fs/cgroup/cgroup.procs
    find "$group" -depth -type d -exec rmdir {} +
  }
  trap leave EXIT
  # The mounts below are seen by this process and its children alone, and go with them.
  mkdir -p /run/systemd
  mount -t tmpfs tmpfs /run/systemd
  cd /run/systemd
  mkdir upper work root
  mount -t overlay overlay -o "lowerdir=$stage:$rootfs,upperdir=upper,workdir=work" root
  export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 SYSTEMD_NSPAWN_LOCK=0
  status=0
  timeout --kill-after=20 600 systemd-nspawn --quiet --directory=/run/systemd/root --boot --bind="$output:/output" \
    --register=no --keep-unit --private-network --machine="rotated-test-$$" --link-journal=no \
    --resolv-conf=off --timezone=off --console=pipe --kill-signal=SIGRTMIN+3 \
    systemd.log_target=journal systemd.show_status=0 </dev/null >"$output/console" 2>&1 || status=$?
  exit $status
'
