# takeover.sh: logrotate and rotated on one machine, and the way from one to the other and back. To be sourced.
kind=cfe116d64f944bed8b3e08c0a7210069
mkdir -p /var/log/shared
echo shared >/var/log/shared/app.log
printf '/var/log/shared/app.log {\n  daily\n  rotate 3\n  create\n}\n' >/etc/logrotate.d/shared
printf '[job.shared]\nlogs = "/var/log/shared/*.log"\nevery = "1h"\n' >/etc/rotated/conf.d/shared.toml
systemctl enable --quiet --now logrotate.timer
once "after the installation, logrotate's timer goes on" systemctl is-active logrotate.timer
once "systemctl reload takes a log that logrotate has" systemctl reload rotated
soon "the status line names the job" says "rotated by logrotate, too: shared"
once "so does rotatectl status" grep -q 'logrotate.timer.*/etc/logrotate.d/shared:1' <(rotatectl status)
soon "and the journal, with the place" journal_has MESSAGE_ID=$kind PRIORITY=3 ROTATED_JOB=shared \
  ROTATED_LOG=/var/log/shared/app.log --grep '/etc/logrotate.d/shared:1'
soon "the catalog explains it" explained "rotatectl takeover" MESSAGE_ID=$kind
once "the doctor finds it" grep -q 'logrotate (logrotate.timer) rotates it, too: /etc/logrotate.d/shared:1' <(rotatectl doctor shared)
rm /etc/rotated/conf.d/shared.toml
once "systemctl reload gives it back" systemctl reload rotated
soon "the status line is well again" fails says "rotated by logrotate"

fragment=/etc/rotated/conf.d/00-logrotate.toml record=/var/lib/rotated/takeover
taken() {
  [ "$(systemctl show -p LoadState -p ActiveState logrotate.timer)" = $'LoadState=masked\nActiveState=inactive' ] &&
    test -s $fragment && test -s $record && rotatectl list /var/log/shared/app.log
}
given() {
  systemctl is-active --quiet logrotate.timer && systemctl is-enabled --quiet logrotate.timer &&
    ! test -e $fragment && ! test -e $record && ! rotatectl list /var/log/shared/app.log
}
once "there is nothing to give back" rotatectl takeover --undo --yes
once "a dry run shows the steps" grep -qx '3. systemctl mask logrotate.timer' <(rotatectl takeover --dry-run)
once "and does none" given
once "without a terminal it does not go on" ends_with 64 rotatectl takeover </dev/null
once "nor for another user" ends_with 77 setpriv --reuid=2001 --clear-groups rotatectl takeover --yes
once "and has done nothing" given
# What logrotate has rotated today, and what it would rotate at its next run.
state=/var/lib/logrotate/status
# entry LOG: when a log was rotated last, as logrotate has it.
entry() { sed -n "s|^\"$1\" ||p" $state; }
echo late >/var/log/shared/late.log
printf '/var/log/shared/late.log {\n  daily\n  rotate 3\n  create\n}\n' >/etc/logrotate.d/late
printf 'logrotate state -- version 2\n"/var/log/shared/app.log" %s\n"/var/log/shared/late.log" %s\n"/elsewhere" 2026-1-2-3:4:5\n' \
  "$(date +%Y-%-m-%-d-%-H:%-M:%-S)" "$(date -d '3 days ago' +%Y-%-m-%-d-0:0:0)" >$state
chmod 640 $state
once "takeover" rotatectl takeover --yes
once "takes all of logrotate" taken
soon "a log that is due by logrotate's state is rotated at once" holds /var/log/shared/late.log.1 late
once "and one that logrotate has rotated today is not" [ ! -e /var/log/shared/app.log.1 ]
once "a second takeover changes nothing" rotatectl takeover --yes
once "a log of logrotate is rotated by rotated" rotatectl rotate --wait /var/log/shared/app.log
soon "as logrotate would" holds /var/log/shared/app.log.1 shared
# What comes before a removal is done outside of the sandbox, and the mail is read from what the daemon has open.
printf '#!/bin/sh\n{ echo "$*"; cat; } >>/etc/mailed\n' >/usr/bin/mail
chmod +x /usr/bin/mail
printf '%s {\n  daily\n  rotate 1\n  create\n  compress\n  mail root\n  preremove\n    echo $1 >>/etc/preremoved\n  endscript\n}\n' \
  /var/log/shared/mailed.log >/etc/logrotate.d/mailed
