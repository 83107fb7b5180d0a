#!/bin/sh
# Starts a site on this machine: its nats-server, its keeper, capture with tracking, and a detector. Ctrl-C ends them all.
#
#   NATS_CENTRE_URL='tls://site-yard:PASSWORD@nats.example.org:7422' examples/site/start.sh
#
# NODE and NATS_SERVER name the programs, where they are not on the PATH. What the server keeps lies in ./data.
set -eu
: "${NATS_CENTRE_URL:?where the centre takes leaf nodes, with user and password}"
folder=$(cd "$(dirname "$0")" && pwd)
services="$folder/../../services/agents"
password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
NATS_PASSWORD_KEEPER=$(password) NATS_PASSWORD_VIDEO=$(password) NATS_PASSWORD_DETECTOR=$(password)
export NATS_CENTRE_URL NATS_PASSWORD_KEEPER NATS_PASSWORD_VIDEO NATS_PASSWORD_DETECTOR
export MURMUR_SITE=yard

pids=
# Those that use the server end before it does.
end() {
  trap - EXIT INT TERM
  for pid in $pids; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}
trap end EXIT
trap 'exit 0' INT TERM

"${NATS_SERVER:-nats-server}" -c "$folder/nats-site.conf" &
server=$!
service() {
  user=$1 main=$2
  eval "secret=\$NATS_PASSWORD_$(echo "$user" | tr a-z A-Z)"
  MURMUR_NATS_URL="nats://$user:$secret@127.0.0.1:4222" "${NODE:-node}" "$services/$main" &
  pids="$! $pids"
}
service keeper video/site/main.ts
service video video-agents.ts
service detector video/detection/main.ts
pids="$pids $server"
wait "$server"
