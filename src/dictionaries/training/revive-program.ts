/** Rows of latents that died, put anew into a group's buffers: index int64 `[r]`, what they read and what they write. */
import { compile, type Program } from "../../engine/index.ts";
import { ExpandLike, Gather, Graph, Reshape, ScatterElements, Sub, scalar, type Tensor } from "../../tensor/index.ts";

/**
 * Inputs `encoder`, `decoder`, `encoderBias`, perhaps `logThreshold`, their Adam moments `<name>.m` and `<name>.v`, and
 * `index`, `<name>.rows`; outputs `<name>.next`, `<name>.m.next`, `<name>.v.next`. Moments of the rows become 0.
 */
export function reviveProgram(shapes: ReadonlyMap<string, readonly number[]>): Program {
  const graph = new Graph();
  graph.untaped(() => {
    const index = graph.input("index", "int64", ["r"]);
    for (const [name, shape] of shapes) {
      const rows = graph.input(`${name}.rows`, "float32", ["r", ...shape.slice(1)]);
      const put = (input: string, values: (old: Tensor) => Tensor) => {
        const held = graph.input(input, "float32", shape);
        graph.output(`${input}.next`, withRows(held, index, values(Gather(held, index))));
      };
      put(name, (old) => Sub(rows, old));
      for (const moment of ["m", "v"]) put(`${name}.${moment}`, (old) => Sub(scalar(old, 0), old));
    }
  });
  return compile(graph);
}

/** `held` with `change` added to its rows; no row twice. */
function withRows(held: Tensor, index: Tensor, change: Tensor): Tensor {
  const wide = held.shape.length === 1 ? index : ExpandLike(Reshape(index, ["r", 1]), change);
  return ScatterElements(held, wide, change, 0);
}
