#!/bin/bash
# inside.sh: runs in the booted system and checks rotated.service the way an administrator would. One line a check; the exit
# status says whether all were right.
set -u
. "$(dirname "$0")/checks.sh"

# config EXTRA: the config of the test, with more text at its end.
config() {
  cat >/etc/rotated/rotated.toml <<END
[defaults]
keep = 3

[job.often]
logs = "/var/log/test/often.log"
every = "1s"

[job.big]
logs = "/var/log/test/big*.log"
size = "1K"
check = "1s"

[job.rare]
logs = "/var/log/test/rare.log"
every = "1h"

[job.patient]
logs = "/var/log/test/patient.log"
size = "1K"
check = "1h"
$1
END
}
# log FILE OWNER:GROUP MODE TEXT
log() {
  echo "$4" >"$1"
  chown "$2" "$1"
  chmod "$3" "$1"
}
big_log() { head -c 2000 /dev/zero | tr '\0' 'x' >"$1"; }

journalctl --update-catalog

# The unit as it is installed, and its config without jobs.
once "systemd-analyze has nothing to say of the unit" verified
once "its exposure is at most 2.7" systemd-analyze security --threshold=27 rotated.service
once "the unit can be enabled" systemctl enable rotated
once "it starts with the config that is installed" systemctl start rotated
once "the status line says that there are no jobs" says "no jobs yet"
soon "the journal says where to begin" journal_has PRIORITY=4 --grep '/etc/rotated/rotated.toml:1:1: .*no job yet.*a job is a table'
config ""
once "systemctl reload takes the first jobs" systemctl reload rotated
soon "the status line counts them" says "4 jobs"
once "an idle daemon stops in less than a second" timeout 1 systemctl stop rotated
mv /etc/rotated/rotated.toml /run/
once "it does not start without a config" fails systemctl start rotated
once "it ends with 78" is ExecMainStatus 78
soon "the journal has the missing file as an error" \
  journal_has PRIORITY=3 --grep '/etc/rotated/rotated.toml:1:1: .*no such file.*rotated.toml\(5\)'
soon "and that it did not start, which the catalog explains" explained "No log has" PRIORITY=3 _COMM=rotated
once "the example can be used as it is" rotated --check --config /usr/share/doc/rotated/examples/rotated.toml

# Start, and rotation in all places where logs lie.
mkdir -p /var/log/test /var/log/of-user /home/anna /srv/app /root/logs
chown 33:33 /var/log/of-user
chown 1000:1000 /home/anna
chmod 700 /home/anna
log /var/log/test/often.log 33:4 640 first
log /var/log/test/rare.log 0:0 600 rare
log /var/log/of-user/app.log 33:4 640 of-user
log /home/anna/app.log 1000:1000 600 home
log /srv/app/app.log 0:0 644 srv
log /root/logs/app.log 0:0 600 root
log /tmp/app.log 1000:1000 644 tmp
ln -s /srv/app/app.log /var/log/test/link.log
config '[job.places]
logs = ["/var/log/of-user/app.log", "/home/anna/app.log", "/srv/app/app.log", "/root/logs/app.log", "/tmp/app.log",
  "/var/log/test/link.log"]
every = "1s"'
once "systemctl start returns when the daemon is ready" systemctl start rotated
once "the unit is active" systemctl is-active rotated
once "the status line counts the jobs" says "5 jobs"
once "the daemon has one thread" has_one_thread
once "the state is in the state directory" test -s /var/lib/rotated/state
once "which is root's alone" [ "$(stat -c '%u:%g %a' /var/lib/rotated)" = "0:0 700" ]
soon "an interval job rotates" holds /var/log/test/often.log.1 first
once "the new log is empty, with the old one's owner and mode" looks /var/log/test/often.log 33:4 640 0
soon "a user's log in a directory of the user's rotates" holds /var/log/of-user/app.log.1 of-user
once "and stays the user's" looks /var/log/of-user/app.log 33:4 640 0
soon "a log in a closed home directory rotates" holds /home/anna/app.log.1 home
once "and stays its owner's" looks /home/anna/app.log 1000:1000 600 0
soon "a log below /srv rotates" holds /srv/app/app.log.1 srv
soon "a log below /root rotates" holds /root/logs/app.log.1 root
soon "a log in the /tmp that everybody sees rotates" holds /tmp/app.log.1 tmp
once "and stays its owner's" looks /tmp/app.log 1000:1000 644 0
soon "a symbolic link is reported and left alone" journal_has PRIORITY=4 ROTATED_LOG=/var/log/test/link.log
once "for it is a link still" test -L /var/log/test/link.log
big_log /var/log/test/big-one.log
soon "a size job rotates a log that its pattern finds" test -s /var/log/test/big-one.log.1
soon "the journal has the rotation as a native entry with its fields" journal_has _TRANSPORT=journal PRIORITY=6 \
  MESSAGE_ID=aa14a573af2640859ab5aa1b9f5b0913 ROTATED_JOB=big ROTATED_LOG=/var/log/test/big-one.log ROTATED_BYTES=2000
