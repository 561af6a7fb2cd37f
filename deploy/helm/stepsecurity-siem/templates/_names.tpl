{{/* Names leave room for what is appended: a CronJob's has 52 characters at most. */}}
{{- define "siem.release" -}}
{{- $base := default .Chart.Name .Values.nameOverride -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name $base) (contains $base .Release.Name) -}}
{{- default $name .Values.fullnameOverride | trunc 35 | trimSuffix "-" }}
{{- end }}

{{/* Of one pipeline: the release's own where there is only one. */}}
{{- define "siem.name" -}}
{{ include "siem.release" . }}{{ with .Values.name }}-{{ . }}{{ end }}
{{- end }}

{{- define "siem.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "siem.ownLabels" -}}
{{ include "siem.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.name }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "siem.labels" -}}
{{ include "siem.ownLabels" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A key may be in both, and in YAML only once. */}}
{{- define "siem.podLabels" -}}
{{ include "siem.ownLabels" . }}
{{- with merge (dict) (default dict .Values.podLabels) (default dict .Values.commonLabels) }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* A Deployment's pods alone: not the Jobs' of the same release. */}}
{{- define "siem.queueSelector" -}}
{{ include "siem.selector" . }}
{{- with .Values.name }}
app.kubernetes.io/component: {{ . }}
{{- end }}
stepsecurity-siem/mode: queue
{{- end }}

{{- define "siem.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ default (include "siem.release" .) .Values.serviceAccount.name }}
{{- else }}{{ default "default" .Values.serviceAccount.name }}{{ end }}
{{- end }}
