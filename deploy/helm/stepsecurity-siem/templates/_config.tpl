{{- define "siem.configMapName" -}}
{{ default (include "siem.name" .) .Values.existingConfigMap }}
{{- end }}

{{- define "siem.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "siem.name" . }}
  labels: {{- include "siem.labels" . | nindent 4 }}
data:
  config.yaml: |
    {{- toYaml .Values.config | nindent 4 }}
{{- end }}

{{/* Seconds the program may take to finish after SIGTERM: pipeline.grace, rounded up. */}}
{{- define "siem.grace" -}}
{{- $units := dict "ms" 0.001 "s" 1 "m" 60 "h" 3600 "d" 86400 "w" 604800 -}}
{{- $seconds := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ms|[smhdw])" (dig "pipeline" "grace" "25s" .Values.config) -1 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- $seconds = addf $seconds (mulf (trimSuffix $unit .) (get $units $unit)) -}}
{{- end -}}
{{- ceil $seconds | int }}
{{- end }}

{{/* The port in config.metrics.listen; empty without it, or if only the pod itself can reach it. */}}
{{- define "siem.metricsPort" -}}
{{- $listen := dig "metrics" "listen" "" .Values.config -}}
{{- if not (regexMatch "^(127\\.|localhost|\\[::1\\])" $listen) }}{{ regexFind "[0-9]+$" $listen }}{{ end }}
{{- end }}

{{/* Ports where pipelines in mode queue, and receivers that deliver, answer Prometheus, separated by spaces. */}}
{{- define "siem.metricsPorts" -}}
{{- $ports := list -}}
{{- range $entry := default (list dict) .Values.pipelines -}}
{{- $values := mergeOverwrite (deepCopy $.Values) (deepCopy $entry) -}}
{{- if or (eq $values.mode "queue") (include "siem.hasFolderSpool" (dict "Values" $values)) -}}
{{- with include "siem.metricsPort" (dict "Values" $values) -}}{{- $ports = append $ports . -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- uniq $ports | join " " -}}
{{- end }}

{{/* Checks what the schema cannot: values that contradict each other. Renders nothing. */}}
{{- define "siem.validate" -}}
{{- $v := .Values -}}
{{- $where := ternary (printf "pipeline %s: " $v.name) "" (hasKey $v "name") -}}
{{- $text := toYaml $v.config -}}
{{- if and (not $v.config) (not $v.existingConfigMap) -}}
{{- fail (printf "%sconfig is empty: set it to the program's configuration (docs/configuration.md), or set existingConfigMap" $where) -}}
{{- end -}}
{{- if and $v.config $v.existingConfigMap -}}
{{- fail (printf "%sconfig and existingConfigMap: set only one of them" $where) -}}
{{- end -}}
{{- if and (contains "/run/secrets/stepsecurity-siem/" $text) (not $v.existingSecret) (not $v.extraVolumeMounts) -}}
{{- fail (printf "%sconfig reads files in /run/secrets/stepsecurity-siem: set existingSecret to the Secret they come from" $where) -}}
{{- end -}}
{{- if and (eq (dig "state" "type" "s3" $v.config) "file") (not $v.extraVolumeMounts) (not (include "siem.hasFolderSpool" .)) -}}
{{- fail (printf "%sconfig.state.type is file, but a pod has no persistent disk: use s3, or mount a volume with extraVolumes and extraVolumeMounts" $where) -}}
{{- end -}}
{{- if and $v.config (not $v.config.state) -}}
{{- fail (printf "%sconfig.state is missing: without it every run would start over" $where) -}}
{{- end -}}
{{- $queueUrl := dig "source" "queue_url" "" $v.config -}}
{{- if and (eq $v.mode "queue") $v.config (not $queueUrl) -}}
{{- fail (printf "%smode queue needs config.source.queue_url" $where) -}}
{{- end -}}
{{- if and (eq $v.mode "queue") $v.queue.keda.enabled -}}
{{- if or (not (default $queueUrl $v.queue.keda.queueUrl)) (contains "${" (default $queueUrl $v.queue.keda.queueUrl)) -}}
{{- fail (printf "%squeue.keda.queueUrl: KEDA needs the URL itself, which config.source.queue_url does not contain" $where) -}}
{{- end -}}
{{- if not (default (dig "source" "region" "" $v.config) $v.queue.keda.region) -}}
{{- fail (printf "%squeue.keda.region is missing, and so is config.source.region" $where) -}}
{{- end -}}
{{- end -}}
{{- if and $v.setup.enabled (not $v.setup.existingSecret) -}}
{{- fail (printf "%ssetup.existingSecret is missing: setup needs its own key, with more privileges than the key for runs" $where) -}}
{{- end -}}
{{- if and $v.setup.enabled (eq (dig "sink" "type" "elasticsearch" $v.config) "splunk_hec") -}}
{{- fail (printf "%ssetup.enabled: Splunk is set up by hand; `stepsecurity-siem setup --print` says how" $where) -}}
{{- end -}}
{{- if $v.receive.enabled }}{{ include "siem.validateReceive" . }}{{ end -}}
{{- if $v.terminationGracePeriodSeconds -}}
{{- if le (int $v.terminationGracePeriodSeconds) (int (include "siem.grace" .)) -}}
{{- fail (printf "%sterminationGracePeriodSeconds must be longer than config.pipeline.grace (%ss)" $where (include "siem.grace" .)) -}}
{{- end -}}
{{- end -}}
{{- if and $v.networkPolicy.enabled (not $v.networkPolicy.egress) -}}
{{- range regexFindAll "https?://[^/'\"\\s]+:[0-9]+" $text -1 -}}
{{- if not (hasSuffix ":443" .) -}}
{{- fail (printf "%snetworkPolicy allows no egress on port %s: add the address to networkPolicy.egress" $where (regexFind "[0-9]+$" .)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
