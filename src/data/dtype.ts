/** Element types of the safetensors format, by their names in the file. */
export type SafetensorsDtype =
  | "BOOL"
  | "U8"
  | "I8"
  | "F8_E5M2"
  | "F8_E4M3"
  | "I16"
  | "U16"
  | "F16"
  | "BF16"
  | "I32"
  | "U32"
  | "F32"
  | "F64"
  | "I64"
  | "U64";

/** The element types that hold real numbers and that this package converts. */
export type FloatDtype = "F16" | "BF16" | "F32" | "F64";

/** Bytes of one element. The order of the keys is the order in which files are sorted, smallest first. */
export const dtypeBytes: Readonly<Record<SafetensorsDtype, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
};

export function isFloatDtype(dtype: string): dtype is FloatDtype {
  return dtype === "F16" || dtype === "BF16" || dtype === "F32" || dtype === "F64";
}

const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);

/** The 16 bits of the half-precision number nearest to `value`, ties to even; beyond 65519 infinity (IEEE 754). */
export function toHalf(value: number): number {
  scratchFloat[0] = value;
  const bits = scratchBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | subnormalHalf(magnitude);
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** Below 2^-14 a half counts in steps of 2^-24; adding 0.5 makes float32 round to such steps, ties to even. */
function subnormalHalf(magnitude: number): number {
  scratchBits[0] = magnitude;
  scratchFloat[0] = (scratchFloat[0] ?? 0) + 0.5;
  return (scratchBits[0] ?? 0) - 0x3f000000;
}

/** The 16 bits of the bfloat16 number nearest to `value`, ties to even; NaN stays NaN. */
export function toBfloat16(value: number): number {
  scratchFloat[0] = value;
  const bits = scratchBits[0] ?? 0;
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

let halfTable: Float32Array | null = null;

/** Entry `i` is the half-precision number with the bits `i`. */
export function halfValues(): Float32Array {
  halfTable ??= Float32Array.from({ length: 0x10000 }, (_, bits) => {
    const exponent = (bits >>> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    const sign = bits & 0x8000 ? -1 : 1;
    if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
  return halfTable;
}

/** `bytes` (little-endian, any alignment) as float32; `F64` is rounded to nearest. */
export function bytesToFloats(bytes: Uint8Array, dtype: FloatDtype): Float32Array {
  const size = dtypeBytes[dtype];
  if (bytes.byteLength % size !== 0) throw new Error(`${bytes.byteLength} bytes are no whole number of ${dtype}`);
  const { buffer, byteOffset } = aligned(bytes, size);
  const count = bytes.byteLength / size;
  if (dtype === "F32") return new Float32Array(buffer, byteOffset, count);
  if (dtype === "F64") return Float32Array.from(new Float64Array(buffer, byteOffset, count));
  const words = new Uint16Array(buffer, byteOffset, count);
  const out = new Float32Array(count);
  if (dtype === "F16") {
    const table = halfValues();
    for (let i = 0; i < count; i++) out[i] = table[words[i] as number] as number;
    return out;
  }
  const bits = new Uint32Array(out.buffer);
  for (let i = 0; i < count; i++) bits[i] = (words[i] as number) << 16;
  return out;
}

function aligned(bytes: Uint8Array, size: number): { buffer: ArrayBufferLike; byteOffset: number } {
  if (bytes.byteOffset % size === 0) return { buffer: bytes.buffer, byteOffset: bytes.byteOffset };
  return { buffer: bytes.slice().buffer, byteOffset: 0 };
}

/** `data` as little-endian bytes of `dtype`, rounded to nearest, ties to even. `F32` is a view, not a copy. */
export function floatsToBytes(data: Float32Array, dtype: FloatDtype): Uint8Array {
  if (dtype === "F32") return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (dtype === "F64") return new Uint8Array(Float64Array.from(data).buffer);
  const convert = dtype === "F16" ? toHalf : toBfloat16;
  const out = new Uint16Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = convert(data[i] as number);
  return new Uint8Array(out.buffer);
}
