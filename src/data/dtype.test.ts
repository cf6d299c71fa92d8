import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesToFloats, floatsToBytes, halfValues, toBfloat16, toHalf } from "./dtype.ts";

test("every half-precision number survives the way to float32 and back", () => {
  const kept = Array.from(halfValues(), (value, bits) => {
    const back = toHalf(value);
    return Number.isNaN(value) ? (back & 0x7c00) === 0x7c00 && (back & 0x3ff) !== 0 : back === bits;
  });
  expect(kept.indexOf(false)).toBe(-1);
});

test("halves round to nearest, ties to even", () => {
  const values = halfValues();
  const step = 2 ** -10;
  expect(toHalf(1 + step / 2)).toBe(0x3c00);
  expect(toHalf(1 + 1.5 * step)).toBe(0x3c02);
  expect(toHalf(65519)).toBe(0x7bff);
  expect(toHalf(65520)).toBe(0x7c00);
  expect(toHalf(2 ** -25)).toBe(0);
  expect(toHalf(1.5 * 2 ** -24)).toBe(2);
  expect(toHalf(-(2 ** -24))).toBe(0x8001);
  fc.assert(
    fc.property(fc.float({ min: -60000, max: 60000, noNaN: true }), (value) => {
      const bits = toHalf(value);
      const error = Math.abs((values[bits] as number) - value);
      for (const neighbour of [bits - 1, bits + 1]) {
        const other = values[neighbour & 0xffff] as number;
        if (Number.isFinite(other)) expect(error).toBeLessThanOrEqual(Math.abs(other - value));
      }
    }),
  );
});

test("bfloat16 rounds to nearest, ties to even, and keeps NaN", () => {
  expect(toBfloat16(1)).toBe(0x3f80);
  expect(toBfloat16(1 + 2 ** -8)).toBe(0x3f80);
  expect(toBfloat16(1 + 3 * 2 ** -8)).toBe(0x3f82);
  expect(toBfloat16(Number.NaN) & 0x7fff).toBeGreaterThan(0x7f80);
  expect(toBfloat16(3.4e38)).toBe(0x7f80);
});

test.each(["F32", "F64", "F16", "BF16"] as const)("%s: bytes of floats of bytes are the same bytes", (dtype) => {
  fc.assert(
    fc.property(fc.array(fc.float({ noNaN: true })), (values) => {
      const bytes = floatsToBytes(Float32Array.from(values), dtype);
      expect(floatsToBytes(bytesToFloats(bytes, dtype), dtype)).toEqual(bytes);
    }),
  );
});

test("bytes that begin at an odd address are read too", () => {
  const bytes = new Uint8Array([9, ...floatsToBytes(Float32Array.of(1.5, -2), "F32")]).subarray(1);
  expect(bytesToFloats(bytes, "F32")).toEqual(Float32Array.of(1.5, -2));
});
