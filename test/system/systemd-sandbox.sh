#!/usr/bin/env bash
# Runs a command under a systemd of its own (PID 1, journald, control groups) that sees this machine's files.
# What is written there is gone afterwards; the network is this machine's. Needs root and Linux namespaces.
#
#   systemd-sandbox.sh [--show FROM AT] COMMAND [ARG ...]
#
# The directory FROM, wherever it is (below /tmp too, which is another one inside), is seen at AT, and changes there
# last. Ends with the exit status of COMMAND; with 125 when the sandbox did not start: the last line on standard
# error says why.
set -euo pipefail

fail() { printf 'systemd-sandbox: %s\n' "$*" >&2; exit 125; }

from= at=
if [ "${1:-}" = --show ]; then from=$2 at=$3; shift 3; fi
[ $# -gt 0 ] || fail 'no command given'
[ "$(id -u)" = 0 ] || fail 'needs root'
[ -x /lib/systemd/systemd ] && command -v dbus-daemon >/dev/null || fail 'needs the packages systemd, dbus and libpam-systemd'

place=$(mktemp -d /var/tmp/systemd-sandbox.XXXXXX)
boot() {
  set -e
  mount -t tmpfs -o mode=755 tmpfs "$place"
  mkdir "$place"/{upper,scratch,root}
  mount -t overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/scratch" overlay "$place/root"
  cd "$place/root"
  mount -t proc proc proc
  mount -t tmpfs -o mode=755 tmpfs run
  mount -t tmpfs -o mode=1777 tmpfs tmp
  mount -t tmpfs -o mode=755 tmpfs sys
  mkdir -p sys/fs/cgroup
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  mount --rbind /dev dev
  if [ -n "$from" ]; then mkdir -p "./$at"; mount --bind "$from" "./$at"; fi
  rm -rf etc/systemd/system/*.wants var/log/journal
  mkdir -p var/log/journal
  for unit in systemd-udevd systemd-networkd systemd-timesyncd; do
    ln -sf /dev/null "etc/systemd/system/$unit.service"
  done
  # Not chroot: below one the kernel refuses user namespaces, and systemd cannot pass credentials.
  mkdir run/before
  pivot_root . run/before
  umount --lazy /run/before
  rmdir /run/before
  # As systemd does where it is not in a container: credentials are mounted elsewhere and moved.
  mount --make-rshared /
  container=sandbox exec /lib/systemd/systemd --system --unit=multi-user.target --log-target=journal
}
export -f boot
export place from at
unshare --pid --fork --kill-child --mount --uts --ipc --cgroup bash -c boot >"$place.log" 2>&1 </dev/null &
outer=$!
cleanup() {
  kill -KILL "$outer" 2>/dev/null || true
  wait "$outer" 2>/dev/null || true
  rm -rf "$place" "$place.log"
}
trap cleanup EXIT

init=
inside() { nsenter --target "$init" --mount --pid --uts --ipc --cgroup --root -- "$@"; }
state=
for _ in $(seq 300); do
  kill -0 "$outer" 2>/dev/null || { cat "$place.log" >&2; fail 'this machine does not allow the namespaces and mounts it needs'; }
  init=$(awk '{ print $1 }' "/proc/$outer/task/$outer/children")
  if [ "$(cat "/proc/${init:-none}/comm" 2>/dev/null)" = systemd ]; then
    state=$(inside systemctl is-system-running 2>/dev/null || true)
    case $state in running | degraded) break ;; esac
  fi
  sleep 0.1
done
case $state in
  running | degraded) ;;
  *) cat "$place.log" >&2; fail "systemd did not come up (${state:-no answer})" ;;
esac

status=0
inside env --chdir=/ "$@" || status=$?
exit "$status"
