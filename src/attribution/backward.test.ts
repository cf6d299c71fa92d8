import { expect, test } from "vitest";
import { golden } from "../../test/golden.ts";
import { randomTranscoders } from "../../test/transcoders.ts";
import { backwardProgram } from "./backward.ts";
import { transcoderSet } from "./index.ts";

test("the program is the backward pass alone: two products with weights a layer, and none of the forward pass", async () => {
  const { source } = await golden("llama-tied");
  const { definition } = source;
  const set = await transcoderSet(randomTranscoders(definition, { kind: "transcoder" }), definition, "random");
  const { nLayers } = definition.dimensions;
  for (let depth = 1; depth <= nLayers; depth++) {
    const text = Buffer.from(backwardProgram(source, null, set, depth).onnx).toString("latin1");
    // What ONNX writes of a node's op: field 4, four bytes. W_O and W_V of each layer up to the one whose transcoder is read.
    const products = text.split("\x22\x04Gemm").length - 1;
    expect(products).toBe(2 * Math.min(depth + 1, nLayers));
  }
});
