#!/usr/bin/env bash
# The second step of action.yml: posts the Markdown report on the pull request. One comment, kept up to date: it is
# found again by its first line.
set -euo pipefail

marker='<!-- penumbra audit -->'
body="$(mktemp)"
printf '%s\n' "$marker" > "$body"
cat "$MARKDOWN" >> "$body"

known="$(gh api --paginate "repos/$REPOSITORY/issues/$PULL_REQUEST/comments" \
  --jq ".[] | select(.body | startswith(\"$marker\")) | .id" | head -n 1)"
if [ -n "$known" ]; then
  gh api --method PATCH "repos/$REPOSITORY/issues/comments/$known" --field body=@"$body" > /dev/null
else
  gh api --method POST "repos/$REPOSITORY/issues/$PULL_REQUEST/comments" --field body=@"$body" > /dev/null
fi
