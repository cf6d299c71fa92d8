#!/usr/bin/env bash
# The first step of action.yml: runs penumbra with what the inputs say and writes code, outcome and paths to the step's
# outputs. It ends with 0 whatever penumbra found, so that the comment is posted; action-gate.sh decides the job.
set -euo pipefail

args=("$MODE")
add() { if [ -n "$2" ]; then args+=("$1" "$2"); fi; }

case "$MODE" in
  audit)
    add --base "$BASE"
    add --adapter "$ADAPTER"
    add --tuned "$TUNED"
    add --config "$CONFIG"
    ;;
  run)
    if [ -n "$CONFIG" ]; then args+=("$CONFIG"); fi
    add --model "$MODEL"
    ;;
  *)
    echo "::error title=Penumbra::mode: expected audit or run, got ${MODE}"
    echo "code=2" >> "$GITHUB_OUTPUT"
    echo "outcome=error" >> "$GITHUB_OUTPUT"
    exit 0
    ;;
esac
add --data "$DATA"
add --out "$OUT"
if [ "$REDACT" = "true" ]; then args+=(--redact); fi

# PENUMBRA is a command of several words.
read -r -a program <<< "$PENUMBRA"
code=0
"${program[@]}" "${args[@]}" || code=$?

case "$code" in
  0) outcome=passed ;;
  100) outcome=breached ;;
  101) outcome=undecided ;;
  *) outcome=error ;;
esac
{
  echo "code=$code"
  echo "outcome=$outcome"
} >> "$GITHUB_OUTPUT"
# A folder may hold the report of an earlier run: only what this one has judged is handed on.
if [ "$outcome" != error ] && [ -f "$OUT/report.md" ]; then
  {
    echo "markdown=$OUT/report.md"
    echo "report=$OUT/report.html"
  } >> "$GITHUB_OUTPUT"
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$OUT/report.md" >> "$GITHUB_STEP_SUMMARY"; fi
fi
