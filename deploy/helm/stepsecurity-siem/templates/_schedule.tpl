{{- define "siem.schedule" -}}
{{- $s := .Values.schedule -}}
apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ include "siem.name" . }}
  labels: {{- include "siem.labels" . | nindent 4 }}
spec:
  schedule: {{ $s.cron | quote }}
  timeZone: {{ $s.timeZone | quote }}
  suspend: {{ $s.suspend }}
  concurrencyPolicy: {{ $s.concurrencyPolicy }}
  startingDeadlineSeconds: {{ int $s.startingDeadlineSeconds }}
  successfulJobsHistoryLimit: {{ int $s.successfulJobsHistoryLimit }}
  failedJobsHistoryLimit: {{ int $s.failedJobsHistoryLimit }}
  jobTemplate:
    spec:
      activeDeadlineSeconds: {{ int $s.activeDeadlineSeconds }}
      backoffLimit: {{ int $s.backoffLimit }}
      podFailurePolicy:
        rules:
          - action: Ignore
            onPodConditions:
              - { type: DisruptionTarget, status: 'True' }
          - action: FailJob
            onExitCodes: { containerName: stepsecurity-siem, operator: In, values: [1, 2, 3] }
          - action: Count
            onExitCodes: { containerName: stepsecurity-siem, operator: In, values: [4, 5, 134, 137] }
      template:
        metadata: {{- include "siem.podMetadata" . | nindent 10 }}
        spec:
          restartPolicy: Never
          {{- $args := concat (list "run" "--config" "/etc/stepsecurity-siem/config.yaml") .Values.extraArgs }}
          {{- include "siem.pod" (dict "root" . "args" $args "secret" .Values.existingSecret) | nindent 10 }}
{{- end }}
