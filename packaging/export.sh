#!/bin/bash
# export.sh DIR: copies the files of the source tree, and nothing that was built, into the new directory DIR.
set -eu -o pipefail
cd "$(dirname "$0")/.."
mkdir -p "$1"
if git rev-parse --git-dir >/dev/null 2>&1; then
  # Those that git knows or would add, as they are now.
  git ls-files -z --cached --others --exclude-standard
else
  find . -path './.build*' -prune -o -type f -print0
fi | while IFS= read -r -d '' file; do if [ -e "$file" ]; then printf '%s\0' "$file"; fi; done |
  tar --create --null --files-from=- --file=- | tar --extract --directory="$1" --file=-
