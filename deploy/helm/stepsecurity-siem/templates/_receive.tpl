{{/* Whether any pipeline has a receiver; nothing for none. */}}
{{- define "siem.hasReceiver" -}}
{{- $any := .Values.receive.enabled -}}
{{- range .Values.pipelines -}}{{- if dig "receive" "enabled" false . }}{{ $any = true }}{{ end -}}{{- end -}}
{{- if $any }}true{{ end -}}
{{- end }}

{{/* The port of an address in config.receive; nothing for one that only the pod itself can reach. Call with a dict: `listen`. */}}
{{- define "siem.receivePort" -}}
{{- if not (regexMatch "^(127\\.|localhost|\\[::1\\])" .listen) }}{{ regexFind "[0-9]+$" .listen }}{{ end }}
{{- end }}

{{- define "siem.sendersPort" -}}
{{ include "siem.receivePort" (dict "listen" (dig "receive" "listen" "127.0.0.1:8080" .Values.config)) }}
{{- end }}

{{- define "siem.statusPort" -}}
{{ include "siem.receivePort" (dict "listen" (dig "receive" "status_listen" "127.0.0.1:8081" .Values.config)) }}
{{- end }}

{{/* A folder belongs to one pod, which therefore delivers too: nobody else could read it. Nothing for a bucket. */}}
{{- define "siem.hasFolderSpool" -}}
{{- if and .Values.receive.enabled (eq (dig "source" "type" "" .Values.config) "file") }}true{{ end }}
{{- end }}

{{- define "siem.receiveName" -}}
{{ include "siem.name" . }}-receive
{{- end }}

{{/* The receiver's pods alone, which is what senders may reach. */}}
{{- define "siem.receiveSelector" -}}
{{ include "siem.selector" . }}
{{- with .Values.name }}
app.kubernetes.io/component: {{ . }}
{{- end }}
stepsecurity-siem/mode: receive
{{- end }}

{{/* What the receiver's pod has beside that of a run. Used as YAML. */}}
{{- define "siem.receivePod" -}}
{{- $r := .Values.receive -}}
{{- $folder := include "siem.hasFolderSpool" . -}}
ports:
  - { name: webhook, containerPort: {{ include "siem.sendersPort" . }} }
  - { name: status, containerPort: {{ include "siem.statusPort" . }} }
container:
  # Ready while the spool can store. Alive while it answers: a pod whose disk is full is not helped by a restart.
  readinessProbe:
    httpGet: { path: /readyz, port: status }
    periodSeconds: 5
    timeoutSeconds: 10
    failureThreshold: 2
  livenessProbe:
    httpGet: { path: /healthz, port: status }
    initialDelaySeconds: 10
    periodSeconds: 10
    timeoutSeconds: 5
    failureThreshold: 6
  {{- if $r.drainSeconds }}
  # Endpoints and load balancers forget a pod some time after it is told to end; what they send until then must find it
  # listening. By node, since the image may have no shell.
  lifecycle:
    preStop:
      exec: { command: [node, -e, 'setTimeout(() => {}, {{ mul 1000 (int $r.drainSeconds) }})'] }
  {{- end }}
mounts:
  - { name: webhook-secret, mountPath: /run/secrets/webhook, readOnly: true }
  {{- if $r.tlsSecret }}
  - { name: webhook-tls, mountPath: /run/secrets/webhook-tls, readOnly: true }
  {{- end }}
  {{- if $folder }}
  - { name: spool, mountPath: /var/lib/stepsecurity-siem }
  {{- end }}