soon "the catalog explains it" explained "Job big has rotated /var/log/test/big-one.log (2000 bytes)" ROTATED_JOB=big
pid=$(show MainPID)

# Reload.
config '[job.added]
logs = "/var/log/test/added.log"
every = "1s"'
echo "added" >/var/log/test/added.log
once "systemctl reload takes a good config" systemctl reload rotated
soon "the new job is counted" says "5 jobs"
soon "the new job rotates" holds /var/log/test/added.log.1 added
config '[job.bad]
logs = "relative.log"
evry = "1s"'
once "systemctl reload returns with a bad config too" systemctl reload rotated
soon "the status line says it" says "rejected"
for word in 'relative' 'evry'; do
  soon "the journal has '$word' at its place, as an error" journal_has _TRANSPORT=journal PRIORITY=3 \
    MESSAGE_ID=e580d5c54693461f88b5304e7077ca55 --grep "^/etc/rotated/rotated.toml:[0-9]+:[0-9]+: .*$word"
done
echo "still" >/var/log/test/added.log
soon "the former config goes on" holds /var/log/test/added.log.1 still
once "the daemon is the same process" is MainPID "$pid"
once "the unit is active after the reloads" is ActiveState active
once "the daemon still has one thread" has_one_thread
config ""
once "systemctl reload takes the good config back" systemctl reload rotated
soon "the status line is well again" says "4 jobs"
once "and no longer speaks of it" fails says "rejected"

# Units are notified.
cat >/etc/systemd/system/told.service <<'END'
[Service]
ExecStart=/bin/sh -c 'trap "echo signal >>/run/told" USR1; while :; do sleep 0.1; done'
ExecReload=/bin/sh -c 'echo reload >>/run/told; test ! -e /run/told.fails'
Restart=always
END
systemctl daemon-reload
systemctl start told.service
touch /run/told
config '[job.told]
logs = "/var/log/test/told.log"
every = "1s"
notify = [{ unit = "told", reload = true }, { unit = "told", signal = "USR1" }]'
echo "told" >/var/log/test/told.log
once "systemctl reload takes a job that tells a unit" systemctl reload rotated
soon "its log rotates" holds /var/log/test/told.log.1 told
soon "the unit is reloaded" grep -qx reload /run/told
soon "its main process gets the signal" grep -qx signal /run/told
soon "both are reported in the journal" journal_has MESSAGE_ID=3d9c1f0b7e5a4c6e9b2d48a6f1730ce5 ROTATED_JOB=told \
  --grep 'told.service \(reload\)'
touch /run/told.fails
echo "fails" >/var/log/test/told.log
soon "a reload that fails is an error in systemctl's words" journal_has PRIORITY=3 ROTATED_JOB=told \
  MESSAGE_ID=8f27b6d4c0134e7d8a95d2e3609bf1c4 --grep 'exit code 1: Job for told.service failed'
soon "the catalog explains it" explained "A writer could not be notified" MESSAGE_ID=8f27b6d4c0134e7d8a95d2e3609bf1c4
soon "the status line names the notice" says "not notified: told.service (reload)"
rm /run/told.fails
soon "when the reload succeeds again, that is reported too" journal_has PRIORITY=5 ROTATED_JOB=told --grep 'at attempt'
systemctl stop told.service
printf '[Service]\nExecStart=/bin/sleep 1000\n' >/etc/systemd/system/rigid.service
printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n' >/etc/systemd/system/empty.service
systemctl daemon-reload
systemctl start rigid.service empty.service
config '[job.vain]
logs = "/var/log/test/vain.log"
every = "1s"
notify = [{ unit = "none", reload = true }, { unit = "none", signal = "USR1" },
  { unit = "told", reload = true }, { unit = "told", signal = "USR1" },
  { unit = "rigid", reload = true }, { unit = "empty", signal = "USR1" }]'
