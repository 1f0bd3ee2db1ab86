# guides.sh: runs what the guides say, after the quick start: every command, and every config with its logs. To be sourced.
guides=/usr/share/doc/rotated/guides

# The commands of guides: lines of indented code, and code in a line of text, that begin with the name of a program.
commands_of() {
  awk '
    /^```/ { fenced = !fenced; next }
    fenced { next }
    /^    [a-z]/ { sub(/^ +/, ""); sub(/ +#.*/, ""); print; next }
    { line = $0
      while (match(line, /`[^`]+`/)) { print substr(line, RSTART + 1, RLENGTH - 2); line = substr(line, RSTART + RLENGTH) } }
  ' "$@" | grep -E '^(rotatectl|rotated|systemctl|journalctl|varlinkctl|adduser|apt-get|grep|lsattr|lsof|chattr|dpkg-divert|docker) ' | sort -u
}
skip() { echo "- systemd $version: not run: $*"; }

# What the commands name.
useradd --system --no-create-home monitoring
printf '/var/log/app/app.log {\n  daily\n  rotate 3\n}\n' >/etc/logrotate.d/NAME
cp /etc/rotated/conf.d/app.toml /root/FILE.toml
sed -i 's/job.app/job.copy/; s|/var/log/app/|/var/log/copy/|' /root/FILE.toml


run=0
while IFS= read -r command; do
  command=${command//LOG/\/var\/log\/app\/app.log}
  command=${command//FILE/\/root\/FILE.toml}
  program=${command%% *}
  if ! command -v "$program" >/dev/null; then
    skip "$command: there is no $program here"
    continue
  fi
  run=$((run + 1))
  case $command in
  "rotatectl --json" | "rotatectl check --offline" | "systemctl reload x") run=$((run - 1)) ;; # parts of commands
  "rotatectl events"*) once "guides: $command, until Ctrl-C" ends_with 124 timeout 1 $command ;;
  "grep "*) once "guides: $command" eval "$command" ;;
  "apt-get purge"* | "apt-get remove"*) skip "$command: below, with dpkg" ;;
  "systemctl --user"*) skip "$command: below, as a user" ;;
  "rotatectl takeover --dry-run") once "guides: $command" $command ;;
  "rotatectl takeover"*) skip "$command: below, in the takeover" ;;
  # These also say that something is wrong.
  "rotatectl doctor"* | "rotatectl forecast"*) once "guides: $command" eval "$command || [ \$? = 1 ]" ;;
  "rotatectl plan postgresql-own") skip "$command: below, with its recipe" ;;
  "dpkg-divert "*)
    once "guides: $command" $command
    dpkg-divert --rename --remove /etc/logrotate.d/NAME >/dev/null
    ;;
  chattr* | lsattr*) skip "$command: this disk has no such flags" ;;
  *) once "guides: $command" eval "$command" ;;
  esac
done < <(commands_of $guides/*.md)
once "there were commands in the guides" [ $run -ge 20 ]
rm -f /etc/logrotate.d/NAME /root/FILE.toml

# The configs of the recipes: each comes into force as it stands, its logs are rotated, and their writers notified.
for unit in nginx apache2 rsyslog app; do
  cat >/etc/systemd/system/$unit.service <<END_OF_UNIT
[Service]
ExecStart=/bin/sh -c 'trap "echo signal >>/run/$unit.told" HUP USR1; while :; do sleep 0.1; done'
ExecReload=/bin/sh -c 'echo reload >>/run/$unit.told'
END_OF_UNIT
done
systemctl daemon-reload
systemctl start nginx apache2 rsyslog app
for name in www-data postgres; do id "$name" >/dev/null 2>&1 || useradd --system --no-create-home "$name"; done
useradd --uid 2003 --create-home one
install -o postgres -m 644 /dev/null /run/pg_ctl.told
# One of them has a job of the same name.
mv /etc/rotated/conf.d/app.toml /root/
install -D -m 755 /dev/stdin /usr/lib/postgresql/17/bin/pg_ctl <<<$'#!/bin/sh\nid -un >/run/pg_ctl.told'
recipes=$(mktemp -d)
awk -v dir="$recipes" '/^```toml$/ { n++; file = sprintf("%s/%02d.toml", dir, n); next } /^```/ { file = "" } file { print > file }' \
  $guides/recipes.md
for recipe in "$recipes"/*; do
  jobs=$(sed -n 's/^\[job\.\(.*\)\]$/\1/p' "$recipe" | tr '\n' ' ')
  logs=$(sed -n 's/^logs = //p' "$recipe" | grep -o '"[^"]*"' | tr -d '"' | sed 's/\*/one/g')
  for log in $logs; do
    mkdir -p "${log%/*}"
    case $log in /home/one/*) chown -R one: /home/one ;; esac
    echo "line of $log" >"$log"
    case $log in /home/one/*) chown one: "$log" ;; esac
  done
  sed -n '/^retain = /s/.*= //p' "$recipe" | grep -o '"[^"*]*' | tr -d '"' | xargs -r mkdir -p
  cp "$recipe" /etc/rotated/conf.d/recipe.toml
  once "recipe of $jobs: it passes the check" rotatectl check
  once "it comes into force" systemctl reload rotated
  soon "and is known by its jobs" rotatectl list $jobs
  once "and planned" rotatectl plan $jobs
  once "its logs are rotated" rotatectl rotate --wait $jobs
  for log in $logs; do
    soon "$log has its archive" eval "zcat -f $log.1* $log-2* 2>/dev/null | grep -qx 'line of $log' || zstdcat $log.1.zst 2>/dev/null | grep -q ."
  done
  soon "nothing is wrong with it" rotatectl status -x $jobs
done
once "there were recipes" [ "$(ls "$recipes" | wc -l)" -ge 10 ]
for unit in nginx apache2 rsyslog; do once "$unit was notified" test -s /run/$unit.told; done
once "PostgreSQL's collector was notified, as its user" holds /run/pg_ctl.told postgres
mv /root/app.toml /etc/rotated/conf.d/
rm /etc/rotated/conf.d/recipe.toml
once "the recipes go" systemctl reload rotated
systemctl stop nginx apache2 rsyslog app
