{{/* Runs before everything else in an install or upgrade, so it needs its own copy of the configuration. */}}
{{- define "siem.setup" -}}
{{- $name := printf "%s-setup" (include "siem.name" .) }}
{{- if .Values.config -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $name }}
  labels: {{- include "siem.labels" . | nindent 4 }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-weight: '-1'
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
data:
  config.yaml: |
    {{- toYaml .Values.config | nindent 4 }}
---
{{ end -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ $name }}
  labels: {{- include "siem.labels" . | nindent 4 }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    # A failed one stays, with its log.
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 2
  activeDeadlineSeconds: 600
  template:
    metadata: {{- include "siem.podMetadata" . | nindent 6 }}
    spec:
      restartPolicy: Never
      {{- $args := list "setup" "--config" "/etc/stepsecurity-siem/config.yaml" }}
      {{- $configMap := default $name .Values.existingConfigMap }}
      {{- $pod := dict "root" . "args" $args "secret" .Values.setup.existingSecret "configMap" $configMap "hook" true }}
      {{- include "siem.pod" $pod | nindent 6 }}
{{- end }}

{{/* `helm test`: checks what a run needs, from where it would run. */}}
{{- define "siem.test" -}}
apiVersion: v1
kind: Pod
metadata:
  name: {{ include "siem.name" . }}-check
  labels: {{- include "siem.podLabels" . | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  restartPolicy: Never
  {{- $args := list "check" "--config" "/etc/stepsecurity-siem/config.yaml" }}
  {{- $pod := dict "root" . "args" $args "secret" .Values.existingSecret }}
  {{- if .Values.receive.enabled }}
  {{- /* It looks at what a receiver reads, too. */}}
  {{- $_ := set $pod "more" (pick (include "siem.receivePod" . | fromYaml) "mounts" "volumes") }}
  {{- end }}
  {{- include "siem.pod" $pod | nindent 2 }}
{{- end }}
