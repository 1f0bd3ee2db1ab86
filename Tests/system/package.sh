#!/bin/bash
# package.sh: runs in a booted system that has nothing of rotated but its Debian package, and does with that what an
# administrator does: the quick start, an upgrade, a removal, a purge. One line a check.
set -u
. "$(dirname "$0")/checks.sh"
here=/usr/lib/rotated-test
# The small root file system of the test leaves out what this is about.
rm -f /etc/dpkg/dpkg.cfg.d/*mmdebstrap*
export DEBIAN_FRONTEND=noninteractive

# What a newcomer does, who has read the first screen of the README and has a log.
begin=$SECONDS
mkdir -p /var/log/app
echo "a line" >/var/log/app/newcomer.log
once "the first screen of the README" bash -eu -o pipefail -c \
  "cd /root/download; $(sed -n '/^```sh$/,/^```$/p' $here/README.md | sed '/^```/d')"
once "which is on it" [ "$(sed -n '/^```$/=' $here/README.md | head -n 1)" -le 30 ]
rotated_within_two_minutes() {
  until [ $((SECONDS - begin)) -ge 120 ] || [ -s /var/log/app/newcomer.log.1.gz ] || [ -s /var/log/app/newcomer.log.1.zst ]; do sleep 1; done
  zcat -f /var/log/app/newcomer.log.1.gz 2>/dev/null || zstdcat /var/log/app/newcomer.log.1.zst
}
once "has a log rotated within two minutes" holds <(rotated_within_two_minutes) "a line"
apt-get purge --yes rotated >/dev/null 2>&1
rm -r /var/log/app /etc/rotated

# The quick start, as it is written: each block is one step.
blocks=$(mktemp -d)
awk -v dir="$blocks" '/^```sh$/ { n++; file = sprintf("%s/%02d", dir, n); next } /^```/ { file = "" } file { print > file }' \
  $here/quick-start.md
begin=$SECONDS
for block in "$blocks"/*; do
  once "quick start: $(head -n 1 "$block")" bash -eu -o pipefail -c "cd /root/download; . $block"
done
once "there were steps" test -e "$blocks/08"
once "the quick start takes less than two minutes" [ $((SECONDS - begin)) -lt 120 ]
once "its log has been rotated and compressed" holds <(zcat /var/log/app/app.log.1.gz) "the first line"

# What is installed.
once "systemd-analyze has nothing to say of the unit" verified
once "its exposure is at most 2.7" systemd-analyze security --threshold=27 rotated.service
once "the unit is enabled" systemctl is-enabled rotated
once "the unit for users is not" fails systemctl --global is-enabled rotated
once "there is a group for those who may ask" getent group rotated
once "to whom the control socket belongs" [ "$(stat -c '%U:%G %a' /run/rotated/control)" = "root:rotated 660" ]
useradd --uid 2001 --no-create-home --groups rotated reader
useradd --uid 2002 --no-create-home stranger
once "members may ask" setpriv --reuid=reader --regid=reader --init-groups rotatectl status
once "and not steer" fails setpriv --reuid=reader --regid=reader --init-groups rotatectl pause app
once "nobody else may ask" fails setpriv --reuid=stranger --regid=stranger --init-groups rotatectl status
once "the state is root's alone" [ "$(stat -c '%u:%g %a' /var/lib/rotated)" = "0:0 700" ]
for page in man8/rotated.8 man1/rotatectl.1 man5/rotated.toml.5; do
  once "there is the manual page $page" test -s "/usr/share/man/$page.gz"
done
for program in rotated rotatectl; do
  once "bash completes $program" bash -n "/usr/share/bash-completion/completions/$program"
  once "zsh completes $program" test -s "/usr/share/zsh/vendor-completions/_$program"
  once "fish completes $program" test -s "/usr/share/fish/vendor_completions.d/$program.fish"
  once "$program takes at most 12 MB" [ "$(stat -c %s /usr/bin/$program)" -le 12000000 ]
done
for file in guides/quick-start.md contracts/CrashSafety.md examples/strict.conf examples/notify-reload.conf copyright; do
  once "the documentation has $file" test -s "/usr/share/doc/rotated/$file"
done
once "the example can be used as it is" rotated --check --config /usr/share/doc/rotated/examples/rotated.toml

. $here/guides.sh

# Rotation by interval, by size, and by the calendar.
mkdir -p /var/log/test /usr/local/app /home/anna/logs
chown -R 1000:1000 /home/anna
echo "by time" >/var/log/test/time.log
echo "by calendar" >/var/log/test/calendar.log
head -c 2000 /dev/zero >/var/log/test/size.log
echo "rare" >/var/log/test/rare.log
echo "local" >/usr/local/app/app.log
echo "home" >/home/anna/logs/app.log
chown 1000:1000 /home/anna/logs/app.log
cat >/etc/rotated/conf.d/test.toml <<'END'
[job.time]
logs = ["/var/log/test/time.log", "/usr/local/app/app.log", "/home/anna/logs/app.log"]
every = "1s"
notify = [
  { shell = "touch /etc/from-a-hook /usr/share/from-a-hook; systemctl is-active rotated" },
  { shell = "echo $ROTATED_JOB ${ROTATED_LOG##*/} $$ >/run/hook-env; grep NoNewPrivs /proc/self/status >/run/hook-privs" },
]
[job.calendar]
logs = "/var/log/test/calendar.log"
calendar = "*:*:*"
[job.size]
logs = "/var/log/test/size.log"
size = 1000
[job.rare]
logs = "/var/log/test/rare.log"
every = "1h"
END
once "systemctl reload takes jobs" systemctl reload rotated
soon "a log rotates by its interval" holds /var/log/test/time.log.1 "by time"
soon "one below /usr/local, too" holds /usr/local/app/app.log.1 local
soon "and one in a home directory" holds /home/anna/logs/app.log.1 home
soon "a log rotates by the calendar" holds /var/log/test/calendar.log.1 "by calendar"
soon "a log rotates by its size" test -s /var/log/test/size.log.1
soon "a command that is notified may write to /etc and /usr, and call systemctl" test -e /etc/from-a-hook -a -e /usr/share/from-a-hook
soon "it has its variables, and its own process id" grep -qx 'time [a-z. ]* [0-9]*' /run/hook-env
soon "it may gain privileges, as sudo does" grep -qx $'NoNewPrivs:\t0' /run/hook-privs
soon "it is in the journal by its job" journal_of _PID=1 --grep 'rotated: job time: '
soon "its success is in the journal" journal_has PRIORITY=6 ROTATED_JOB=time --grep 'notified'
echo "kep = 1" >/root/wrong.toml
once "a file with errors can be checked alone" fails rotatectl check /root/wrong.toml
once "an idle daemon stops in less than a second" timeout 1 systemctl stop rotated
once "and starts again" systemctl start rotated