echo "vain" >/var/log/test/vain.log
once "systemctl reload takes a job whose units cannot be notified" systemctl reload rotated
notices=("none.service \(reload\)" "none.service \(USR1\)" "told.service \(reload\)" "told.service \(USR1\)"
  "rigid.service \(reload\)" "empty.service \(USR1\)")
reasons=("Unit none.service not found" "Unit none.service not loaded" "told.service is not active" "(not loaded|No main process)"
  "reload is not applicable" "No main process")
for index in "${!notices[@]}"; do
  soon "an error says why: ${notices[index]}" journal_has PRIORITY=3 ROTATED_JOB=vain \
    --grep "${notices[index]} .*: systemctl: exit code [135]: .*${reasons[index]}"
done
for unit in none rigid empty; do cp /etc/systemd/system/{told,$unit}.service; done
systemctl daemon-reload
systemctl restart told.service none.service rigid.service empty.service
for notice in "${notices[@]}"; do
  soon "a unit that runs is notified at another try: $notice" journal_has PRIORITY=5 ROTATED_JOB=vain \
    --grep "notified $notice .*at attempt"
done
once "the daemon keeps no child" holds "/proc/$(show MainPID)/task/$(show MainPID)/children" ""
systemctl stop told.service none.service rigid.service empty.service
config ""
systemctl reload rotated

# A writer that holds on, compression, a truncated log, and a command that is told.
log /var/log/test/held.log 33:4 640 held
sleep 1000 7>>/var/log/test/held.log &
holder=$!
log /var/log/of-user/cut.log 33:4 640 cut
cut_file=$(stat -c %i /var/log/of-user/cut.log)
config '[job.held]
logs = "/var/log/test/held.log"
every = "1s"
compress = "gzip"
reopen-timeout = "1s"
notify = { shell = "echo ${NOTIFY_SOCKET-unset} $ROTATED_JOB >>/run/shell-told" }

[job.cut]
logs = "/var/log/of-user/cut.log"
every = "1s"
method = "truncate"'
once "systemctl reload takes jobs that compress and truncate" systemctl reload rotated
soon "a log with a writer that holds on rotates" holds /var/log/test/held.log.1 held
soon "a shell command is notified, and cannot speak for the daemon" grep -qx 'unset held' /run/shell-told
soon "the writer that keeps the log open is named by pid and command" journal_has PRIORITY=4 ROTATED_JOB=held \
  ROTATED_LOG=/var/log/test/held.log --grep "held.log.1 is still open for writing in pid $holder \(sleep\)"
soon "the status line names the job" says "archives still open: held"
once "what it may write to is not compressed" fails test -e /var/log/test/held.log.1.gz
kill "$holder"
wait "$holder" 2>/dev/null
soon "the archive is compressed when the writer is gone" test -e /var/log/test/held.log.1.gz
soon "the plain one is removed" fails test -e /var/log/test/held.log.1
once "it is whole" holds <(gzip -dc /var/log/test/held.log.1.gz) held
once "and has the log's owner and mode" [ "$(stat -c '%u:%g %a' /var/log/test/held.log.1.gz)" = "33:4 640" ]
soon "the journal has the compression with its fields" journal_has PRIORITY=6 \
  MESSAGE_ID=5e0cbf9f4b7f4e2f8f3a0f6d1c7be9a4 ROTATED_JOB=held ROTATED_LOG=/var/log/test/held.log \
  ROTATED_ARCHIVE=/var/log/test/held.log.1.gz "ROTATED_BYTES=$(stat -c %s /var/log/test/held.log.1.gz)"
soon "the status line is well again" fails says "archives still open"
soon "a log of another user is truncated" holds /var/log/of-user/cut.log.1 cut
once "and stays the same file" [ "$(stat -c %i /var/log/of-user/cut.log)" = "$cut_file" ]
once "its archive is the user's" looks /var/log/of-user/cut.log.1 33:4 640 4

