#!/usr/bin/env bash
# Renders the kustomize base, every overlay and every component with kubectl, and validates them strictly.
source "$(dirname "$0")/lib.sh"
kubernetes_tools
kubernetes=$ROOT/deploy/kubernetes
rendered=$(mktemp -d)
trap 'rm -rf "$rendered"' EXIT
kustomize() { # FOLDER NAME
  "$KUBECTL" kustomize "$1" >"$rendered/kustomize-$2.yaml" || fail "kubectl kustomize $1"
}
for folder in "$kubernetes"/base "$kubernetes"/overlays/*; do kustomize "$folder" "$(basename "$folder")"; done

# Adds each component to an overlay from another folder, as a user would.
cp -r "$kubernetes" "$rendered/kubernetes"
for component in "$rendered"/kubernetes/components/*; do
  name=$(basename "$component")
  mkdir "$rendered/kubernetes/overlays/$name"
  printf 'resources: [../s3-elasticsearch]\ncomponents: [../../components/%s]\n' "$name" \
    >"$rendered/kubernetes/overlays/$name/kustomization.yaml"
  kustomize "$rendered/kubernetes/overlays/$name" "$name"
done
# And the overlay from the documentation.
mkdir -p "$rendered/stepsecurity-siem/deploy" "$rendered/mine"
mv "$rendered/kubernetes" "$rendered/stepsecurity-siem/deploy/kubernetes"
# shellcheck disable=SC2016 # fences
sed -n '/^# kustomization.yaml$/,/^```$/{/^```$/!p}' "$ROOT/docs/deployment.md" >"$rendered/mine/kustomization.yaml"
printf 'source: mine\n' >"$rendered/mine/config.yaml"
kustomize "$rendered/mine" documented
for text in 'source: mine' 'image: registry.example.com/security/stepsecurity-siem:0.1.0' 'cidr: 10.1.2.0/24' 'cidr: 169.254.170.23/32'; do
  grep -qF "$text" "$rendered/kustomize-documented.yaml" || fail "docs/deployment.md: its overlay does not make: $text"
done
! grep -q '192.0.2' "$rendered/kustomize-documented.yaml" || fail 'docs/deployment.md: its overlay keeps the example network'
rm -r "$rendered/stepsecurity-siem" "$rendered/mine"
manifests "$rendered"/*.yaml

# wrong MESSAGE EXPRESSION FILE: the file, changed by the sed expression, must be refused.
wrong() {
  local said
  sed "$2" "$rendered/kustomize-$3.yaml" >"$rendered/wrong.yaml"
  ! said=$(manifests "$rendered/wrong.yaml" 2>&1) || fail "takes a wrong manifest: $2"
  grep -qF -- "$1" <<<"$said" || fail "refuses $2 without saying: $1"$'\n'"$said"
}
wrong "'timeZones' not allowed" s/timeZone:/timeZones:/ base
wrong 'got string, want null or integer' 's/backoffLimit: 8/backoffLimit: many/' base
wrong "'maxReplicas' not allowed" s/maxReplicaCount:/maxReplicas:/ sqs
wrong 'trigger option queueUrl does not exist' s/queueURL:/queueUrl:/ sqs
wrong 'could not find schema for ScaledObjects' 's/kind: ScaledObject$/kind: ScaledObjects/' sqs
wrong 'nothing rendered' d base
ok 'kubeconform: six wrong manifests are refused'

owned=$(sed -n 's/^kind: //p' "$rendered/kustomize-backfill.yaml" | sort | tr '\n' ' ')
[[ $owned == 'ConfigMap Job ' ]] || fail "overlays/backfill: deleting it would take more than its Job along: $owned"
ok 'overlays/backfill: owns its Job and its configuration'
