/**
 * The first object key that stands twice in one object of `json` (which must parse), or null.
 * `JSON.parse` silently keeps the last of them, so a file could show one tensor to us and another to its checker.
 */
export function duplicateKey(json: string): string | null {
  const scopes: (Set<string> | null)[] = [];
  const strings = /"(?:[^"\\]|\\.)*"|[{}[\]]/gs;
  for (let match = strings.exec(json); match; match = strings.exec(json)) {
    const found = match[0];
    if (found === "{") scopes.push(new Set());
    else if (found === "[") scopes.push(null);
    else if (found === "}" || found === "]") scopes.pop();
    else if (isKey(json, strings.lastIndex)) {
      const key = JSON.parse(found) as string;
      const scope = scopes.at(-1);
      if (scope?.has(key)) return key;
      scope?.add(key);
    }
  }
  return null;
}

function isKey(json: string, from: number): boolean {
  let at = from;
  while (" \t\r\n".includes(json[at] ?? "x")) at++;
  return json[at] === ":";
}