# The unit for users.
useradd --uid 1001 --create-home berta
install -d -o berta -g berta /home/berta/.config/rotated /home/berta/logs
cat >/home/berta/.config/rotated/rotated.toml <<'END'
[job.own]
logs = "/home/berta/logs/*.log"
every = "1s"
END
echo "own" >/home/berta/logs/app.log
chown berta:berta /home/berta/logs/app.log
as_berta() {
  setpriv --reuid=1001 --regid=1001 --init-groups env HOME=/home/berta XDG_RUNTIME_DIR=/run/user/1001 PATH="$PATH" "$@"
}
# What pam_systemd sets, which this small system has not.
install -D -m 644 /dev/stdin /etc/systemd/system/user@.service.d/runtime.conf <<<$'[Service]\nEnvironment=XDG_RUNTIME_DIR=/run/user/%i'
systemctl daemon-reload
once "the service manager of a user starts" systemctl start user@1001.service
once "it starts rotated" as_berta systemctl --user start rotated
soon "what it cannot do is said at the start" journal_of _UID=1001 --grep 'runs as user 1001, without the rights of root'
once "which is ready" as_berta systemctl --user is-active rotated
soon "a log of the user rotates" holds /home/berta/logs/app.log.1 own
once "the state is the user's" test -s /home/berta/.local/state/rotated/state
once "systemctl --user reload works" as_berta systemctl --user reload rotated
once "it stops in less than a second" as_berta timeout 1 systemctl --user stop rotated
systemctl stop user@1001.service

# The image of packaging/Containerfile: its ENTRYPOINT as process 1 of a namespace, without root, with a config from a mounted
# directory as Kubernetes makes it.
install -d -o 65532 -g 65532 /srv/logs /state
mkdir -p /srv/config/..one /srv/config/..two /config
for name in one two; do
  printf '[job.%s]\nlogs = "/srv/logs/%s.log"\nevery = "1s"\nnotify = { shell = "sleep 0.3 & echo $! >>/srv/logs/orphans" }\n' \
    $name $name >/srv/config/..$name/app.toml
  setpriv --reuid=65532 --regid=65532 --clear-groups sh -c "echo $name >/srv/logs/$name.log"
