#!/usr/bin/env bash
# The last step of action.yml: what penumbra's exit code means for the job.
set -euo pipefail

case "$OUTCOME" in
  passed)
    echo "Penumbra: the gate is passed, or there is none."
    ;;
  breached)
    echo "::error title=Penumbra::The gate is breached: a behaviour moved beyond what it allows (exit code 100)."
    exit 100
    ;;
  undecided)
    if [ "$UNDECIDED" = "warn" ]; then
      echo "::warning title=Penumbra::The gate cannot be decided: a behaviour was inconclusive or not measured (exit code 101)."
    else
      echo "::error title=Penumbra::The gate cannot be decided: a behaviour was inconclusive or not measured (exit code 101)."
      exit 101
    fi
    ;;
  *)
    echo "::error title=Penumbra::Penumbra ended with exit code ${CODE:-unknown}; its own message is above."
    # An empty code is a step that never ran.
    exit "${CODE:-1}"
    ;;
esac
