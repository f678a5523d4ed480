#!/usr/bin/env bash
# Administrators use registered computers; contractors have a ticket that is open.
#
# A bot in shell: it reads the audit log from where it stopped, looks at each request that its
# workflow is asked about, and reports a verdict. Needs bash, curl and jq.
set -euo pipefail

: "${ACCESSPLANE_URL:?is not set: where is the plane?}"
: "${ACCESSPLANE_TOKEN:?is not set: the token of the bot}"
devices=${DEVICES_URL:-http://127.0.0.1:8701}
jira=${JIRA_URL:-http://127.0.0.1:8702}
project=${JIRA_PROJECT:-OPS}
place=${PLACE_FILE:-${XDG_STATE_HOME:-$HOME/.local/state}/accessplane/device-and-ticket.place}
workflow=device-and-ticket

NO_ANSWER=1 NOT_OURS=2 UNKNOWN_TOKEN=3

say() { printf '%s\n' "$*" >&2; }

# --- the rule: "yes", "no", or a failure, which is no answer --------------------------------------

registered_computer() {
  curl --silent --show-error --fail --max-time 10 --get --data-urlencode "owner=$1" \
    "$devices/devices" | jq --raw-output 'if .devices == [] then "no" else "yes" end'
}

ticket_in() {
  jq --null-input --raw-output --arg text "$1" --arg project "$project" '
    [$text | match("\\b([A-Z][A-Z0-9]+-[0-9]+)\\b|#([0-9]+)\\b")] | first // empty
    | .captures[0].string // "\($project)-\(.captures[1].string)"'
}

# An Atlassian account and its API token; the small Jira of the examples wants none.
jira_login() {
  if [ -n "${JIRA_TOKEN:-}" ]; then printf 'user = "%s:%s"\n' "$JIRA_EMAIL" "$JIRA_TOKEN"; fi
}

active_ticket() {
  local key answer status
  key=$(ticket_in "$1") || return
  if [ -z "$key" ]; then echo no; return; fi
  say "Asking Jira about $key."
  answer=$(curl --silent --show-error --max-time 10 --write-out '\n%{http_code}' \
    --config <(jira_login) "$jira/rest/api/3/issue/$key?fields=status") || return
  status=${answer##*$'\n'}
  case $status in
    200) jq --raw-output '.fields.status.statusCategory.key
           | if . == "done" then "no" else "yes" end' <<<"${answer%$'\n'*}" ;;
    404) echo no ;;
    *) say "Jira answered with the status $status."; return "$NO_ANSWER" ;;
  esac
}

# process_request FACTS: why it is denied, or nothing
process_request() {
  local wants_admin is_contractor user reason answer
  wants_admin=$(jq '.request.roles | any(. == "admin")' <<<"$1") || return
  is_contractor=$(jq '.requester.traits.team // [] | any(. == "contractor")' <<<"$1") || return
  user=$(jq --raw-output .request.user <<<"$1") || return
  reason=$(jq --raw-output .request.reason <<<"$1") || return
  if [ "$wants_admin" = true ]; then
    answer=$(registered_computer "$user") || return
    if [ "$answer" != yes ]; then echo "use registered computer for privileged access"; return; fi
  fi
  if [ "$is_contractor" = true ]; then
    answer=$(active_ticket "$reason") || return
    if [ "$answer" != yes ]; then echo "provide an active JIRA ticket"; fi
  fi
}

# --- the bot ------------------------------------------------------------------------------------

# plane PATH [CURL OPTION...]: the answer to a call. The token stands in no list of processes.
plane() {
  local answer status
  answer=$(curl --silent --show-error --max-time 90 --write-out '\n%{http_code}' \
    --header @<(printf 'Authorization: Bearer %s\n' "$ACCESSPLANE_TOKEN") \
    "${@:2}" "${ACCESSPLANE_URL%/}/api/v1/$1") || return "$NO_ANSWER"
  status=${answer##*$'\n'}
  printf '%s' "${answer%$'\n'*}"
  case $status in
    2??) ;;
    401) return "$UNKNOWN_TOKEN" ;;
    403 | 404 | 409) return "$NOT_OURS" ;;
    *) say "The plane answered with the status $status."; return "$NO_ANSWER" ;;
  esac
}

# judge REQUEST: report a verdict, unless there is one already
judge() {
  local path="access-requests/$1/checks/$workflow/" check why verdict
  check=$(plane "$path") || return
  [ "$(jq --raw-output .state <<<"$check")" = PENDING ] || return 0
  why=$(process_request "$(jq .facts <<<"$check")") || return "$NO_ANSWER"
  verdict=$(jq --null-input --arg why "$why" \
    'if $why == "" then {verdict: "ALLOW"} else {verdict: "DENY", reason: $why} end') || return
  plane "$path" --header "Content-Type: application/json" --data "$verdict" >/dev/null || return
  say "$1: $(jq --compact-output . <<<"$verdict")"
}

keep() {
  printf '%s\n' "$1" >"$place.new"
  mv "$place.new" "$place"
}

# One look at the log; what follows the place that is kept.
look() {
  local after page lines sequence request code
  after=$(cat "$place" 2>/dev/null || echo 0)
  page=$(plane "events/?type=access_request.created&after=$after&wait=30") || return
  lines=$(jq --raw-output --arg workflow "$workflow" '.results[]
    | "\(.sequence) \(if .data.checks | index($workflow) then .about.id else "" end)"' \
    <<<"$page") || return
  while read -r sequence request; do
    if [ -n "$request" ]; then
      code=0
      judge "$request" || code=$?
      # Its place is kept once there is nothing left to do; else the next look begins with it.
      case $code in 0 | "$NOT_OURS") ;; *) return "$code" ;; esac
    fi
    if [ -n "$sequence" ]; then keep "$sequence"; fi
  done <<<"$lines"
}

mkdir -p "$(dirname "$place")"
say "Listening to $ACCESSPLANE_URL."
while :; do
  code=0
  look || code=$?
  if [ "$code" = "$UNKNOWN_TOKEN" ]; then say "The plane does not know this token."; exit 1; fi
  if [ "$code" != 0 ]; then say "Trying again in 2 seconds."; sleep 2; fi
done
