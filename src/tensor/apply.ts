import type { Attribute, Backward, DType, Shape, Tensor } from "./graph.ts";

export interface Application {
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly Tensor[];
  readonly dtype: DType;
  readonly shape: Shape;
  readonly attributes?: Record<string, Attribute>;
}

/**
 * Emits one op and notes it on the tape. `backward` is not optional: an op without a derivative says so with null,
 * so that a forgotten one does not compile.
 */
export function apply(application: Application, backward: ((output: Tensor) => Backward) | null): Tensor {
  const { op, inputs, dtype, shape, attributes, domain } = application;
  const first = inputs[0];
  if (!first) throw new Error(`${op} without inputs`);
  const [output] = first.graph.emitSeveral(op, inputs, [{ dtype, shape }], attributes, domain);
  if (!output) throw new Error(`${op} without an output`);
  first.graph.record({ inputs, outputs: [output], backward: backward?.(output) ?? null });
  return output;
}

/**
 * A step made of several ops that knows a cheaper derivative than its parts': `build` runs with the tape off and
 * returns the output and the backward pass.
 */
export function composite(
  inputs: readonly Tensor[],
  build: () => { output: Tensor; backward: (gradient: Tensor) => readonly (Tensor | null)[] },
): Tensor {
  const first = inputs[0];
  if (!first) throw new Error("composite without inputs");
  const { output, backward } = first.graph.untaped(build);
  first.graph.record({
    inputs,
    outputs: [output],
    backward: ([gradient]) => (gradient ? backward(gradient) : inputs.map(() => null)),
  });
  return output;
}
