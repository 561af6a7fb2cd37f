#!/usr/bin/env bash
# The kustomize base and every overlay: rendered by kubectl, validated strictly.
source "$(dirname "$0")/lib.sh"
kubernetes_tools
rendered=$(mktemp -d)
trap 'rm -rf "$rendered"' EXIT
for folder in "$ROOT"/deploy/kubernetes/base "$ROOT"/deploy/kubernetes/overlays/*; do
  "$KUBECTL" kustomize "$folder" >"$rendered/kustomize-$(basename "$folder").yaml" || fail "kubectl kustomize $folder"
done
manifests "$rendered"/*.yaml
