#!/bin/sh
# As much of grpcurl as the documents use, by buf's client, which finds out by reflection what to send.
data='{}'
while [ $# -gt 0 ]; do
  case "$1" in
    -plaintext) shift ;;
    -d) data="$2"; shift 2 ;;
    -*) echo "grpcurl: unknown option $1" >&2; exit 2 ;;
    *) break ;;
  esac
done
set -- "$1" "$2" "$data"
if [ "$2" = list ]; then exec "$BUF" curl --protocol grpc --http2-prior-knowledge --list-services "http://$1"; fi
exec "$BUF" curl --reflect --protocol grpc --http2-prior-knowledge -d "$3" "http://$1/$2"
