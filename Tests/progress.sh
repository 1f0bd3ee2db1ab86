#!/bin/bash
# Shows what swift-testing prints as progress: every few seconds how many tests have ended, after ten seconds of silence what
# is running, and every failure as it is. The first argument is the number of tests.
total=$1
count=0
shown=$SECONDS
running="the first tests"
starting=
say() { echo "[$count of $total] $1"; shown=$SECONDS; }
while :; do
  if IFS= read -r -t 10 line; then
    # A line that says what starts may have arguments of several lines, up to the next line of swift-testing's own.
    case $line in '◇ '* | '✔ '* | '✘ '* | '━ '* | '➜ '*) starting= ;; esac
    case $starting$line in
      '◇ '*' started.') running=${line#◇ }; running=${running% started.}; starting=; continue ;;
      '◇ '*) starting='◇ '; continue ;;
    esac
    case $line in
      '✔ Test case '* | '✔ Suite '*) ;;
      '✔ Test run '* | '✘ Test run '* | '━ Test run '*) say "$line" ;;
      '✔ Test '*)
        count=$((count + 1))
        if [ $((SECONDS - shown)) -ge 5 ]; then say "${line#✔ }"; fi
        ;;
      '✘ Test '*' failed after '*) count=$((count + 1)); echo "$line" ;;
      *) echo "$line" ;;
    esac
  elif [ $? -gt 128 ]; then
    say "running: $running"
  else
    break
  fi
done
