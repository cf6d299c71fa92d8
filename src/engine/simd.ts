/**
 * Loops over rows of float32 as WebAssembly with 128-bit vectors, about five times as fast as the same loops in
 * JavaScript (docs/decisions/0006-sparse-dictionary-steps.md). The module is assembled here, instruction by instruction:
 * four loops are less to keep than a second compiler. Rows lie in the module's own memory, at byte addresses; `bytes` is
 * a row's length, a multiple of 64.
 */

export interface SimdLoops {
  /** dst += f0 p0 + f1 p1 + f2 p2 + f3 p3 */
  combine(
    dst: number,
    bytes: number,
    p0: number,
    f0: number,
    p1: number,
    f1: number,
    p2: number,
    f2: number,
    p3: number,
    f3: number,
  ): void;
  /** Σ a b */
  dot(a: number, b: number, bytes: number): number;
  /** dst *= factor */
  scale(dst: number, bytes: number, factor: number): void;
  /** v = keep v + fresh g²; p −= rate g / (√v · correction + eps) */
  adam(
    p: number,
    g: number,
    v: number,
    bytes: number,
    keep: number,
    fresh: number,
    rate: number,
    correction: number,
    eps: number,
  ): void;
}

/** Floats that a row is padded to a multiple of. */
export const ROW_MULTIPLE = 16;

const PAGE = 65536;

