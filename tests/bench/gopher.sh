# gopher.sh: Gopher beside curl. Sourced by `run`.
# shellcheck shell=bash disable=SC2154

instructions "gopher: one menu, curl" -- "$netkit" gopher menu "127.0.0.1:$GOPHER_PORT" -- curl -s "gopher://127.0.0.1:$GOPHER_PORT/"
