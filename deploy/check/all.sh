#!/usr/bin/env bash
# Runs every checker of the deployment artifacts, even after one fails. The image check is slow (a minute or two the first
# time). To run some checkers only, name them: `all.sh helm systemd`.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
checks=("$@")
[[ ${#checks[@]} -gt 0 ]] || checks=(shellcheck yamllint hadolint cloudformation systemd kubernetes helm prometheus workflows image)
failed=()
for check in "${checks[@]}"; do
  "./$check.sh" || failed+=("$check")
done
[[ ${#failed[@]} -eq 0 ]] || {
  printf 'FAILED: %s\n' "${failed[*]}" >&2
  exit 1
}