echo first >/var/log/shared/mailed.log
soon "a new file of logrotate is used by itself" rotatectl list /var/log/shared/mailed.log
once "its log is rotated" rotatectl rotate --wait --force /var/log/shared/mailed.log
soon "and compressed" test -e /var/log/shared/mailed.log.1.gz
echo second >/var/log/shared/mailed.log
once "and rotated again" rotatectl rotate --wait --force /var/log/shared/mailed.log
soon "the archive that goes is mailed first, uncompressed" \
  holds /etc/mailed $'-s /var/log/shared/mailed.log.2.gz root\nfirst'
soon "then its script runs" holds /etc/preremoved /var/log/shared/mailed.log.2.gz
soon "and it is removed" [ ! -e /var/log/shared/mailed.log.2.gz ]
rm /etc/logrotate.d/mailed /etc/mailed /etc/preremoved /usr/bin/mail
soon "a file that is gone is not used any more" fails rotatectl list /var/log/shared/mailed.log
once "the doctor finds no other rotator" fails grep -q logrotate.timer <(rotatectl doctor)
once "takeover --undo" rotatectl takeover --undo --yes
once "gives all back" given
once "the state of logrotate has what rotated has rotated" \
  grep -q "^$(date +%Y-%-m-%-d-)" <(entry /var/log/shared/late.log)
once "and what it had of other logs" [ "$(entry /elsewhere)" = 2026-1-2-3:4:5 ]
echo more >/var/log/shared/late.log
once "so logrotate does not rotate it again" logrotate /etc/logrotate.d/late
once "today" holds /var/log/shared/late.log more
rm /etc/logrotate.d/late
echo later >/var/log/shared/app.log
once "logrotate goes on with the archives" logrotate --force /etc/logrotate.d/shared
once "under the next number" holds /var/log/shared/app.log.2 shared

# A wrong config of logrotate, and one that rotated does not take.
cp /etc/logrotate.d/shared /root/
printf '/var/log/shared/x.log {\n  rotate many\n}\n' >>/etc/logrotate.d/shared
once "with errors in the config of logrotate, nothing is done" ends_with 78 rotatectl takeover --yes
once "and logrotate goes on" given
cp /root/shared /etc/logrotate.d/
printf 'frist = 1\n' >/etc/rotated/conf.d/wrong.toml
once "with errors in that of rotated, all is given back" ends_with 78 rotatectl takeover --yes
rm /etc/rotated/conf.d/wrong.toml
once "and logrotate goes on" given

# A kill after each call of systemctl: the second call does the rest.
mkdir /run/killing
cat >/run/killing/systemctl <<'END'
#!/bin/sh
/usr/bin/systemctl "$@"
echo >>/run/killing/calls
if [ "$(wc -l </run/killing/calls)" = "$KILL_AT" ]; then kill -KILL $PPID; fi
END
chmod +x /run/killing/systemctl
# killed NUMBER OPTION...: a takeover that is killed at its call NUMBER of systemctl; fails where it has ended before.
killed() {
  rm -f /run/killing/calls
  # The timer starts more often here than systemd lets a unit start.
  systemctl reset-failed logrotate.timer
  ! KILL_AT=$1 PATH=/run/killing:$PATH rotatectl takeover --yes "${@:2}"
}
for at in 1 2 3 4 5 6 7 8 9; do
  killed $at >/dev/null 2>&1 || break
  once "a takeover that is killed at its call $at of systemctl is done by a second one" rotatectl takeover --yes
  once "as a whole" taken
  rotatectl takeover --undo --yes >/dev/null 2>&1
done
once "there were kills" [ $at -ge 5 ]
for at in 1 2 3 4 5 6 7 8 9; do
  rotatectl takeover --yes >/dev/null 2>&1
  killed $at --undo >/dev/null 2>&1 || break
  once "an undo that is killed at its call $at of systemctl is done by a second one" rotatectl takeover --undo --yes
  once "as a whole" given
done
once "there were kills" [ $at -ge 5 ]
rotatectl takeover --undo --yes >/dev/null 2>&1
once "logrotate has everything back" given
rm -r /run/killing /etc/logrotate.d/shared
systemctl disable --quiet --now logrotate.timer
