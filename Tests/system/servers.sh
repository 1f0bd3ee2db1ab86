#!/bin/bash
# servers.sh: runs in a booted system with nginx, apache2 and rsyslog as Debian ships them, and rotates their logs under load, by
# Debian's own files in /etc/logrotate.d and by rotated alone. Each request and each message has a number: a log and its archives
# together must have each of them once. One line a check.
set -u
. "$(dirname "$0")/checks.sh"
here=/usr/lib/rotated-test
rotations=50
# The logs that are compared: who writes each. How many archives Debian's files keep.
declare -A writer=([nginx/access.log]=nginx [apache2/access.log]=apache2 [syslog]=rsyslog [user.log]=rsyslog)
declare -A keep=([nginx]=14 [apache2]=14 [rsyslog]=4)

# Both web servers want port 80. rsyslog has a socket for the messages, as journald drops those for which its reader is too slow.
systemctl stop nginx apache2
sed -i 's/\<80\>/8080/' /etc/apache2/ports.conf /etc/apache2/sites-available/000-default.conf
echo 'input(type="imuxsock" Socket="/run/load")' >/etc/rsyslog.d/load.conf
systemctl reset-failed
once "nginx, apache2 and rsyslog start" systemctl restart nginx apache2 rsyslog
own_files() {
  dpkg-query -W -f '${Conffiles}\n' nginx-common apache2 rsyslog | awk '$1 ~ "^/etc/logrotate.d/" { print $2 "  " $1 }' >/run/sums
  [ "$(wc -l </run/sums)" = 3 ] && md5sum --check --quiet /run/sums
}
once "rotated is installed" dpkg --install /root/download/*.deb
# At midnight the logs would be due without this test.
[ "$(date +%H%M)" -lt 2355 ] || sleep 5m
once "it takes over what logrotate does" rotatectl takeover --yes
once "logrotate's timer is masked" [ "$(systemctl show --value -p LoadState logrotate.timer)" = masked ]
once "no unit has failed" [ -z "$(systemctl list-units --failed --plain --no-legend)" ]

mkdir /run/sent /run/harvest
touch /run/sent/{nginx,apache2,rsyslog}
$here/load.py http 80 /run/sent/nginx & loads=($!)
$here/load.py http 8080 /run/sent/apache2 & loads+=($!)
$here/load.py syslog /run/load /run/sent/rsyslog & loads+=($!)

sent() { wc -l <"/run/sent/$1"; }
has_sent() { [ "$(sent "$1")" -ge "$2" ]; }
# traffic NUMBER: from now on, each server has so much, and its new log is in use: apache2 takes it up after its reload.
traffic() {
  local server log
  local -A goal
  for server in "${!keep[@]}"; do goal[$server]=$(($(sent "$server") + $1)); done
  for server in "${!keep[@]}"; do comes has_sent "$server" "${goal[$server]}" || return 1; done
  for log in "${!writer[@]}"; do comes [ -s "/var/log/$log" ] || return 1; done
}
# An archive that is being compressed has two names for a moment.
has_one_name() { [ "$(ls "$1" "$1.gz" 2>/dev/null | wc -l)" -le 1 ]; }
# harvest ROUND: copies the archives that the next rotation removes, as they are in the end.
harvest() {
  local log oldest name
  for log in "${!writer[@]}"; do
    oldest=/var/log/$log.${keep[${writer[$log]}]}
    comes has_one_name "$oldest" || return 1
    mkdir -p "/run/harvest/$log"
    for name in "$oldest" "$oldest.gz"; do
      [ ! -e "$name" ] || cp "$name" "/run/harvest/$log/$1-${name##*/}" || return 1
    done
  done
}
rotate() { traffic $((20 + $1 * 37 % 90)) && harvest "$1" && rotatectl rotate --force --wait; }
for ((round = 1; round <= rotations; round++)); do rotate $round >/run/rotate 2>&1 || break; done
once "all is rotated $rotations times under load" [ $round -gt $rotations ]
[ $round -gt $rotations ] || { echo "- round $round:"; tail -n 3 /run/rotate; }
once "and then there is traffic" traffic 50
kill "${loads[@]}"
wait "${loads[@]}"

has_rotated() { [ "$(rotatectl history --json "/var/log/$1" | grep -c '"kind":"rotated"')" = $rotations ]; }
has_each_once() {
  local files=("/run/harvest/$1"/* "/var/log/$1" "/var/log/$1".*)
  "$here/load.py" count "/run/sent/${writer[$1]}" "${files[@]}" >/run/count 2>&1 && [ ${#files[@]} = $((rotations + 1)) ]
}
is_compressed() { [ "$(find "/var/log/$1".* ! -name '*.gz')" = "/var/log/$1.1" ]; }
for log in "${!writer[@]}"; do
  once "$log: rotated $rotations times" has_rotated "$log"
  soon "$log: its archives are compressed, but for the newest" is_compressed "$log"
  soon "$log: it and its archives have each line once" has_each_once "$log"
  sed "s|^|- systemd $version: $log: |" /run/count
done
once "nothing is wrong" rotatectl status -x
once "no unit has failed" [ -z "$(systemctl list-units --failed --plain --no-legend)" ]
once "the servers' files in /etc/logrotate.d are Debian's" own_files
once "rotated has one thread" has_one_thread
sums