done
ln -s ..one /srv/config/..data
ln -s ..data/app.toml /srv/config/app.toml
mount --bind /srv/config /config
mount -o remount,bind,ro /config
image=(unshare --fork --kill-child --pid --mount-proc setpriv --reuid=65532 --regid=65532 --clear-groups --no-new-privs)
children() { cat "/proc/$1/task/$1/children"; }
mapfile -t entry < <(sed -n 's/^ENTRYPOINT \[\(.*\)\]$/\1/p' $here/Containerfile | tr ',' '\n' | tr -d ' "')
once "the image has an ENTRYPOINT" [ "${#entry[@]}" -ge 5 ]
"${image[@]}" "${entry[@]}" 2>/run/container.log &
container=$!
soon "as a container without root, a log rotates" holds /srv/logs/one.log.1 one
first=$(children $container) first=${first// /}
once "process 1 is tini, and rotated its child" grep -qx rotated "/proc/$(children $first | cut -d ' ' -f 1)/comm"
ln -s ..two /srv/config/..new
mv -T /srv/config/..new /srv/config/..data
kill -HUP $first
soon "a config that was swapped by its link comes into force at SIGHUP" holds /srv/logs/two.log.1 two
soon "commands of notify have left orphans" test -s /srv/logs/orphans
sleep 1
once "process 1 takes what they leave: there is no zombie" fails grep -qs '^State:.Z' "/proc/$first/root/proc/"[0-9]*/status
kill -TERM $first
wait $container; code=$?
once "it stops with 0 at SIGTERM" [ $code = 0 ]
printf 'kep = 1\n' >/srv/config/..two/app.toml
once "with a wrong config it ends with 78" ends_with 78 "${image[@]}" "${entry[@]}"
umount /config
# Without tini, rotated itself can be process 1.
rm /srv/config/app.toml
ln -s ..one/app.toml /srv/config/app.toml
"${image[@]}" rotated --config /srv/config --state /state 2>/run/container.log &
container=$!
setpriv --reuid=65532 --regid=65532 --clear-groups sh -c "echo more >/srv/logs/one.log"
soon "as process 1, a log rotates" holds /srv/logs/one.log.1 more
kill -TERM $(children $container)
wait $container; code=$?
once "it stops with 0 at SIGTERM, too" [ $code = 0 ]

. $here/takeover.sh

# An upgrade in mid-compression: nothing is lost, and phases are kept.
head -c 3000000 /dev/urandom >/var/log/test/large.log
sum=$(cksum </var/log/test/large.log)
cat >/usr/local/bin/slow <<'END'
#!/bin/sh
if mkdir /run/slow-began 2>/dev/null; then head -c 1000000; sleep 100; fi
exec cat
END
chmod +x /usr/local/bin/slow
cat >/etc/rotated/conf.d/large.toml <<'END'
[job.large]
logs = "/var/log/test/large.log"
size = 1000
compress = { command = ["/usr/local/bin/slow"], suffix = ".slow" }
END
echo '# A remark of the administrator.' >>/etc/rotated/rotated.toml
once "a large log is rotated" systemctl reload rotated
soon "and its compression begins" test -e /run/slow-began
rare=$(served rare)
pid=$(show MainPID)
once "the package is upgraded in the middle of that" dpkg --install $here/next.deb
once "the next version is installed" [ "$(dpkg-query -W -f '${Version}' rotated | sed 's/.*+//')" = next ]
soon "the service is active" systemctl is-active rotated
once "it is another process" runs_as_another_than "$pid"
once "an interval keeps its phase over the upgrade" has_served rare "$rare"
once "the config has the administrator's remark" grep -q 'A remark' /etc/rotated/rotated.toml
soon "the archive is compressed in the end" test -s /var/log/test/large.log.1.slow
once "with every byte" [ "$(cksum </var/log/test/large.log.1.slow)" = "$sum" ]
once "once" [ "$(ls /var/log/test/large.log*.slow /var/log/test/large.log.1 2>/dev/null | wc -l)" = 1 ]

# Remove, install again, purge.
rare=$(served rare)
before=$(ls /var/log/test)
once "the package is removed" dpkg --remove rotated
once "the service has ended" fails systemctl is-active rotated
once "the program is gone" fails test -e /usr/bin/rotated
once "logs and archives are there" holds <(ls /var/log/test) "$before"
once "and so are the state and the config" test -s /var/lib/rotated/state -a -s /etc/rotated/rotated.toml
once "it is installed again" dpkg --install /root/download/*.deb
soon "the service is active" systemctl is-active rotated
once "an interval has kept its phase" has_served rare "$rare"
once "the package is purged" dpkg --purge rotated
once "the state is gone" fails test -e /var/lib/rotated
once "the config of the package is gone" fails test -e /etc/rotated/rotated.toml
once "the administrator's is not" test -s /etc/rotated/conf.d/test.toml
once "logs and archives are there" test -s /var/log/test/time.log.1 -a -s /var/log/test/large.log.1.slow
once "no unit has failed" [ -z "$(systemctl list-units --failed --plain --no-legend 'rotated*')" ]

sums
