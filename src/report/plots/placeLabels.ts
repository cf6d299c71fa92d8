/** A label beside a point of a drawing. */
export interface Placed {
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "middle" | "end";
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** On a phone the drawing is smaller and its letters larger: room for characters of 15 px in all. */
const [CHARACTER, LINE, GAP] = [8.4, 16, 8];

/**
 * Greedy: each label goes right, left, above or below its point, wherever it meets no label and no other point before
 * it; null where there is no room.
 */
export function placeLabels(
  points: readonly { readonly x: number; readonly y: number; readonly label: string }[],
  frame: Box,
): (Placed | null)[] {
  const taken: Box[] = points.map(({ x, y }) => around(x, y, 5));
  return points.map(({ x, y, label }, own) => {
    if (label === "") return null;
    const width = label.length * CHARACTER;
    const free = (box: Box) => inside(box, frame) && taken.every((other, i) => i === own || !meets(box, other));
    for (const at of spots(x, y)) {
      const box = boxOf(at, width);
      if (!free(box)) continue;
      taken.push(box);
      return at;
    }
    return null;
  });
}

const spots = (x: number, y: number): Placed[] => [
  { x: x + GAP, y: y + 4, anchor: "start" },
  { x: x - GAP, y: y + 4, anchor: "end" },
  { x, y: y - GAP, anchor: "middle" },
  { x, y: y + GAP + 9, anchor: "middle" },
];

function boxOf({ x, y, anchor }: Placed, width: number): Box {
  const left = anchor === "start" ? x : anchor === "end" ? x - width : x - width / 2;
  return { left, right: left + width, top: y - LINE + 3, bottom: y + 3 };
}

const around = (x: number, y: number, r: number): Box => ({ left: x - r, right: x + r, top: y - r, bottom: y + r });
const meets = (a: Box, b: Box) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
const inside = (a: Box, frame: Box) =>
  a.left >= frame.left && a.right <= frame.right && a.top >= frame.top && a.bottom <= frame.bottom;
