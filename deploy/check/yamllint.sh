#!/usr/bin/env bash
# Checks every YAML file under deploy/, and compose.yaml, with .yamllint.yaml.
source "$(dirname "$0")/lib.sh"
python_tool yamllint==1.38.0 yamllint
cd "$ROOT"
quietly 'yamllint: deploy, compose.yaml' "$TOOL" --strict --config-file .yamllint.yaml deploy compose.yaml