# What the capabilities of the unit are for, each where another user is concerned.
mkdir -p /var/log/of-user/sticky
log /var/log/of-user/sticky/app.log 1000:4 2640 line
exec 7>>/var/log/of-user/sticky/app.log
setpriv --reuid=1000 --clear-groups sleep 1000 &
holder=$!
exec 7>&-
chown 33:33 /var/log/of-user/sticky
chmod 1777 /var/log/of-user/sticky
setpriv --reuid=33 --clear-groups bash -c 'trap "touch /tmp/hung-up" HUP; while :; do sleep 0.1; done' &
hung=$!
echo "$hung" >/run/hung.pid
# A compressor that shows how it runs, and takes its time for it.
cat >/run/slow-gzip <<'END'
#!/bin/sh
cut -d ' ' -f 41 /proc/$$/stat >/run/policy
exec gzip -c
END
chmod +x /run/slow-gzip
config '[job.others]
logs = "/var/log/of-user/sticky/app.log"
size = 1
check = "1s"
compress = { command = ["/run/slow-gzip"], suffix = ".gz" }
reopen-timeout = "1s"
notify = { pidfile = "/run/hung.pid", signal = "HUP" }'
once "systemctl reload takes a job on another user's log in a sticky directory" systemctl reload rotated
soon "the log rotates" holds /var/log/of-user/sticky/app.log.1 line
soon "the new one has owner, group and set-id bit of the old one" looks /var/log/of-user/sticky/app.log 1000:4 2640 0
soon "the process of a pidfile, another user's, gets its signal" test -e /tmp/hung-up
soon "a writer of another user is named" journal_has PRIORITY=4 ROTATED_JOB=others \
  --grep "app.log.1 is still open for writing in pid $holder \(sleep\)"
once "what it may write to is not compressed" fails test -e /var/log/of-user/sticky/app.log.1.gz
kill "$holder" "$hung"
wait "$holder" "$hung" 2>/dev/null
soon "it is compressed when the writer is gone" looks /var/log/of-user/sticky/app.log.1.gz 1000:4 2640 \
  "$(printf 'line\n' | gzip -c | wc -c)"
# SCHED_IDLE, sched(7).
once "by a child that runs when nothing else does" holds /run/policy 5
config ""
systemctl reload rotated

# A small disk: its oldest archive goes, and that is told.
mkdir /var/log/small
mount -t tmpfs -o size=1M tmpfs /var/log/small
echo "live" >/var/log/small/app.log
head -c 180K /dev/zero >/var/log/small/filler
head -c 100K /dev/zero >/var/log/small/app.log.1
head -c 100K /dev/zero >/var/log/small/app.log.2
touch -d '-2 days' /var/log/small/app.log.2
config '[job.small]
logs = "/var/log/small/app.log"
every = "1h"

[daemon]
keep-free = "65%"'
once "systemctl reload takes a bound for free space" systemctl reload rotated
soon "a disk that is low on space is a warning" journal_has PRIORITY=4 \
  MESSAGE_ID=13cb3cb45c9942a495544d8d631e8d6f --grep 'file system of /var/log/small'
soon "its oldest archive goes" fails test -e /var/log/small/app.log.2
soon "the journal has that with its fields" journal_has PRIORITY=4 MESSAGE_ID=6d98bc3edec44bb3a556f092505bac2a \
  ROTATED_JOB=small ROTATED_ARCHIVE=/var/log/small/app.log.2
once "the newest stays" test -s /var/log/small/app.log.1
once "the daemon has one thread after all this" has_one_thread
once "and no child is left" holds "/proc/$(show MainPID)/task/$(show MainPID)/children" ""
config ""
systemctl reload rotated
umount /var/log/small

