#!/bin/bash
# rpm.sh: runs in a booted system over which the files of the RPM package lie, and runs its scripts as rpm does. It is a Debian, so
# this shows that the files work together, and not that they fit a distribution of RPM. One line a check.
set -u
. "$(dirname "$0")/checks.sh"
here=/usr/lib/rotated-test
# script NAME NUMBER: that script of the package, for so many versions that are left of it.
script() {
  awk -v name="$1" '/^[a-z]+ scriptlet /{ inside = $1 == name; next } inside' $here/scripts >/run/script
  [ -s /run/script ] && sh -e /run/script "$2"
}
once "the script after the installation runs" script postinstall 1
once "there is a group for those who may ask" getent group rotated
systemctl daemon-reload
once "systemd-analyze has nothing to say of the unit" verified
once "the unit starts" systemctl start rotated
once "with no jobs yet" says "no jobs yet"
mkdir -p /var/log/test
echo line >/var/log/test/app.log
printf '[job.app]\nlogs = "/var/log/test/*.log"\nevery = "1s"\n' >/etc/rotated/conf.d/app.toml
once "it takes a job" systemctl reload rotated
soon "a log rotates" holds /var/log/test/app.log.1 line
soon "the catalog explains it" explained "Job app has rotated /var/log/test/app.log" ROTATED_JOB=app
once "the tool asks it" rotatectl status
once "the script before the removal runs" script preuninstall 0
once "the service has ended" fails systemctl is-active rotated
once "the script after the removal runs" script postuninstall 0
sums
