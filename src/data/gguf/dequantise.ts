import { bytesToFloats, type FloatDtype, halfValues, isFloatDtype } from "../dtype.ts";
import type { GgmlType, GgmlTypeName } from "./types.ts";

/**
 * Block formats of ggml (ggml-quants.c), each turned into float32. `d`, `m`, `dmin` are half-precision scales of a
 * block, `q` its small integers. In the `_K` types a block of 256 has sub-blocks of 16 or 32 with scales of their own.
 */

/** Reads the block at byte `at` of `bytes` and writes its weights from index `to` of `out`. */
type BlockReader = (bytes: Uint8Array, at: number, out: Float32Array, to: number) => void;

/** `bytes`: whole blocks of `type`; gives their weights in file order. */
export function dequantise(bytes: Uint8Array, type: GgmlType): Float32Array {
  const blocks = bytes.byteLength / type.bytes;
  if (!Number.isInteger(blocks)) throw new Error(`${bytes.byteLength} bytes are no whole blocks of ${type.name}`);
  if (isFloatDtype(type.name)) return bytesToFloats(bytes, type.name);
  const out = new Float32Array(blocks * type.weights);
  const read = readers[type.name];
  for (let block = 0; block < blocks; block++) read(bytes, block * type.bytes, out, block * type.weights);
  return out;
}

function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function i8(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 24) >> 24;
}

function half(bytes: Uint8Array, at: number): number {
  return halfValues()[u8(bytes, at) | (u8(bytes, at + 1) << 8)] as number;
}

const readers: Readonly<Record<Exclude<GgmlTypeName, FloatDtype>, BlockReader>> = {
  Q4_0: (bytes, at, out, to) => readNibbles(bytes, at + 2, out, to, { d: half(bytes, at), zero: 8, m: -0 }),
  Q4_1: (bytes, at, out, to) =>
    readNibbles(bytes, at + 4, out, to, { d: half(bytes, at), zero: 0, m: half(bytes, at + 2) }),
  Q5_0: (bytes, at, out, to) => readFiveBits(bytes, at + 2, out, to, { d: half(bytes, at), zero: 16, m: -0 }),
  Q5_1: (bytes, at, out, to) =>
    readFiveBits(bytes, at + 4, out, to, { d: half(bytes, at), zero: 0, m: half(bytes, at + 2) }),
  Q8_0: (bytes, at, out, to) => {
    const d = half(bytes, at);
    for (let i = 0; i < 32; i++) out[to + i] = d * i8(bytes, at + 2 + i);
  },
  Q2_K: readQ2K,
  Q3_K: readQ3K,
  Q4_K: readQ4K,
  Q5_K: readQ5K,
  Q6_K: readQ6K,
};

/** w = d·(q − zero) + m. Where a type has no m it is −0, which leaves even the sign of a zero as it is. */
interface Affine {
  readonly d: number;
  readonly zero: number;
  readonly m: number;
}

/** 16 bytes: low nibbles are weights 0 to 15, high nibbles 16 to 31. */
function readNibbles(bytes: Uint8Array, at: number, out: Float32Array, to: number, { d, zero, m }: Affine): void {
  for (let i = 0; i < 16; i++) {
    const q = u8(bytes, at + i);
    out[to + i] = d * ((q & 15) - zero) + m;
    out[to + i + 16] = d * ((q >> 4) - zero) + m;
  }
}

/** As nibbles, after 4 bytes whose bit i is the fifth bit of weight i. */
function readFiveBits(bytes: Uint8Array, at: number, out: Float32Array, to: number, { d, zero, m }: Affine): void {
  const fifth = u8(bytes, at) | (u8(bytes, at + 1) << 8) | (u8(bytes, at + 2) << 16) | (u8(bytes, at + 3) << 24);
  for (let i = 0; i < 16; i++) {
    const q = u8(bytes, at + 4 + i);
    out[to + i] = d * (((q & 15) | (((fifth >>> i) & 1) << 4)) - zero) + m;
    out[to + i + 16] = d * (((q >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) - zero) + m;
  }
}

/** scales[16] (low nibble scale, high nibble minimum), qs[64], d, dmin. */
function readQ2K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const [d, dmin] = [half(bytes, at + 80), half(bytes, at + 82)];
  for (let i = 0; i < 256; i++) {
    const { byte, shift } = twoBits(i);
    const scale = u8(bytes, at + (i >> 4));
    out[to + i] = d * (scale & 15) * ((u8(bytes, at + 16 + byte) >> shift) & 3) - dmin * (scale >> 4);
  }
}

