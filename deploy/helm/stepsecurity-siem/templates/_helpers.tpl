{{- define "siem.name" -}}
{{- $base := default .Chart.Name .Values.nameOverride -}}
{{- if contains $base .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name $base | trunc 40 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "siem.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "siem.labels" -}}
{{ include "siem.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* The queue's URL stands once, in queue.url. */}}
{{- define "siem.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if eq .Values.mode "queue" }}{{- $_ := set $config.source "queue_url" .Values.queue.url }}{{- end -}}
{{ toYaml $config }}
{{- end }}

{{/* The pod, the same in every mode; call with a dict of `root` and `args`. */}}
{{- define "siem.pod" -}}
{{- $values := .root.Values -}}
serviceAccountName: {{ include "siem.name" .root }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 40
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with $values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
containers:
  - name: stepsecurity-siem
    image: {{ $values.image.repository }}{{ if $values.image.digest }}@{{ $values.image.digest }}{{ else }}:{{ $values.image.tag | default .root.Chart.AppVersion }}{{ end }}
    imagePullPolicy: {{ $values.image.pullPolicy }}
    args: {{- toYaml .args | nindent 6 }}
    {{- with $values.env }}
    env: {{- toYaml . | nindent 6 }}
    {{- end }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: { drop: [ALL] }
    resources: {{- toYaml $values.resources | nindent 6 }}
    volumeMounts:
      - { name: config, mountPath: /etc/stepsecurity-siem, readOnly: true }
      - { name: credentials, mountPath: /run/secrets/stepsecurity-siem, readOnly: true }
volumes:
  - name: config
    configMap: { name: {{ include "siem.name" .root }} }
  - name: credentials
    secret: { secretName: {{ $values.credentialsSecret }}, defaultMode: 0440 }
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
