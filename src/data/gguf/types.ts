/** The tensor types of ggml that can be read, by their number in the file: name, weights and bytes of one block. */
export const readableTypes = {
  0: { name: "F32", weights: 1, bytes: 4 },
  1: { name: "F16", weights: 1, bytes: 2 },
  2: { name: "Q4_0", weights: 32, bytes: 18 },
  3: { name: "Q4_1", weights: 32, bytes: 20 },
  6: { name: "Q5_0", weights: 32, bytes: 22 },
  7: { name: "Q5_1", weights: 32, bytes: 24 },
  8: { name: "Q8_0", weights: 32, bytes: 34 },
  10: { name: "Q2_K", weights: 256, bytes: 84 },
  11: { name: "Q3_K", weights: 256, bytes: 110 },
  12: { name: "Q4_K", weights: 256, bytes: 144 },
  13: { name: "Q5_K", weights: 256, bytes: 176 },
  14: { name: "Q6_K", weights: 256, bytes: 210 },
  30: { name: "BF16", weights: 1, bytes: 2 },
} as const;

export type GgmlTypeName = (typeof readableTypes)[keyof typeof readableTypes]["name"];

/** One type's block: `bytes` bytes hold `weights` weights of one row. */
export interface GgmlType {
  readonly name: GgmlTypeName;
  readonly weights: number;
  readonly bytes: number;
}

/** Types that exist and cannot be read, for error messages. */
const otherNames: Readonly<Record<number, string>> = {
  9: "Q8_1",
  15: "Q8_K",
  16: "IQ2_XXS",
  17: "IQ2_XS",
  18: "IQ3_XXS",
  19: "IQ1_S",
  20: "IQ4_NL",
  21: "IQ3_S",
  22: "IQ2_S",
  23: "IQ4_XS",
  24: "I8",
  25: "I16",
  26: "I32",
  27: "I64",
  28: "F64",
  29: "IQ1_M",
  34: "TQ1_0",
  35: "TQ2_0",
  39: "MXFP4",
};

/** The block layout of type number `type`, or null where it cannot be read. */
export function ggmlType(type: number): GgmlType | null {
  return Object.hasOwn(readableTypes, type) ? readableTypes[type as keyof typeof readableTypes] : null;
}

/** What people call type number `type`. */
export function ggmlTypeName(type: number): string {
  return ggmlType(type)?.name ?? otherNames[type] ?? `number ${type}`;
}