/** Weight i of 256 in 64 bytes of two-bit integers: each half of the block has 32 bytes, each shift a group of 32. */
function twoBits(i: number): { byte: number; shift: number } {
  return { byte: ((i >> 7) << 5) | (i & 31), shift: ((i >> 5) & 3) * 2 };
}

/** hmask[32], qs[64], scales[12], d; the scales are 16 six-bit integers less 32. */
function readQ3K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at + 108);
  for (let i = 0; i < 256; i++) {
    const { byte, shift } = twoBits(i);
    const high = (u8(bytes, at + (i & 31)) >> (i >> 5)) & 1;
    const q = ((u8(bytes, at + 32 + byte) >> shift) & 3) - (high ? 0 : 4);
    out[to + i] = d * (sixBitScale(bytes, at + 96, i >> 4) - 32) * q;
  }
}

/** Scale j of 16: four low bits in the nibbles of the first 8 bytes, two high bits in the pairs of the last 4. */
function sixBitScale(bytes: Uint8Array, at: number, j: number): number {
  const low = (u8(bytes, at + (j & 7)) >> (j < 8 ? 0 : 4)) & 15;
  const high = (u8(bytes, at + 8 + (j & 3)) >> ((j >> 2) * 2)) & 3;
  return low | (high << 4);
}

/** Scale (`offset` 0) or minimum (`offset` 4) of sub-block j of 8 in the 12 bytes of Q4_K and Q5_K. */
function scaleOf(bytes: Uint8Array, at: number, j: number, offset: 0 | 4): number {
  if (j < 4) return u8(bytes, at + j + offset) & 63;
  const low = offset === 0 ? u8(bytes, at + j + 4) & 15 : u8(bytes, at + j + 4) >> 4;
  return low | ((u8(bytes, at + j - 4 + offset) >> 6) << 4);
}

/** d, dmin, scales[12], qs[128]: 32 bytes hold sub-blocks 2g (low nibbles) and 2g + 1 (high). */
function readQ4K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  for (let j = 0; j < 8; j++) {
    const scale = half(bytes, at) * scaleOf(bytes, at + 4, j, 0);
    const least = half(bytes, at + 2) * scaleOf(bytes, at + 4, j, 4);
    const from = at + 16 + (j >> 1) * 32;
    const shift = (j & 1) * 4;
    for (let i = 0; i < 32; i++) out[to + j * 32 + i] = scale * ((u8(bytes, from + i) >> shift) & 15) - least;
  }
}

/** As Q4_K with qh[32] before qs: bit j of qh[i] is the fifth bit of weight i of sub-block j. */
function readQ5K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  for (let j = 0; j < 8; j++) {
    const scale = half(bytes, at) * scaleOf(bytes, at + 4, j, 0);
    const least = half(bytes, at + 2) * scaleOf(bytes, at + 4, j, 4);
    const from = at + 48 + (j >> 1) * 32;
    const shift = (j & 1) * 4;
    for (let i = 0; i < 32; i++) {
      const q = ((u8(bytes, from + i) >> shift) & 15) | (((u8(bytes, at + 16 + i) >> j) & 1) << 4);
      out[to + j * 32 + i] = scale * q - least;
    }
  }
}

/** ql[128], qh[64], scales[16], d: each half of the block has 64 bytes of ql and 32 of qh; w = d·scale·(q − 32). */
function readQ6K(bytes: Uint8Array, at: number, out: Float32Array, to: number): void {
  const d = half(bytes, at + 208);
  for (let i = 0; i < 256; i++) {
    const [upper, group, lane] = [i >> 7, (i >> 5) & 3, i & 31];
    const low = (u8(bytes, at + upper * 64 + (group & 1) * 32 + lane) >> ((group >> 1) * 4)) & 15;
    const high = (u8(bytes, at + 128 + upper * 32 + lane) >> (group * 2)) & 3;
    out[to + i] = d * i8(bytes, at + 192 + (i >> 4)) * ((low | (high << 4)) - 32);
  }
}
