#!/usr/bin/env bash
# Checks the CloudFormation templates with cfn-lint, including informational rules, for regions of all partitions; and each
# IAM policy, wrapped in a template, with the same tool's schema and list of actions.
source "$(dirname "$0")/lib.sh"
python_tool cfn-lint==1.58.0 cfn-lint
for template in cloudformation.yaml task.yaml; do
  for region in eu-central-1 us-gov-west-1 cn-north-1; do
    quietly "cfn-lint: $template in $region" "$TOOL" --include-checks I --regions "$region" -- "$ROOT/deploy/aws/$template"
  done
done

wrapped=$(mktemp -d)
trap 'rm -rf "$wrapped"' EXIT
for policy in "$ROOT"/deploy/aws/iam/*.json; do
  name=$(basename "$policy")
  printf '{"AWSTemplateFormatVersion":"2010-09-09","Resources":{"Policy":{"Type":"AWS::IAM::ManagedPolicy","Properties":{"PolicyDocument":%s}}}}\n' \
    "$(cat "$policy")" >"$wrapped/$name"
  quietly "cfn-lint: iam/$name" "$TOOL" --include-checks I --regions eu-central-1 -- "$wrapped/$name"
done