# What an administrator does to a running service.
big_log /var/log/test/patient.log
once "SIGUSR1 is sent" systemctl kill --signal=USR1 rotated
soon "it makes every job look at once" test -s /var/log/test/patient.log.1
once "a second daemon with the same state does not start" fails rotated
once "it names the first" grep -q "in use by pid $pid:" <(rotated 2>&1)
once "systemd-journald is started again" systemctl restart systemd-journald
big_log /var/log/test/big-two.log
soon "the daemon's entries go on" journal_has _TRANSPORT=journal ROTATED_LOG=/var/log/test/big-two.log
once "systemd itself is started again" systemctl daemon-reexec
# Longer than the watchdog's time.
sleep 3
once "the daemon outlives that, watchdog and all" is MainPID "$pid"
echo "reexec" >/var/log/test/often.log
soon "it rotates" holds /var/log/test/often.log.1 reexec

# The control socket, by a client that is not ours: varlinkctl knows the whole of Varlink since systemd 257.
if [ "$version" -ge 257 ]; then
  control=unix:/run/rotated/control interface=org.rotated.Manager
  asked() { varlinkctl call --json=short "$@" 2>&1 | grep -q "$answer"; }
  once "varlinkctl shows who serves" grep -q 'Product: rotated' <(varlinkctl info "$control")
  once "it lists the interface" grep -qx "$interface" <(varlinkctl list-interfaces "$control")
  once "it lists the methods" grep -qx "$interface.Explain" <(varlinkctl list-methods "$control" "$interface")
  once "it reads the description" varlinkctl introspect "$control" "$interface"
  once "the description is valid as it is served" \
    varlinkctl validate-idl <(SYSTEMD_COLORS=0 varlinkctl introspect "$control" "$interface")
  answer="\"pid\":$pid" once "it calls a method" asked "$control" "$interface.Describe" '{}'
  answer='"name":"often"' once "it calls one that has many replies" asked --more "$control" "$interface.List" '{}'
  answer='"withLogs"' once "a parameter of the wrong kind is refused by its name" \
    asked --more "$control" "$interface.List" '{"withLogs":"yes"}'
  answer='ExpectedMore' once "a call that needs --more says so" asked "$control" "$interface.List" '{}'
  echo "varlink" >/var/log/test/patient.log
  answer='"rotated":1' once "it has a log rotated, and waits for that" \
    asked "$control" "$interface.Rotate" '{"logs":["/var/log/test/patient.log"],"force":true,"wait":true}'
  once "which is done" holds /var/log/test/patient.log.1 varlink
fi

# Watchdog and sudden death.
kill -STOP "$pid"
soon "a daemon that hangs is killed by the watchdog" journal_has --grep='[Ww]atchdog timeout'
soon "it is started again" is NRestarts 1
soon "the unit is active again" systemctl is-active rotated
once "it is another process" runs_as_another_than "$pid"
echo "after" >/var/log/test/often.log
soon "it rotates" holds /var/log/test/often.log.1 after
rare=$(served rare)
kill -KILL "$(show MainPID)"
soon "a daemon that was killed is started again" is NRestarts 2
soon "the unit is active again" systemctl is-active rotated
once "an interval keeps its phase over the kill" has_served rare "$rare"
once "systemctl restart works" systemctl restart rotated
once "an interval keeps its phase over the restart" has_served rare "$rare"
once "and its log is not rotated early" fails test -e /var/log/test/rare.log.1

# The drop-in for those whose logs all lie in /var/log.
cp /usr/share/doc/rotated/examples/strict.conf /etc/systemd/system/rotated.service.d/
systemctl daemon-reload
once "systemd-analyze has nothing to say of strict.conf" verified
once "the exposure with strict.conf is at most 2.0" systemd-analyze security --threshold=20 rotated.service
config '[job.srv]
logs = "/srv/app/app.log"
every = "1s"'
echo "strict" >/srv/app/app.log
echo "strict" >/var/log/test/often.log
once "the daemon restarts with strict.conf" systemctl restart rotated
soon "logs in /var/log rotate" holds /var/log/test/often.log.1 strict
soon "a log elsewhere is an error with its number (EROFS)" journal_has PRIORITY=3 ERRNO=30 \
  MESSAGE_ID=41bc3780ec20413696425109abef517e ROTATED_JOB=srv ROTATED_LOG=/srv/app/app.log
soon "the catalog explains it" explained "Job srv could not rotate /srv/app/app.log." ERRNO=30
soon "the status line names the job" says "failing: srv"
once "the log is as it was" holds /srv/app/app.log strict
drop_in strict

