"""Writes the schemas that kubeconform validates by, all of them strict: those of Kubernetes as the package
kubernetes-validate has them, and the CRDs of KEDA and of Prometheus Operator. Arguments: the folder to write to, versions
of Kubernetes between commas, and the CRDs."""

import json
import sys
from pathlib import Path

import kubernetes_validate
import yaml


def kubernetes(version, folder):
    """They refer to each other by addresses on the web; without those, by the names of the files beside them."""
    source = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / f"v{version}-local-strict"
    folder.mkdir()
    for file in source.glob("*.json"):
        schema = json.loads(file.read_text().replace('"/api/_definitions.json#', '"_definitions.json#'))
        schema.pop("$id", None)
        (folder / file.name).write_text(json.dumps(schema))


def strict(schema):
    """A CRD allows unknown properties, and the API server silently prunes them: make them errors."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    if isinstance(made.get("properties"), dict) and "additionalProperties" not in made:
        if not made.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    return made


def custom(file, folder):
    spec = yaml.safe_load(Path(file).read_text())["spec"]
    kind, group = spec["names"]["kind"].lower(), spec["group"].split(".")[0]
    for version in spec["versions"]:
        schema = strict(version["schema"]["openAPIV3Schema"])
        schema["properties"]["metadata"] = {"type": "object"}
        (folder / f"{kind}-{group}-{version['name']}.json").write_text(json.dumps(schema))


def main(target, versions, *crds):
    for version in versions.split(","):
        kubernetes(version, Path(target) / f"v{version}")
    folder = Path(target) / "custom"
    folder.mkdir()
    for file in crds:
        custom(file, folder)


main(*sys.argv[1:])