/** What is used of it here; the types of Node 20 leave it out. */
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** The loops over a memory of their own of at least `bytes`. */
export function simdLoops(bytes: number): { loops: SimdLoops; buffer: ArrayBuffer } {
  const pages = Math.ceil(bytes / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { exports } = new WebAssembly.Instance(compiled(), { "": { memory } });
  return { loops: exports as SimdLoops, buffer: memory.buffer };
}

let cached: object | null = null;

function compiled(): object {
  cached ??= new WebAssembly.Module(Uint8Array.from(moduleBytes()));
  return cached;
}

type Code = readonly number[];

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const VECTOR_BYTES = 16;
/** Vectors of one turn of a loop. */
const UNROLLED = 4;

const get = (local: number): Code => [0x20, local];
const set = (local: number): Code => [0x21, local];
const i32 = (value: number): Code => [0x41, ...signed(value)];
const simd = (op: number): Code => [0xfd, ...unsigned(op)];
const [splat, sqrt, add, sub, mul, div] = [0x13, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7].map(simd) as [
  Code,
  Code,
  Code,
  Code,
  Code,
  Code,
];
const ADD_I32: Code = [0x6a];

/** Vector `u` of this turn, of the row that local `pointer` points to. */
const address = (pointer: number, at: number): Code => [...get(pointer), ...get(at), ...ADD_I32];
const memoryArgument = (u: number): Code => [0, ...unsigned(u * VECTOR_BYTES)];
const load = (pointer: number, at: number, u: number): Code => [
  ...address(pointer, at),
  ...simd(0),
  ...memoryArgument(u),
];
const store = (pointer: number, at: number, u: number, value: Code): Code => [
  ...address(pointer, at),
  ...value,
  ...simd(0x0b),
  ...memoryArgument(u),
];

/** `body(u)` for each vector of a row of local `bytes`; `at` is the loop's local. */
function overRow(bytes: number, at: number, body: (u: number) => Code): Code {
  const turn = Array.from({ length: UNROLLED }, (_, u) => body(u)).flat();
  return [
    ...[0x03, 0x40],
    ...turn,
    ...[...get(at), ...i32(UNROLLED * VECTOR_BYTES), ...ADD_I32, 0x22, at],
    ...[...get(bytes), 0x49, 0x0d, 0, 0x0b],
  ];
}

/** Local `to` becomes four times the float in local `from`. */
const splatted = (from: number, to: number): Code => [...get(from), ...splat, ...set(to)];

interface Loop {
  readonly name: string;
  readonly parameters: Code;
  readonly result: Code;
  /** Types of the locals behind the parameters. */
  readonly locals: Code;
  readonly body: Code;
}

function combineLoop(): Loop {
  const [dst, bytes, at] = [0, 1, 10];
  const [pointers, factors, vectors] = [
    [2, 4, 6, 8],
    [3, 5, 7, 9],
    [11, 12, 13, 14],
  ];
  const term = (i: number, u: number): Code => [
    ...load(pointers?.[i] as number, at, u),
    ...get(vectors?.[i] as number),
    ...mul,
  ];
  const sum = (u: number): Code => [
    ...load(dst, at, u),
    ...[...term(0, u), ...term(1, u), ...add],
    ...[...term(2, u), ...term(3, u), ...add],
    ...add,
    ...add,
  ];
  const prepare = [0, 1, 2, 3].flatMap((i) => splatted(factors?.[i] as number, vectors?.[i] as number));
  return {
    name: "combine",
    parameters: [I32, I32, I32, F32, I32, F32, I32, F32, I32, F32],
    result: [],
    locals: [I32, V128, V128, V128, V128],
    body: [...prepare, ...overRow(bytes, at, (u) => store(dst, at, u, sum(u)))],
  };
}

function dotLoop(): Loop {
  const [a, b, bytes, at, first] = [0, 1, 2, 3, 4];
  const lane = (u: number): Code => [
    ...get(first + u),
    ...load(a, at, u),
    ...load(b, at, u),
    ...mul,
    ...add,
    ...set(first + u),
  ];
  const total = [
    ...[...get(first), ...get(first + 1), ...add],
    ...[...get(first + 2), ...get(first + 3), ...add],
    ...[...add, ...set(first)],
  ];
  const lanes = [0, 1, 2, 3].flatMap((each) => [...get(first), ...simd(0x1f), each]);
  const ADD_F32 = 0x92;
  return {
    name: "dot",
    parameters: [I32, I32, I32],
    result: [F32],
    locals: [I32, V128, V128, V128, V128],
    body: [...overRow(bytes, at, lane), ...total, ...lanes, ADD_F32, ADD_F32, ADD_F32],
  };
}

function scaleLoop(): Loop {
  const [dst, bytes, factor, at, vector] = [0, 1, 2, 3, 4];
  const scaled = (u: number): Code => [...load(dst, at, u), ...get(vector), ...mul];
  return {
    name: "scale",
    parameters: [I32, I32, F32],
    result: [],
    locals: [I32, V128],
    body: [...splatted(factor, vector), ...overRow(bytes, at, (u) => store(dst, at, u, scaled(u)))],
  };
}

function adamLoop(): Loop {
  const [p, g, v, bytes, at] = [0, 1, 2, 3, 9];
  const [keep, fresh, rate, correction, eps, gradient, moment] = [10, 11, 12, 13, 14, 15, 16];
  const turn = (u: number): Code => [
    ...[...load(g, at, u), ...set(gradient)],
    ...[...load(v, at, u), ...get(keep), ...mul],
    ...[...get(gradient), ...get(gradient), ...mul, ...get(fresh), ...mul],
    ...[...add, ...set(moment)],
    ...store(v, at, u, get(moment)),
    ...store(p, at, u, [
      ...load(p, at, u),
      ...[...get(gradient), ...get(rate), ...mul],
      ...[...get(moment), ...sqrt, ...get(correction), ...mul, ...get(eps), ...add],
      ...div,
      ...sub,
    ]),
  ];
  return {
    name: "adam",
    parameters: [I32, I32, I32, I32, F32, F32, F32, F32, F32],
    result: [],
    locals: [I32, V128, V128, V128, V128, V128, V128, V128],
    body: [...[0, 1, 2, 3, 4].flatMap((i) => splatted(4 + i, keep + i)), ...overRow(bytes, at, turn)],
  };
}

/** The binary module: types, the imported memory, functions, exports, code (WebAssembly core specification, 5.5). */
function moduleBytes(): number[] {
  const loops = [combineLoop(), dotLoop(), scaleLoop(), adamLoop()];
  const types = loops.map(({ parameters, result }) => [0x60, ...vector(parameters), ...vector(result)]);
  // 65,536 pages are all that 32-bit addresses reach; the memory handed in may be smaller.
  const memory = [...name(""), ...name("memory"), 0x02, 0x01, ...unsigned(0), ...unsigned(PAGE)];
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(2, list([memory])),
    ...section(3, list(loops.map((_, i) => [i]))),
    ...section(7, list(loops.map((loop, i) => [...name(loop.name), 0x00, i]))),
    ...section(10, list(loops.map(codeOf))),
  ];
}

function codeOf({ locals, body }: Loop): Code {
  const code = [...list(locals.map((type) => [1, type])), ...body, 0x0b];
  return vector(code);
}

const section = (id: number, contents: Code): Code => [id, ...vector(contents)];
const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const vector = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const name = (text: string): Code => vector([...Buffer.from(text)]);

/** LEB128. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...unsigned(Math.floor(value / 0x80))];
}

function signed(value: number): Code {
  return value < 0x40 ? [value] : [(value % 0x80) + 0x80, ...signed(Math.floor(value / 0x80))];
}
