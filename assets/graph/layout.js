/** Places of nodes: a row per layer, a column per token, as wide as its fullest row needs. */

const PAD = { left: 56, right: 16, top: 18, bottom: 40 };

export function layOut(model, nodes, width, height) {
  const rows = model.rows.length;
  const rowHeight = (height - PAD.top - PAD.bottom) / rows;
  const cells = new Map();
  for (const node of nodes) {
    const key = `${node.row} ${node.position}`;
    cells.set(key, [...(cells.get(key) ?? []), node]);
  }
  const need = model.tokens.map(() => 1.5);
  for (const cell of cells.values()) need[cell[0].position] = Math.max(need[cell[0].position], cell.length + 0.5);
  const total = need.reduce((sum, each) => sum + each, 0);
  const unit = (width - PAD.left - PAD.right) / total;
  const columns = [];
  let x = PAD.left;
  for (const each of need) {
    columns.push({ x, width: each * unit });
    x += each * unit;
  }
  for (const cell of cells.values()) {
    cell.sort((a, b) => (a.influence ?? 0) - (b.influence ?? 0));
    const column = columns[cell[0].position];
    const step = column.width / (cell.length + 0.5);
    for (const [i, node] of cell.entries()) {
      node.x = column.x + step * (i + 0.75);
      node.y = height - PAD.bottom - rowHeight * (node.row + 0.5);
    }
  }
  return { columns, rowHeight, radius: Math.max(2, Math.min(7, rowHeight / 3, unit / 2.2)), pad: PAD, width, height };
}

/** The shown node nearest to a point, at most `reach` away. */
export function nearest(nodes, x, y, reach) {
  let [best, least] = [null, reach * reach];
  for (const node of nodes) {
    const distance = (node.x - x) ** 2 + (node.y - y) ** 2;
    if (distance <= least) [best, least] = [node, distance];
  }
  return best;
}

/** The node that an arrow key leads to: the next in the row, or the nearest in the next row that has any. */
export function neighbour(nodes, from, key) {
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const way = key === "ArrowLeft" ? -1 : 1;
    const row = nodes.filter((node) => node.row === from.row && (node.x - from.x) * way > 0);
    return row.reduce(
      (best, node) => (!best || Math.abs(node.x - from.x) < Math.abs(best.x - from.x) ? node : best),
      null,
    );
  }
  const way = key === "ArrowUp" ? 1 : -1;
  const beyond = nodes.filter((node) => (node.row - from.row) * way > 0);
  const next = Math.min(...beyond.map((node) => Math.abs(node.row - from.row)));
  const row = beyond.filter((node) => Math.abs(node.row - from.row) === next);
  return row.reduce(
    (best, node) => (!best || Math.abs(node.x - from.x) < Math.abs(best.x - from.x) ? node : best),
    null,
  );
}
