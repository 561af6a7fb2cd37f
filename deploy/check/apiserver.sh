#!/usr/bin/env bash
# Checks what no schema can: a real API server (no nodes, no controllers) accepts the kustomize overlays and what the chart
# renders, in namespaces that enforce the restricted Pod Security Standard, with the CRDs of KEDA and Prometheus Operator.
# First as a dry run, then for real; a warning is a finding. Wrong manifests must be refused, otherwise this would prove
# nothing. The server is built once, which takes two cores ten minutes, and kept in $SERVICES_CACHE.
# `apiserver.sh --if-built` does nothing if it was not built yet; `--build` only builds it.
source "$(dirname "$0")/lib.sh"

KUBERNETES=1.37.2
CACHE=${SERVICES_CACHE:-${TMPDIR:-/tmp}/siem-services}
mkdir -p "$CACHE"
# `go install` refuses the replace directives of Kubernetes' own go.mod; with our own go.mod, its staging modules come from
# the registry. Two of them are samples that are not needed and not in the registry.
build_apiserver() {
  local source arguments=() module
  source=$(go_module "k8s.io/kubernetes@v$KUBERNETES")
  while read -r module; do
    case $module in
      k8s.io/sample-*) ;;
      *) arguments+=("-require=$module@v0.${KUBERNETES#*.}") ;;
    esac
  done < <(sed -n 's#^\t\(k8s.io/[^ ]*\) => ./staging/.*#\1#p' "$source/go.mod")
  (
    cd "$1"
    printf 'module apiserver\n\ngo 1.26\n' >go.mod
    go mod edit "-require=k8s.io/kubernetes@v$KUBERNETES" "${arguments[@]}"
    nice go build -mod=mod -ldflags="-s -w -X k8s.io/component-base/version.gitVersion=v$KUBERNETES -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=37" -o kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
  )
}
etcd_package() {
  (
    cd "$1"
    apt-get download -qq etcd-server || { apt-get update -qq && apt-get download -qq etcd-server; }
    dpkg-deb -x etcd-server_*.deb .
    rm ./*.deb
  )
}
name=kube-apiserver-$KUBERNETES
if [[ ${1:-} == --if-built && ! -e $CACHE/$name/.complete ]]; then
  ok "apiserver: left out, since it is not built (deploy/check/apiserver.sh builds it)"
  exit
fi
once "$name" build_apiserver
once etcd etcd_package
[[ ${1:-} != --build ]] || exit 0
apiserver=$CACHE/$name/kube-apiserver etcd=$CACHE/etcd/usr/bin/etcd
CACHE=${TOOLS_CACHE:-${TMPDIR:-/tmp}/siem-tools}
kubernetes_tools
custom_kinds

work=$(mktemp -d)
pids=()
finish() {
  # Neither has anything to save, and one would wait for the other.
  kill -KILL "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
read -r client peer port < <(python3 -c '
import socket
held = [socket.socket() for _ in range(3)]
for one in held: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in held))')
"$etcd" --data-dir "$work/etcd" --listen-client-urls "http://127.0.0.1:$client" --advertise-client-urls "http://127.0.0.1:$client" \
  --listen-peer-urls "http://127.0.0.1:$peer" --unsafe-no-fsync >"$work/etcd.log" 2>&1 &
pids+=($!)
openssl genrsa -out "$work/accounts.key" 2048 2>/dev/null
token=$(openssl rand -hex 16)
printf '%s,admin,admin,system:masters\n' "$token" >"$work/tokens"
"$apiserver" --etcd-servers "http://127.0.0.1:$client" --bind-address 127.0.0.1 --secure-port "$port" --cert-dir "$work/certificates" \
  --token-auth-file "$work/tokens" --authorization-mode RBAC --service-cluster-ip-range 10.0.0.0/24 --allow-privileged=false \
  --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$work/accounts.key" \
  --service-account-signing-key-file "$work/accounts.key" >"$work/apiserver.log" 2>&1 &
pids+=($!)
cat >"$work/kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{ name: check, cluster: { server: 'https://127.0.0.1:$port', insecure-skip-tls-verify: true } }]
users: [{ name: admin, user: { token: $token } }]
contexts: [{ name: check, context: { cluster: check, user: admin } }]
current-context: check
END
export KUBECONFIG=$work/kubeconfig HELM_CACHE_HOME=$work/helm HELM_CONFIG_HOME=$work/helm HELM_DATA_HOME=$work/helm
kubectl() { "$KUBECTL" --cache-dir "$work/discovery" "$@"; }
ready() {
  for _ in $(seq 240); do
    kubectl get --raw /readyz >/dev/null 2>&1 && return
    kill -0 "${pids[@]}" 2>/dev/null || break
    sleep 0.5
  done
  tail -n 20 "$work/etcd.log" "$work/apiserver.log" >&2
  fail 'apiserver: did not start'
}
ready
ok "apiserver: $(kubectl version -o json | sed -n '/serverVersion/,$s/.*"gitVersion": "\(.*\)".*/\1/p') on etcd"

apply() { kubectl apply --server-side --validate=strict "$@"; }
quietly 'apiserver: CRDs of KEDA and Prometheus Operator' apply -f "$KEDA/config/crd/bases/keda.sh_scaledobjects.yaml" \
  -f "$KEDA/config/crd/bases/keda.sh_triggerauthentications.yaml" \
  -f "$PROMETHEUS_OPERATOR/example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml" \
  -f "$PROMETHEUS_OPERATOR/example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"
kubectl wait --for=condition=Established crd --all --timeout=60s >/dev/null

# taken WHAT FILE [OPTION…]: as a dry run, for real, and once more without a change.
taken() {
  local what=$1 file=$2 said
  shift 2
  said=$(apply --dry-run=server -f "$file" "$@" 2>&1) || fail "apiserver: $what, dry run"$'\n'"$said"
  said+=$'\n'$(apply -f "$file" "$@" 2>&1) || fail "apiserver: $what"$'\n'"$said"
  [[ $said != *Warning* ]] || fail "apiserver: $what"$'\n'"$said"
  said=$(kubectl diff --server-side -f "$file" "$@" 2>&1) || fail "apiserver: $what changes when applied again"$'\n'"$said"
  ok "apiserver: $what ($(grep -c '^kind:' "$file") objects)"
}
# A namespace that accepts only restricted pods; there is no controller to create its service accounts.
namespace() {
  kubectl create namespace "$1" >/dev/null
  kubectl label namespace "$1" pod-security.kubernetes.io/{enforce,warn}=restricted >/dev/null
  for account in default "${@:2}"; do kubectl -n "$1" create serviceaccount "$account" >/dev/null; done
}

for overlay in base s3-elasticsearch s3-splunk sqs receive backfill; do
  folder=$ROOT/deploy/kubernetes/overlays/$overlay
  [[ $overlay != base ]] || folder=$ROOT/deploy/kubernetes/base
  "$KUBECTL" kustomize "$folder" >"$work/$overlay.yaml"
  # A dry run creates no namespace for the rest of the file.
  kubectl get namespace stepsecurity-siem >/dev/null 2>&1 || namespace stepsecurity-siem
  taken "kustomize $overlay" "$work/$overlay.yaml"
done
kubectl delete -f "$work/backfill.yaml" --wait=false >/dev/null
kubectl -n stepsecurity-siem get cronjob/stepsecurity-siem serviceaccount/stepsecurity-siem networkpolicy/stepsecurity-siem >/dev/null ||
  fail 'apiserver: deleting the backfill took more along'
ok 'apiserver: deleting the backfill leaves the feed'

chart=$ROOT/deploy/helm/stepsecurity-siem
for values in "$chart"/ci/*.yaml; do
  name=$(basename "$values" -values.yaml)
  namespace "$name" detections
  # The API server requires the class that a pod names.
  [[ $name != splunk ]] || kubectl create priorityclass batch --value=1 >/dev/null
  for verb in install upgrade; do
    said=$("$HELM" "$verb" siem "$chart" --namespace "$name" --values "$values" --no-hooks 2>&1) || fail "apiserver: helm $verb $name"$'\n'"$said"
    [[ $said != *'would violate'* ]] || fail "apiserver: helm $verb $name"$'\n'"$said"
    ok "apiserver: helm $verb $name"
  done
  "$HELM" get manifest siem --namespace "$name" >"$work/$name.yaml"
  quietly "apiserver: helm upgrade $name changes nothing" kubectl diff --server-side --force-conflicts -f "$work/$name.yaml" --namespace "$name"
  "$HELM" get hooks siem --namespace "$name" >"$work/$name-hooks.yaml"
  # A receiver with a folder has none: its volume is where it is checked.
  grep -q '^kind:' "$work/$name-hooks.yaml" || continue
  taken "hooks of $name" "$work/$name-hooks.yaml" --namespace "$name"
done

# refused WHAT FILE NAMESPACE BECAUSE
refused() {
  local said
  ! said=$(apply -f "$2" --namespace "$3" 2>&1) || fail "apiserver: takes $1"
  [[ $said == *"$4"* ]] || fail "apiserver: refuses $1 without saying: $4"$'\n'"$said"
}
sed 's/allowPrivilegeEscalation: false/allowPrivilegeEscalation: true/; s/^  name: .*-check$/&-escalating/' \
  "$work/elasticsearch-hooks.yaml" >"$work/escalating.yaml"
refused 'a pod that may escalate' "$work/escalating.yaml" elasticsearch 'violates PodSecurity "restricted'
sed 's/concurrencyPolicy: Forbid/concurrencyPolicy: Sometimes/' "$work/s3-splunk.yaml" >"$work/sometimes.yaml"
refused 'a wrong policy' "$work/sometimes.yaml" stepsecurity-siem 'Sometimes'
sed 's/restartPolicy: Never/restartPolicy: OnFailure/' "$work/s3-splunk.yaml" >"$work/restart.yaml"
refused 'podFailurePolicy beside OnFailure' "$work/restart.yaml" stepsecurity-siem 'restartPolicy'
sed 's/maxReplicaCount: 8/maxReplicaCount: many/' "$work/sqs.yaml" >"$work/many.yaml"
refused 'a wrong ScaledObject' "$work/many.yaml" stepsecurity-siem 'maxReplicaCount'
# Pods that a controller could not create later cause a warning now.
namespace warned
said=$("$HELM" install siem "$chart" --namespace warned --values "$chart/ci/elasticsearch-values.yaml" --no-hooks \
  --set securityContext.allowPrivilegeEscalation=true 2>&1)
[[ $said == *'would violate'* ]] || fail "apiserver: helm does not warn about pods that will be refused"$'\n'"$said"
ok 'apiserver: refuses four wrong manifests, and warns of a fifth'
