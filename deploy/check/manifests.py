"""Validates rendered Kubernetes manifests strictly: what Kubernetes ships against its published schemas, in the oldest
and the newest version this project names; the kinds of KEDA and of Prometheus Operator against the CRDs in their own
source, KEDA's trigger options against its scaler. An unknown kind or property is a finding. Arguments: the source
folders of KEDA and of Prometheus Operator, then the rendered files."""

import re
import sys
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

VERSIONS = ["1.29", "1.37"]


def strict(schema):
    """A CRD says nothing of unknown properties, and the API server silently prunes them: make them errors."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and "additionalProperties" not in made:
        if not made.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    return made


def custom_schema(folder, resource):
    group, version = resource["apiVersion"].split("/")
    crd = yaml.safe_load((folder / f"{group}_{resource['kind'].lower()}s.yaml").read_text())
    schema = strict(next(v for v in crd["spec"]["versions"] if v["name"] == version)["schema"]["openAPIV3Schema"])
    schema["properties"]["metadata"] = {"type": "object"}
    return schema


def trigger_findings(keda, resource):
    """Trigger options are a map of strings in the CRD; their names stand in the scaler's source."""
    known = set(re.findall(r'keda:"name=([A-Za-z]+)', (keda / "pkg/scalers/aws_sqs_queue_scaler.go").read_text()))
    if "queueURL" not in known:
        yield "the scaler's source no longer names its options as expected"
    for trigger in resource["spec"].get("triggers", []):
        if trigger["type"] != "aws-sqs-queue":
            yield f"trigger {trigger['type']} is not known here"
        for name in sorted(set(trigger["metadata"]) - known):
            yield f"trigger option {name} does not exist"


def findings(keda, operator, resource):
    custom = {
        "keda.sh": keda / "config/crd/bases",
        "monitoring.coreos.com": operator / "example/prometheus-operator-crd",
    }.get(resource["apiVersion"].split("/")[0])
    if custom:
        validator = jsonschema.Draft202012Validator(custom_schema(custom, resource))
        for error in validator.iter_errors(resource):
            yield f"{error.json_path}: {error.message}"
        if resource["kind"] == "ScaledObject":
            yield from trigger_findings(keda, resource)
        return
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(resource, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{version}: {'.'.join(map(str, error.path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError:
            yield f"{version}: no such kind: {resource['apiVersion']} {resource['kind']}"


def main(keda, operator, *files):
    failed = False
    for file in map(Path, files):
        resources = [part for part in yaml.safe_load_all(file.read_text()) if part]
        found = [
            f"{r['kind']}/{r['metadata']['name']}: {text}"
            for r in resources
            for text in findings(Path(keda), Path(operator), r)
        ]
        if not resources:
            found.append("nothing rendered")
        for text in found:
            print(f"FAILED: {file.name}: {text}")
        if not found:
            print(f"ok: {file.name}: {', '.join(resource['kind'] for resource in resources)}")
        failed |= bool(found)
    return failed


sys.exit(main(*sys.argv[1:]))
