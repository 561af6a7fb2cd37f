#!/usr/bin/env bash
# Checks the systemd units: `systemd-analyze verify` finds nothing, and rates their exposure at 2.0 or less.
source "$(dirname "$0")/lib.sh"
if ! command -v systemd-analyze >/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends systemd; } >&2
fi

# A separate root with the program installed: verify also checks that ExecStart exists.
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
units=$root/etc/systemd/system
mkdir -p "$units" "$root/usr/bin" "$root/usr/local/bin" "$root/usr/lib/systemd"
cp "$ROOT"/deploy/cron/*.service "$ROOT"/deploy/cron/*.timer "$ROOT"/deploy/cron/*.socket "$units"
cp -r /usr/lib/systemd/system "$root/usr/lib/systemd/"
for program in usr/local/bin/node usr/local/bin/stepsecurity-siem usr/bin/curl; do install -m 755 /dev/null "$root/$program"; done

# It exits 0 for an unknown key, so any output is a finding.
alert=stepsecurity-siem-alert@stepsecurity-siem.service
said=$(systemd-analyze verify --root="$root" stepsecurity-siem.timer stepsecurity-siem.service stepsecurity-siem-receive.{socket,service} "$alert" 2>&1) || fail "systemd: $said"
[[ -z $said ]] || fail "systemd: $said"
ok 'systemd-analyze verify: services, timer, socket and alert'

for unit in stepsecurity-siem.service stepsecurity-siem-receive.service stepsecurity-siem-alert@.service; do
  said=$(systemd-analyze security --no-pager --offline=true --threshold=20 "$units/$unit" 2>&1) ||
    fail "systemd: exposure of $unit above 2.0"$'\n'"$said"
  ok "systemd-analyze security: $(grep -oE 'exposure level for .*: [0-9.]+' <<<"$said")"
done