volumes:
  - name: webhook-secret
    secret: { secretName: {{ $r.existingSecret }}, defaultMode: 0440 }
  {{- if $r.tlsSecret }}
  - name: webhook-tls
    secret: { secretName: {{ $r.tlsSecret }}, defaultMode: 0440 }
  {{- end }}
  {{- if $folder }}
  - name: spool
    persistentVolumeClaim: { claimName: {{ default (include "siem.receiveName" .) $r.persistence.existingClaim }} }
  {{- end }}
{{- if gt (int $r.replicas) 1 }}
spread:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "siem.receiveSelector" $ | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "siem.receive" -}}
{{- $r := .Values.receive -}}
{{- $name := include "siem.receiveName" . -}}
{{- $folder := include "siem.hasFolderSpool" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  labels: {{- include "siem.labels" . | nindent 4 }}
spec:
  replicas: {{ int $r.replicas }}
  strategy:
    {{- if $folder }}
    # Two pods cannot have the volume. Nothing listens between the one and the other.
    type: Recreate
    {{- else }}
    type: RollingUpdate
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
    {{- end }}
  selector:
    matchLabels: {{- include "siem.receiveSelector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "siem.podLabels" . | nindent 8 }}
        stepsecurity-siem/mode: receive
      annotations:
        # A changed configuration replaces the pods. The secret and the certificate are read again without that.
        checksum/config: {{ toYaml .Values.config | sha256sum }}
        {{- with .Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- $args := concat (list "receive" "--config" "/etc/stepsecurity-siem/config.yaml") (ternary (list "--deliver") list (eq $folder "true")) }}
      {{- /* What senders can reach has no key of the SIEM, unless it has to deliver. */}}
      {{- $secret := ternary .Values.existingSecret "" (eq $folder "true") }}
      {{- $more := include "siem.receivePod" . | fromYaml }}
      {{- $pod := dict "root" . "args" $args "secret" $secret "more" $more "resources" $r.resources "drain" (int $r.drainSeconds) }}
      {{- if $folder }}{{ $_ := set $pod "listens" (include "siem.metricsPort" .) }}{{ end }}
      {{- include "siem.pod" $pod | nindent 6 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ $name }}
  labels: {{- include "siem.labels" . | nindent 4 }}
  {{- with $r.service.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ $r.service.type }}
  {{- with $r.service.loadBalancerSourceRanges }}
  loadBalancerSourceRanges: {{- toYaml . | nindent 4 }}
  {{- end }}
  selector: {{- include "siem.receiveSelector" . | nindent 4 }}
  ports:
    - { name: webhook, port: {{ int $r.service.port }}, targetPort: webhook, protocol: TCP }
{{- if gt (int $r.replicas) 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ $name }}
  labels: {{- include "siem.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "siem.receiveSelector" . | nindent 6 }}
{{- end }}
{{- if and $folder (not $r.persistence.existingClaim) }}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ $name }}
  labels: {{- include "siem.labels" . | nindent 4 }}
  annotations:
    # It may hold what was accepted and is not delivered yet: uninstalling leaves it.
    helm.sh/resource-policy: keep
spec:
  accessModes: [ReadWriteOnce]
  {{- with $r.persistence.storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources:
    requests: { storage: {{ $r.persistence.size }} }
{{- end }}
{{- with $r.ingress }}
{{- if .enabled }}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ $name }}
  labels: {{- include "siem.labels" $ | nindent 4 }}
  {{- with .annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .className }}
  ingressClassName: {{ . }}
  {{- end }}
  {{- with .tlsSecret }}
  tls:
    - { hosts: [{{ $r.ingress.host }}], secretName: {{ . }} }
  {{- end }}
  rules:
    - host: {{ .host }}
      http:
        paths:
          # Only this path: the pages about its health are on another port.
          - path: {{ dig "receive" "path" "/webhook" $.Values.config }}
            pathType: Exact
            backend:
              service: { name: {{ $name }}, port: { name: webhook } }
{{- end }}
{{- end }}
{{- with .Values.networkPolicy }}
{{- if .enabled }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ $name }}
  labels: {{- include "siem.labels" $ | nindent 4 }}
spec:
  # Beside that of all pods, which lets nobody in.
  podSelector:
    matchLabels: {{- include "siem.receiveSelector" $ | nindent 6 }}
  policyTypes: [Ingress]
  ingress:
    - from: {{- toYaml .sendersFrom | nindent 8 }}
      ports:
        - { protocol: TCP, port: {{ include "siem.sendersPort" $ }} }
    {{- with .metricsFrom }}
    - from: {{- toYaml . | nindent 8 }}
      ports:
        - { protocol: TCP, port: {{ include "siem.statusPort" $ }} }
    {{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the schema cannot say of a receiver. Renders nothing. */}}
{{- define "siem.validateReceive" -}}
{{- $v := .Values -}}
{{- $r := $v.receive -}}
{{- $where := ternary (printf "pipeline %s: " $v.name) "" (hasKey $v "name") -}}
{{- $config := default dict $v.config -}}
{{- if not $config.receive -}}
{{- fail (printf "%sreceive.enabled needs config.receive (docs/webhook.md), which says where it listens; existingConfigMap does not tell" $where) -}}
{{- end -}}
{{- if eq $v.mode "backfill" -}}
{{- fail (printf "%sreceive.enabled: a backfill ends, and a receiver does not; install them as two releases" $where) -}}
{{- end -}}
{{- if not (include "siem.sendersPort" .) -}}
{{- fail (printf "%sconfig.receive.listen: nobody reaches the pod's loopback address; set it to 0.0.0.0:8080" $where) -}}
{{- end -}}
{{- if not (include "siem.statusPort" .) -}}
{{- fail (printf "%sconfig.receive.status_listen: the kubelet asks from outside the pod; set it to 0.0.0.0:8081" $where) -}}
{{- end -}}
{{- if not $r.existingSecret -}}
{{- fail (printf "%sreceive.existingSecret is missing: the Secret whose keys config.receive.secret_files reads in /run/secrets/webhook" $where) -}}
{{- end -}}
{{- range $config.receive.secret_files -}}
{{- if not (hasPrefix "/run/secrets/webhook/" .) -}}
{{- fail (printf "%sconfig.receive.secret_files: %s is not in /run/secrets/webhook, where receive.existingSecret is mounted" $where .) -}}
{{- end -}}
{{- end -}}
{{- range $key, $file := $config.receive.tls -}}
{{- if not (and $r.tlsSecret (hasPrefix "/run/secrets/webhook-tls/" $file)) -}}
{{- fail (printf "%sconfig.receive.tls.%s: name a Secret in receive.tlsSecret and a file of it in /run/secrets/webhook-tls" $where $key) -}}
{{- end -}}
{{- end -}}
{{- if and $r.tlsSecret (not $config.receive.tls) -}}
{{- fail (printf "%sreceive.tlsSecret: config.receive.tls does not read it, so plain HTTP would be served" $where) -}}
{{- end -}}
{{- if include "siem.hasFolderSpool" . -}}
{{- if gt (int $r.replicas) 1 -}}
{{- fail (printf "%sreceive.replicas: the folder of config.source belongs to one pod; set it to 1, or use a source of type s3" $where) -}}
{{- end -}}
{{- range list (dig "source" "path" "" $config) (dig "state" "path" "" $config) -}}
{{- if and . (not (hasPrefix "/var/lib/stepsecurity-siem/" .)) -}}
{{- fail (printf "%sconfig: %s is not on the volume; the spool's is mounted at /var/lib/stepsecurity-siem" $where .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and $r.ingress.enabled (not $r.ingress.host) -}}
{{- fail (printf "%sreceive.ingress.host is missing: the name that the vendor posts to" $where) -}}
{{- end -}}
{{- if and $v.networkPolicy.enabled (not $v.networkPolicy.sendersFrom) -}}
{{- fail (printf "%snetworkPolicy lets no sender in: name the ingress controller or load balancer in networkPolicy.sendersFrom" $where) -}}
{{- end -}}
{{- end }}