# The same for the directories of a config, whatever their names.
sandbox=/etc/systemd/system/rotated.service.d/sandbox.conf
config ""
once "rotatectl unit --drop-in" eval "rotatectl unit --drop-in >$sandbox && systemctl daemon-reload"
once "systemd-analyze has nothing to say of it" verified
once "the exposure with it is at most 2.0" systemd-analyze security --threshold=20 rotated.service
odd='/srv/odd 100% \name"s'
mkdir -p "$odd" /srv/archives
echo odd >"$odd/app.log"
echo srv >/srv/app/app.log
echo home >/home/anna/app.log
echo shut >/root/logs/app.log
chown 1000:1000 /home/anna/app.log
config "[job.sandbox]
logs = ['/srv/app/app.log', '/home/anna/app.log', '$odd/app.log']
every = '1s'
notify = { shell = 'touch /etc/from-the-sandbox' }

[job.away]
logs = '/var/log/test/away.log'
archive-dir = '/srv/archives'
every = '1s'"
echo away >/var/log/test/away.log
once "again for more directories" eval "rotatectl unit --drop-in >$sandbox && systemctl daemon-reload"
once "systemd-analyze has nothing to say of these" verified
once "the daemon restarts with them" systemctl restart rotated
soon "a log below /srv rotates" holds /srv/app/app.log.1 srv
soon "one in a closed home directory" holds /home/anna/app.log.1 home
soon "one in a directory whose name has blanks, a backslash, a quote and a percent sign" holds "$odd/app.log.1" odd
soon "an archive goes to its own directory" holds /srv/archives/away.log.1 away
soon "a command runs outside of the sandbox" test -e /etc/from-the-sandbox
once "the doctor finds every directory writable" fails grep -q 'makes it read-only\|hides it' <(rotatectl doctor sandbox away)
config "[job.shut]
logs = '/root/logs/app.log'
every = '1s'"
once "a log elsewhere is taken" systemctl reload rotated
soon "and is an error with its number (EROFS)" journal_has PRIORITY=3 ERRNO=30 ROTATED_JOB=shut
once "which the doctor sees" grep -q 'makes it read-only' <(rotatectl doctor shut)
drop_in sandbox
config ""

# The newer kind of reload, where there is one.
if [ "$version" -ge 253 ]; then
  cp /usr/share/doc/rotated/examples/notify-reload.conf /etc/systemd/system/rotated.service.d/
  systemctl daemon-reload
  once "systemd-analyze has nothing to say of notify-reload.conf" verified
  once "notify-reload.conf is taken" is Type notify-reload
  once "the daemon restarts with it" systemctl restart rotated
  config 'frist = 1'
  once "reload returns although the config is rejected" systemctl reload rotated
  once "the status line says so at once" says "rejected"
  config ""
  once "reload returns when a good config is live" systemctl reload rotated
  once "the status line is well again at once" fails says "rejected"
else
  once "the daemon restarts without the drop-in" systemctl restart rotated
fi

# Stop, and starts that cannot be.
once "the daemon has one thread to the end" has_one_thread
once "systemctl stop works" systemctl stop rotated
once "the exit code is 0" is ExecMainStatus 0
once "the result is success" is Result success
soon "the journal has the stop" journal_has MESSAGE_ID=a5249e384e884c999bef782ca9bc78f1
rm /var/lib/rotated/state
once "without its state the daemon starts" systemctl start rotated
once "and the phase of an interval begins anew" fails has_served rare "$rare"
systemctl stop rotated
config 'frist = 1'
once "a bad config does not start" fails systemctl start rotated
once "its exit code is 78" is ExecMainStatus 78
# Longer than RestartSec: what would be tried again, is.
sleep 1
once "it is not tried again" is NRestarts 0
soon "the journal has the error and its place" journal_has PRIORITY=3 --grep 'rotated.toml:[0-9]*:[0-9]*: .*frist'
drop_in misuse $'ExecStart=\nExecStart=/usr/bin/rotated --frist'
once "wrong arguments do not start" fails systemctl start rotated
once "their exit code is 64" is ExecMainStatus 64
sleep 1
once "that is not tried again either" is NRestarts 0
once "the unit has failed" is ActiveState failed

sums
