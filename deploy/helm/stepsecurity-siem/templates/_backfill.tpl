{{- define "siem.backfillPod" -}}
{{- $shard := printf "$(JOB_COMPLETION_INDEX)/%d" (int .Values.backfill.shards) }}
{{- $args := concat (list "backfill" "--config" "/etc/stepsecurity-siem/config.yaml" "--shard") (list $shard) .Values.extraArgs }}
{{- include "siem.pod" (dict "root" . "args" $args "secret" .Values.existingSecret) -}}
{{- end }}

{{/* A Job cannot be changed: a change creates another one, and an upgrade without changes keeps it. */}}
{{- define "siem.backfillName" -}}
{{ include "siem.name" . }}-{{ printf "%s%s%d" (include "siem.backfillPod" .) (toYaml .Values.config) (int .Values.backfill.parallelism) | sha256sum | trunc 8 }}
{{- end }}

{{- define "siem.backfill" -}}
apiVersion: batch/v1
kind: Job
metadata:
  # No ttlSecondsAfterFinished: after the Job is deleted, an upgrade would start it again.
  name: {{ include "siem.backfillName" . }}
  labels: {{- include "siem.labels" . | nindent 4 }}
spec:
  completionMode: Indexed
  completions: {{ int .Values.backfill.shards }}
  parallelism: {{ int .Values.backfill.parallelism }}
  backoffLimitPerIndex: 8
  podFailurePolicy:
    rules:
      - action: Ignore
        onPodConditions:
          - { type: DisruptionTarget, status: 'True' }
      - action: FailJob
        onExitCodes: { containerName: stepsecurity-siem, operator: In, values: [1, 2] }
      - action: FailIndex
        onExitCodes: { containerName: stepsecurity-siem, operator: In, values: [3] }
      - action: Count
        onExitCodes: { containerName: stepsecurity-siem, operator: In, values: [4, 5, 134, 137] }
  template:
    metadata: {{- include "siem.podMetadata" . | nindent 6 }}
    spec:
      restartPolicy: Never
      {{- include "siem.backfillPod" . | nindent 6 }}
{{- end }}
