{{- define "siem.queue" -}}
{{- $queue := .Values.queue -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "siem.name" . }}
  labels: {{- include "siem.labels" . | nindent 4 }}
spec:
  {{- if not $queue.keda.enabled }}
  replicas: {{ int $queue.replicas }}
  {{- end }}
  selector:
    matchLabels: {{- include "siem.queueSelector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "siem.podLabels" . | nindent 8 }}
        stepsecurity-siem/mode: queue
      annotations:
        # Replaces the pods when the configuration changes.
        checksum/config: {{ toYaml .Values.config | sha256sum }}
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- $args := concat (list "run" "--config" "/etc/stepsecurity-siem/config.yaml" "--follow") .Values.extraArgs }}
      {{- $pod := dict "root" . "args" $args "secret" .Values.existingSecret "listens" (include "siem.metricsPort" .) }}
      {{- include "siem.pod" $pod | nindent 6 }}
{{- with $queue.podDisruptionBudget }}
{{- if .enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "siem.name" $ }}
  labels: {{- include "siem.labels" $ | nindent 4 }}
spec:
  maxUnavailable: {{ .maxUnavailable }}
  selector:
    matchLabels: {{- include "siem.queueSelector" $ | nindent 6 }}
{{- end }}
{{- end }}
{{- with $queue.keda }}
{{- if .enabled }}
---
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata:
  name: {{ include "siem.name" $ }}
  labels: {{- include "siem.labels" $ | nindent 4 }}
spec:
  podIdentity:
    # Uses the role of KEDA's operator: deploy/aws/iam/keda.json.
    provider: aws
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {{ include "siem.name" $ }}
  labels: {{- include "siem.labels" $ | nindent 4 }}
spec:
  scaleTargetRef:
    name: {{ include "siem.name" $ }}
  minReplicaCount: {{ int .minReplicas }}
  maxReplicaCount: {{ int .maxReplicas }}
  pollingInterval: {{ int .pollingInterval }}
  fallback:
    failureThreshold: {{ int .fallback.failureThreshold }}
    replicas: {{ int .fallback.replicas }}
  triggers:
    - type: aws-sqs-queue
      authenticationRef:
        name: {{ include "siem.name" $ }}
      metadata:
        queueURL: {{ default (dig "source" "queue_url" "" $.Values.config) .queueUrl }}
        awsRegion: {{ default (dig "source" "region" "" $.Values.config) .region }}
        queueLength: {{ int .queueLength | quote }}
        # Messages in flight count, otherwise a replica could be removed in the middle of a large object.
        scaleOnInFlight: 'true'
{{- end }}
{{- end }}
{{- end }}
