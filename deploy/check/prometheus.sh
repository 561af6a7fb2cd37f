#!/usr/bin/env bash
# The alerting rules: checked, and run against series that must and must not raise each of them.
source "$(dirname "$0")/lib.sh"
prometheus_tools
cd "$ROOT/deploy/prometheus"
quietly 'promtool check rules' "$PROMTOOL" check rules rules.yaml
quietly 'promtool test rules' "$PROMTOOL" test rules rules.test.yaml
