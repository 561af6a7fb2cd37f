#!/usr/bin/env bash
# The chart: linted strictly and rendered with each file of ci/, then validated strictly. Values that must be refused are.
source "$(dirname "$0")/lib.sh"
kubernetes_tools
chart=$ROOT/deploy/helm/stepsecurity-siem
rendered=$(mktemp -d)
trap 'rm -rf "$rendered"' EXIT
for values in "$chart"/ci/*.yaml; do
  name=$(basename "$values" .yaml)
  quietly "helm lint --strict: $name" "$HELM" lint --strict --quiet --values "$values" "$chart"
  "$HELM" template siem "$chart" --namespace siem --kube-version 1.29.0 --values "$values" >"$rendered/helm-$name.yaml" ||
    fail "helm template: $name"
done
manifests "$rendered"/*.yaml

! "$HELM" template siem "$chart" >/dev/null 2>&1 || fail 'helm: takes no configuration for one'
for wrong in mode=sometimes image.digest=latest config.state.type=file schedule.cron=hourly imagee.tag=1 backfill.shards=0; do
  ! "$HELM" template siem "$chart" --values "$chart/ci/elasticsearch-values.yaml" --set "$wrong" >/dev/null 2>&1 || fail "helm: takes --set $wrong"
done
ok 'values.schema.json: refuses six wrong values and an empty configuration'
