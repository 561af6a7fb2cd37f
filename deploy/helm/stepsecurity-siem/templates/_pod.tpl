{{/* The pod, the same for every command. Call with a dict: `root` (the pipeline's scope), `args`, `secret`, and `hook` if the
objects of the release may not exist yet. `more` holds what only a receiver's pod needs: ports, container, mounts, volumes,
spread. `drain`: seconds before it is told to end. */}}
{{- define "siem.pod" -}}
{{- $root := .root -}}
{{- $v := $root.Values -}}
{{- $more := default dict .more -}}
automountServiceAccountToken: false
{{- if not .hook }}
serviceAccountName: {{ include "siem.serviceAccount" $root }}
{{- end }}
enableServiceLinks: false
terminationGracePeriodSeconds: {{ add (default 0 .drain) (default (add (include "siem.grace" $root) 15) $v.terminationGracePeriodSeconds) }}
{{- with $v.podSecurityContext }}
securityContext: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
containers:
  - name: stepsecurity-siem
    image: {{ include "siem.image" $v.image }}
    imagePullPolicy: {{ $v.image.pullPolicy }}
    args: {{- toYaml .args | nindent 6 }}
    {{- with $v.extraEnv }}
    env: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with $v.envFrom }}
    envFrom: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- if or .listens $more.ports }}
    ports:
      {{- with $more.ports }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- if .listens }}
      - { name: metrics, containerPort: {{ include "siem.metricsPort" $root }} }
      {{- end }}
    {{- end }}
    {{- with $more.container }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with $v.securityContext }}
    securityContext: {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with default $v.resources .resources }}
    resources: {{- toYaml . | nindent 6 }}
    {{- end }}
    volumeMounts:
      - { name: config, mountPath: /etc/stepsecurity-siem, readOnly: true }
      {{- if .secret }}
      - { name: credentials, mountPath: /run/secrets/stepsecurity-siem, readOnly: true }
      {{- end }}
      {{- with $more.mounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
      {{- with $v.extraVolumeMounts }}
      {{- toYaml . | nindent 6 }}
      {{- end }}
volumes:
  - name: config
    configMap: { name: {{ default (include "siem.configMapName" $root) .configMap }} }
  {{- with .secret }}
  - name: credentials
    secret: { secretName: {{ . }}, defaultMode: 0440 }
  {{- end }}
  {{- with $more.volumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with $v.extraVolumes }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $v.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $v.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with default $more.spread $v.topologySpreadConstraints }}
topologySpreadConstraints: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "siem.image" -}}
{{- $repository := required "image.repository is missing: build the image from deploy/docker, push it, and name it here" .repository -}}
{{- with .registry }}{{ . }}/{{ end }}{{ $repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end }}

{{- define "siem.podMetadata" -}}
labels: {{- include "siem.podLabels" . | nindent 2 }}
{{- with .Values.podAnnotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
