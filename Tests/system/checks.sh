# checks.sh: the words in which the checks inside of a booted system are written. To be sourced.
passed=0 failed=0
version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')

# once SENTENCE COMMAND...: the command succeeds at its first try.
once() {
  local sentence=$1
  shift
  if "$@" >/dev/null 2>&1; then
    passed=$((passed + 1))
    echo "✔ systemd $version: $sentence"
  else
    failed=$((failed + 1))
    echo "✘ systemd $version: $sentence ($*); status: '$(show StatusText)', state: $(show ActiveState)/$(show Result)"
  fi
}
# comes COMMAND...: the command, which only looks, succeeds at once or within ten seconds.
comes() {
  local end=$((SECONDS + 10))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}
# soon SENTENCE COMMAND...: the same as a check.
soon() { once "$1" comes "${@:2}"; }

show() { systemctl show --value --property="$1" rotated.service; }
is() { [ "$(show "$1")" = "$2" ]; }
says() { [[ $(show StatusText) == *$1* ]]; }
fails() { ! "$@"; }
ends_with() { local code=0; "${@:2}" || code=$?; [ "$code" = "$1" ]; }
has_one_thread() { grep -qx $'Threads:\t1' "/proc/$(show MainPID)/status"; }
runs_as_another_than() { [ "$(show MainPID)" != "$1" ] && [ "$(show MainPID)" != 0 ]; }
holds() { [ "$(cat "$1")" = "$2" ]; }
# looks FILE OWNER:GROUP MODE SIZE, all in numbers.
looks() { [ "$(stat -c '%u:%g %a %s' "$1")" = "$2 $3 $4" ]; }
# What journalctl finds by those matches (systemd.journal-fields(7)) and options, among the entries of the unit.
journal_has() { journalctl --quiet --unit=rotated "$@" | grep -q .; }
# The same among all entries.
journal_of() { journalctl --quiet "$@" | grep -q .; }
# explained TEXT MATCH...: journalctl explains the entry by a text of the catalog with these words in it.
explained() { journalctl --quiet --catalog "${@:2}" | grep -qF "$1"; }
# The last line of the state about a job: the time it has served.
served() { grep " J [0-9]* $1\$" /var/lib/rotated/state | tail -n 1; }
has_served() { [ -n "$2" ] && [ "$(served "$1")" = "$2" ]; }
# What systemd-analyze has to say, which is to be nothing: systemd 252 exits 0 on a value that it does not know.
verified() { [ -z "$(systemd-analyze verify --man=no rotated.service 2>&1)" ]; }
# drop_in NAME TEXT: more of the unit; without a text it goes. For the next start.
drop_in() {
  local file=/etc/systemd/system/rotated.service.d/$1.conf
  if [ $# = 2 ]; then printf '[Service]\n%s\n' "$2" >"$file"; else rm "$file"; fi
  systemctl daemon-reload
}
# The end of a run: its sums, and 1 if anything failed.
sums() {
  echo "systemd $version: $passed passed, $failed failed"
  [ "$failed" = 0 ]
}
