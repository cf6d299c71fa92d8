/** What a person has done to the page, and how the address holds it (names as Neuronpedia's addresses have them). */

export const CHANGES = ["appeared", "vanished", "grew", "shrank", "turned", "same"];

export function readState(data) {
  const given = new URLSearchParams(location.hash.slice(1) || location.search.slice(1));
  const known = new Set(data.nodes.map(({ id }) => id));
  const share = (name, usual) => {
    const value = Number(given.get(name) ?? Number.NaN);
    return value >= 0 && value <= 1 ? value : usual;
  };
  const ids = (text) => (text ?? "").split(",").filter((id) => known.has(id));
  const clicked = given.get("clickedId") ?? data.clicked;
  return {
    clicked: known.has(clicked) ? clicked : "",
    pinned: given.has("pinnedIds") ? ids(given.get("pinnedIds")) : data.pinned.filter((id) => known.has(id)),
    groups:
      readGroups(given.get("supernodes"), known) ??
      data.groups.map(([label, ...rest]) => [label, ...rest.filter((id) => known.has(id))]),
    nodeShare: share("pruningThreshold", 1),
    linkShare: share("densityThreshold", 0.8),
    errors: given.get("errors") !== "0",
    changes: new Set((given.get("changes") ?? "").split(",").filter((change) => CHANGES.includes(change))),
  };
}

function readGroups(text, known) {
  if (text === null) return null;
  try {
    const groups = JSON.parse(text);
    return groups.map(([label, ...ids]) => [String(label), ...ids.filter((id) => known.has(id))]);
  } catch {
    // An address that somebody cut short: the groups of the file stand instead.
    return null;
  }
}

export function writeState(state) {
  const params = new URLSearchParams();
  if (state.clicked) params.set("clickedId", state.clicked);
  params.set("pinnedIds", state.pinned.join(","));
  params.set("supernodes", JSON.stringify(state.groups));
  params.set("pruningThreshold", String(state.nodeShare));
  params.set("densityThreshold", String(state.linkShare));
  if (!state.errors) params.set("errors", "0");
  if (state.changes.size > 0) params.set("changes", [...state.changes].join(","));
  history.replaceState(null, "", `#${params}`);
}
