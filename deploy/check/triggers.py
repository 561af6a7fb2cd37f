"""KEDA's trigger options are a map of strings in its CRD, so no schema knows their names: those of the SQS scaler are
read from its source. Arguments: the source folder of KEDA, then rendered files."""

import re
import sys
from pathlib import Path

import yaml


def findings(known, resource):
    for trigger in resource["spec"]["triggers"]:
        if trigger["type"] != "aws-sqs-queue":
            yield f"trigger {trigger['type']} is not known here"
        for name in sorted(set(trigger["metadata"]) - known):
            yield f"trigger option {name} does not exist"


def main(keda, *files):
    known = set(re.findall(r'keda:"name=([A-Za-z]+)', (Path(keda) / "pkg/scalers/aws_sqs_queue_scaler.go").read_text()))
    found = [] if "queueURL" in known else ["the scaler's source no longer names its options as expected"]
    for file in files:
        for resource in filter(None, yaml.safe_load_all(Path(file).read_text())):
            if resource["kind"] == "ScaledObject":
                found += [f"{file}: {text}" for text in findings(known, resource)]
    return "\n".join(found) or None


sys.exit(main(*sys.argv[1:]))
