#!/usr/bin/env bash
# Checks the alerting rules, and runs them with series that must and must not fire each alert.
source "$(dirname "$0")/lib.sh"
prometheus_tools
cd "$ROOT/deploy/prometheus"
quietly 'promtool check rules' "$PROMTOOL" check rules rules.yaml
quietly 'promtool test rules' "$PROMTOOL" test rules rules.test.yaml
