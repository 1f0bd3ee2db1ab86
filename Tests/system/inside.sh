#!/bin/bash
# inside.sh: runs in the booted system and checks rotated.service the way an administrator would. One line a check; the exit
# status says whether all were right.
set -u
passed=0 failed=0
version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')

# check SENTENCE COMMAND...: the command succeeds, at once or within ten seconds.
check() {
  local sentence=$1 tries
  shift
  for tries in {1..100}; do
    if "$@" >/dev/null 2>&1; then
      passed=$((passed + 1))
      echo "✔ systemd $version: $sentence"
      return
    fi
    sleep 0.1
  done
  failed=$((failed + 1))
  echo "✘ systemd $version: $sentence ($*); status: '$(show StatusText)', state: $(show ActiveState)/$(show Result)"
}

show() { systemctl show --value --property="$1" rotated.service; }
is() { [ "$(show "$1")" = "$2" ]; }
says() { [[ $(show StatusText) == *$1* ]]; }
has_one_thread() { grep -qx $'Threads:\t1' "/proc/$(show MainPID)/status"; }
holds() { grep -qxF "$2" "$1"; }
journal_has() { journalctl --quiet --unit=rotated "$@" | grep -q .; }
# Whether journalctl explains the entry by a text of the catalog, which it sets off from the entry.
explained() { journalctl --quiet --catalog "$@" | grep -qE '^(░░|--) '; }

# config EXTRA: the config of the test, with more text at its end.
config() {
  mkdir -p /etc/rotated
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
$1
END
}

journalctl --update-catalog
mkdir -p /var/log/test
config ""
echo "first" >/var/log/test/often.log
chown 33:4 /var/log/test/often.log
chmod 640 /var/log/test/often.log

# Start.
check "systemctl start returns when the daemon is ready" systemctl start rotated
check "the unit is active" systemctl is-active rotated
check "the status line counts the jobs" says "2 jobs"
check "the daemon has one thread" has_one_thread
check "the state is in the state directory" test -s /var/lib/rotated/state
check "an interval job rotates" holds /var/log/test/often.log.1 first
check "the new log has the old one's owner and mode" [ "$(stat -c '%u:%g %a' /var/log/test/often.log)" = "33:4 640" ]
head -c 2000 /dev/zero | tr '\0' 'x' >/var/log/test/big-one.log
check "a size job rotates a log that its pattern finds" test -s /var/log/test/big-one.log.1
check "the journal has the rotation with its fields" journal_has ROTATED_JOB=big ROTATED_LOG=/var/log/test/big-one.log
check "the rotation's message has a text in the catalog" explained ROTATED_JOB=big

# Reload.
pid=$(show MainPID)
config '[job.added]
logs = "/var/log/test/added.log"
every = "1s"'
echo "added" >/var/log/test/added.log
check "systemctl reload takes a good config" systemctl reload rotated
check "the new job is counted" says "3 jobs"
check "the new job rotates" holds /var/log/test/added.log.1 added
config '[job.bad]
logs = "relative.log"
evry = "1s"'
systemctl reload rotated
check "a bad config is told in the status line" says "refused"
check "a bad config is told in the journal, with its place" journal_has --grep 'rotated.toml:[0-9]*:[0-9]*:'
echo "still" >/var/log/test/added.log
check "the former config goes on" holds /var/log/test/added.log.1 still
check "the daemon is the same process" is MainPID "$pid"
check "the unit is active after the reloads" is ActiveState active
check "the daemon still has one thread" has_one_thread
config ""

# Watchdog.
kill -STOP "$(show MainPID)"
check "a daemon that hangs is killed by the watchdog" journal_has --grep='[Ww]atchdog timeout'
check "it is started again" is NRestarts 1
check "the unit is active again" systemctl is-active rotated
check "it is another process" [ "$(show MainPID)" != "$pid" ]
echo "after" >/var/log/test/often.log
check "it rotates" holds /var/log/test/often.log.1 after

# The newer kind of reload, where there is one.
if [ "$version" -ge 253 ]; then
  cp /usr/share/doc/rotated/notify-reload.conf /etc/systemd/system/rotated.service.d/
  systemctl daemon-reload
  check "notify-reload.conf is taken" is Type notify-reload
  check "the daemon restarts with it" systemctl restart rotated
  config 'frist = 1'
  check "reload returns although the config is refused" systemctl reload rotated
  check "the status line says so at once" says "refused"
  config ""
  check "reload returns when a good config is live" systemctl reload rotated
  check "the status line is well again" says "2 jobs"
fi

# Stop, and a start that cannot be.
check "systemctl stop works" systemctl stop rotated
check "the exit code is 0" is ExecMainStatus 0
check "the result is success" is Result success
config 'frist = 1'
check "a bad config does not start" bash -c '! systemctl start rotated'
check "its exit code is 78" is ExecMainStatus 78
check "it is not tried again" is NRestarts 0
check "the journal has every error's place" journal_has --grep 'rotated.toml:[0-9]*:[0-9]*:.*frist'

journalctl --boot --output=short-precise >/output/journal
echo "systemd $version: $passed passed, $failed failed"
[ "$failed" = 0 ]
