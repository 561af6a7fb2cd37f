{{/* Names leave room for suffixes: a CronJob's name has 52 characters at most. */}}
{{- define "siem.release" -}}
{{- $base := default .Chart.Name .Values.nameOverride -}}
{{- $name := ternary .Release.Name (printf "%s-%s" .Release.Name $base) (contains $base .Release.Name) -}}
{{- default $name .Values.fullnameOverride | trunc 35 | trimSuffix "-" }}
{{- end }}

{{/* The name of one pipeline: the release's own if there is only one. */}}
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

{{/* A key may be in both, but only once in YAML. */}}
{{- define "siem.podLabels" -}}
{{ include "siem.ownLabels" . }}
{{- with merge (dict) (default dict .Values.podLabels) (default dict .Values.commonLabels) }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Selects only a Deployment's pods, not those of Jobs in the same release. */}}
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
