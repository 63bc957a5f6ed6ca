# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the container of a proof runs: a script for any POSIX shell, which takes what it needs from its environment.

It makes nothing but its result, and ends well whatever it finds: what is wrong stands in the result. Nothing that it reads becomes part
of the result but as one of the words that the schema has. Names and connections are tried by whatever the image has for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .result import CLOSED, OPEN, RESOLVED, SCHEMA, UNRESOLVED, UNTRIED

API, OBJECT_STORE = "@api", "@object-store"
"""Hosts of destinations that only the container knows."""

_TEXT: Final = r"""
set -u -f
dev=${PROBE_DEV:-/dev}
out=${PROBE_OUT:-/dev/termination-log}
vendor=${PROBE_VENDOR:-}
has() { command -v "$1" >/dev/null 2>&1; }
count() {
  found=0
  set +f
  for pattern in "$@"; do
    for file in "$dev"/$pattern; do
      if [ -e "$file" ]; then found=$((found + 1)); fi
    done
  done
  set -f
  echo "$found"
}
tool() {
  if ! has "$1"; then echo null; return; fi
  if has timeout; then timeout 20 "$@" >/dev/null 2>&1; else "$@" >/dev/null 2>&1; fi
  echo $?
}
case $vendor in
  nvidia) seen=$(count 'nvidia[0-9]*'); exited=$(tool nvidia-smi -L) ;;
  amd)
    seen=0
    if [ -e "$dev/kfd" ]; then seen=$(count 'dri/renderD*'); fi
    exited=$(tool rocm-smi --showid)
    ;;
  gaudi) seen=$(count 'accel/accel[0-9]*' 'hl[0-9]*'); exited=$(tool hl-smi -L) ;;
  intel) seen=$(count 'dri/renderD*'); exited=$(tool xpu-smi discovery) ;;
  *) seen=null; exited=null ;;
esac
resolve() {
  if has getent; then getent hosts "$1" >/dev/null 2>&1
  elif has nslookup; then nslookup "$1" >/dev/null 2>&1
  elif has python3; then python3 -c 'import socket, sys; socket.getaddrinfo(sys.argv[1], None)' "$1" >/dev/null 2>&1
  else return 99
  fi
}
resolve "${PROBE_NAME:-kubernetes.default.svc}"
case $? in 0) dns=<resolved> ;; 99) dns=<untried> ;; *) dns=<unresolved> ;; esac
connect() {
  if has bash && has timeout; then timeout 4 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" >/dev/null 2>&1
  elif has nc; then nc -z -w 4 "$1" "$2" </dev/null >/dev/null 2>&1
  elif has python3; then
    python3 -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 4)' "$1" "$2" >/dev/null 2>&1
  elif has curl; then
    case $(curl -s -o /dev/null --noproxy '*' --connect-timeout 4 -m 6 -w '%{time_connect}' "http://$1:$2/" 2>/dev/null) in
      *[1-9]*) return 0 ;;
      *) return 1 ;;
    esac
  else return 99
  fi
}
find_store() {
  endpoint=${PROBE_OBJECT_STORE:-}
  host=${endpoint#*://}
  host=${host%%/*}
  case $endpoint in http://*) port=80 ;; *) port=443 ;; esac
  case $host in
    \[*\]:*) port=${host##*:}; host=${host%:*}; host=${host#?}; host=${host%?} ;;
    \[*\]) host=${host#?}; host=${host%?} ;;
    *:*) port=${host##*:}; host=${host%:*} ;;
  esac
  case $port in ''|*[!0-9]*) host='' ;; esac
  case $host in ''|-*|*[!A-Za-z0-9.:_-]*) host='' ;; esac
}
reach=''
set -- ${PROBE_DESTINATIONS:-}
while [ $# -ge 3 ]; do
  name=$1
  host=$2
  port=$3
  shift 3
  case $host in
    <api>) host=${KUBERNETES_SERVICE_HOST:-}; port=${KUBERNETES_SERVICE_PORT:-443} ;;
    <store>) find_store ;;
  esac
  if [ -z "$host" ]; then
    state=<untried>
  else
    connect "$host" "$port"
    case $? in 0) state=<open> ;; 99) state=<untried> ;; *) state=<closed> ;; esac
  fi
  reach="$reach${reach:+,}\"$name\":\"$state\""
done
printf '{"schema":"<schema>","vendor":"%s","devices_asked":%s,"devices_seen":%s,"tool_exit":%s,"dns":"%s","reach":{%s}}\n' \
  "$vendor" "${PROBE_DEVICES:-0}" "$seen" "$exited" "$dns" "$reach" >"$out"
exit 0
"""

_WORDS: Final[Mapping[str, str]] = {
    "<api>": API,
    "<store>": OBJECT_STORE,
    "<open>": OPEN,
    "<closed>": CLOSED,
    "<untried>": UNTRIED,
    "<resolved>": RESOLVED,
    "<unresolved>": UNRESOLVED,
    "<schema>": SCHEMA,
}


def script() -> str:
    """The whole script; `PROBE_DEV` and `PROBE_OUT` say where device files and the result are, should they be elsewhere."""
    text = _TEXT.lstrip()
    for mark, word in _WORDS.items():
        text = text.replace(mark, word)
    return text
