#!/usr/bin/env bash
# Every checker of the deployment artefacts, all of them even when one fails. The image's is the slow one (a minute or
# two the first time); name scripts to run only those: `all.sh helm systemd`.
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
