#!/bin/bash
# demo-writer.sh DIR: appends a line to three logs in DIR, five times a second, until it is killed or its parent has exited.
# It opens the log anew for each line, so it needs no notification.
set -eu
dir=$1
count=0
trap 'exit 0' TERM
while kill -0 "$PPID" 2>/dev/null; do
  count=$((count + 1))
  for log in interval size daily; do
    printf '%(%F %T)T %s line %d\n' -1 "$log" "$count" >>"$dir/$log.log"
  done
  sleep 0.2
done
