#!/usr/bin/env bash
# Checks the chart: lints it strictly, renders it with each file in ci/, compares manifests and notes with the golden ones
# (test/deploy/golden, test/deploy/notes; UPDATE_GOLDEN=1 writes them), and validates the manifests strictly. Wrong values
# must be refused. The README must be what helm-docs generates from the values.
source "$(dirname "$0")/lib.sh"
kubernetes_tools
chart=$ROOT/deploy/helm/stepsecurity-siem
golden=$ROOT/test/deploy/golden notes=$ROOT/test/deploy/notes
rendered=$(mktemp -d)
trap 'rm -rf "$rendered"' EXIT
template() { "$HELM" template siem "$chart" --namespace siem --kube-version 1.29.0 "$@"; }

for values in "$chart"/ci/*.yaml; do
  name=$(basename "$values" -values.yaml)
  quietly "helm lint --strict: $name" "$HELM" lint --strict --quiet --values "$values" "$chart"
  template --values "$values" >"$rendered/helm-$name.yaml" || fail "helm template: $name"
  if [[ ${UPDATE_GOLDEN:-} == 1 ]]; then cp "$rendered/helm-$name.yaml" "$golden/$name.yaml"; fi
  quietly "helm template: $name as before" diff -u "$golden/$name.yaml" "$rendered/helm-$name.yaml"
  "$HELM" install siem "$chart" --namespace siem --dry-run=client --values "$values" 2>"$rendered/install.log" | sed '1,/^NOTES:$/d' >"$rendered/$name.txt" ||
    fail "helm install --dry-run: $name"$'\n'"$(cat "$rendered/install.log")"
  if [[ ${UPDATE_GOLDEN:-} == 1 ]]; then cp "$rendered/$name.txt" "$notes/$name.txt"; fi
  quietly "NOTES: $name as before" diff -u "$notes/$name.txt" "$rendered/$name.txt"
done
manifests "$rendered"/*.yaml

# refused MESSAGE VALUES [OPTION…]: VALUES is the name of a file in ci/, or any file.
wrong=0
refused() {
  local message=$1 values=$2 said
  shift 2
  [[ -f $values ]] || values=$chart/ci/$values-values.yaml
  ! said=$(template --values "$values" "$@" 2>&1) || fail "helm: accepts $* with $values"
  grep -qF -- "$message" <<<"$said" || fail "helm: refuses $* with $values without saying: $message"$'\n'"$said"
  wrong=$((wrong + 1))
}
! template >/dev/null 2>&1 || fail 'helm: accepts an empty configuration'
refused "additional properties 'bukcet' not allowed" elasticsearch --set config.source.bukcet=exports
refused "'imagee' not allowed" elasticsearch --set imagee.tag=1
refused "got string, want integer" elasticsearch --set config.pipeline.concurrency=many
refused "invalid propertyName 'app.kubernetes.io/name'" elasticsearch --set 'podLabels.app\.kubernetes\.io/name=other'
refused '/mode' elasticsearch --set mode=sometimes
refused '/image/digest' elasticsearch --set image.digest=latest
refused '/schedule/cron' elasticsearch --set schedule.cron=hourly
refused '/backfill/shards' elasticsearch --set backfill.shards=0
refused 'config is empty' elasticsearch --set config=null
refused 'image.repository is missing' elasticsearch --set image.repository=
refused 'existingSecret' elasticsearch --set existingSecret=
refused 'config and existingConfigMap' elasticsearch --set existingConfigMap=other
sed 's|^  state: .*|  state: { type: file, path: /state }|' "$chart/ci/elasticsearch-values.yaml" >"$rendered/file-values.yaml"
refused 'a pod has no persistent disk' "$rendered/file-values.yaml"
refused 'on port 9200' elasticsearch --set 'config.sink.urls={https://elasticsearch.example:9200}'
refused 'needs config.source.queue_url' elasticsearch --set mode=queue
refused 'KEDA needs the URL itself' keda --set "config.source.queue_url=\${QUEUE}"
refused 'config.metrics.listen' queue --set config.metrics.listen=127.0.0.1:9464
refused 'networkPolicy.metricsFrom' queue --set networkPolicy.metricsFrom=null
refused 'longer than config.pipeline.grace (90s)' queue --set terminationGracePeriodSeconds=90
refused 'setup.existingSecret is missing' setup --set setup.existingSecret=
refused 'two are named splunk' pipelines --set 'pipelines[0].name=splunk'
refused 'config: must be empty with pipelines' pipelines --values "$chart/ci/elasticsearch-values.yaml"
refused '/receive/service/type' receive --set receive.service.type=ExternalName
refused 'receive.replicas: the folder' receive-folder --set receive.replicas=2
refused 'is not on the volume' receive-folder --set config.source.path=/spool
refused 'is not on the volume' receive-folder --set config.state.path=/state
refused 'needs config.receive' elasticsearch --set receive.enabled=true
refused 'a backfill ends' receive --set mode=backfill
refused 'set it to 0.0.0.0:8080' receive --set config.receive.listen=127.0.0.1:8080
refused 'set it to 0.0.0.0:8081' receive --set config.receive.status_listen=localhost:8081
refused 'receive.existingSecret is missing' receive --set receive.existingSecret=
refused 'is not in /run/secrets/webhook' receive --set 'config.receive.secret_files={/etc/secret}'
refused 'config.receive.tls.cert_file' receive-folder --set receive.tlsSecret=
refused 'so plain HTTP would be served' receive --set receive.tlsSecret=certificate
refused 'receive.ingress.host is missing' receive --set receive.ingress.host=
refused 'networkPolicy.sendersFrom' receive --set networkPolicy.sendersFrom=null
ok "values: $wrong wrong ones are refused"
# shellcheck disable=SC2016 # fences
sed -n '/^```yaml$/,/^```$/{/^```/!p}' "$chart/README.md" >"$rendered/documented.yaml"
quietly 'values: from README.md' template --values "$rendered/documented.yaml"
quietly 'values: as added or removed by a parent chart' template --values "$chart/ci/elasticsearch-values.yaml" --set enabled=true,global.region=eu,podLabels=null,commonLabels=null

helm_docs() { GOBIN=$1 go install github.com/norwoodj/helm-docs/cmd/helm-docs@v1.14.2; }
once helm-docs-1.14.2 helm_docs
documented=$("$CACHE/helm-docs-1.14.2/helm-docs" --chart-search-root "$chart" --dry-run --log-level error) || fail 'helm-docs'
if [[ ${UPDATE_GOLDEN:-} == 1 ]]; then printf '%s\n' "$documented" >"$chart/README.md"; fi
quietly 'helm-docs: README.md matches the values' diff -u "$chart/README.md" <(printf '%s\n' "$documented")
