#!/usr/bin/env bash
# Builds the Splunk add-on and inspects it like Splunk Cloud. Fails for an error, a failure or a warning that is not
# explained below. Needs Python 3 and libmagic (Debian: libmagic1). Installs splunk-appinspect once, under TOOLS_CACHE.
# Writes the report to build/appinspect.json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=4.3.1
venv=${TOOLS_CACHE:-${TMPDIR:-/tmp}/stepsecurity-siem-tools}/appinspect-$version
if [ ! -x "$venv/bin/splunk-appinspect" ]; then
  python3 -m venv "$venv" >&2
  "$venv/bin/pip" install --quiet --disable-pip-version-check "splunk-appinspect==$version" >&2
fi

archive=$(node scripts/build-splunk-addon.js)
report=build/appinspect.json
rm -f "$report"
# With --ci its exit code would mix failures, warnings and crashes, so the report is evaluated instead.
"$venv/bin/splunk-appinspect" inspect "$archive" --mode test --included-tags cloud --ci \
  --skip-trusted-libraries-update --data-format json --output-file "$report" >&2 || true

python3 - "$report" <<'PY'
import json, sys

EXPLAINED = {}  # check name: why its warning is not a defect

report = json.load(open(sys.argv[1]))
bad = 0
for app in report["reports"]:
    for group in app["groups"]:
        for check in group["checks"]:
            if check["result"] in ("success", "not_applicable", "skipped"):
                continue
            if check["result"] == "warning" and check["name"] in EXPLAINED:
                print(f"explained: {check['name']}: {EXPLAINED[check['name']]}")
                continue
            bad += 1
            for message in check["messages"]:
                print(f"{check['result']}: {check['name']}: {message['message']}")
summary = report["summary"]
print("appinspect:", ", ".join(f"{name} {count}" for name, count in summary.items()))
if summary["success"] == 0:
    sys.exit("appinspect checked nothing")
sys.exit(1 if bad or summary["error"] or summary["failure"] else 0)
PY
