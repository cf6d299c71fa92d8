/** Opening a dictionary of 34 GB and one of its latents reads kilobytes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { must } from "../../core/index.ts";
import { readLatent } from "../coders/load.ts";
import { openCoders } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-lazy-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [D, LATENTS] = [4096, 2 ** 20];
const LATENT = 777_777;

/** A sparse file in Gemma Scope 2's layout: its header, the numbers of one latent, and holes. */
async function hugeFolder(): Promise<void> {
  const shapes = { w_dec: [LATENTS, D], w_enc: [D, LATENTS], b_dec: [D], b_enc: [LATENTS], threshold: [LATENTS] };
  const header: Record<string, unknown> = {};
  const starts: Record<string, number> = {};
  let at = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const bytes = 4 * shape.reduce((product, dim) => product * dim, 1);
    header[name] = { dtype: "F32", shape, data_offsets: [at, at + bytes] };
    starts[name] = at;
    at += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const head = Buffer.alloc(8 + json.length);
  head.writeBigUInt64LE(BigInt(json.length));
  json.copy(head, 8);
  const file = await open(join(folder, "params.safetensors"), "w");
  await file.truncate(head.length + at);
  await file.write(head, 0, head.length, 0);
  const put = async (name: string, index: number, values: readonly number[]) => {
    const bytes = Buffer.from(Float32Array.from(values).buffer);
    await file.write(bytes, 0, bytes.length, head.length + must(starts[name], name) + 4 * index);
  };
  await put(
    "w_dec",
    LATENT * D,
    Array.from({ length: D }, (_, j) => j + 1),
  );
  for (let j = 0; j < D; j += 512) await put("w_enc", j * LATENTS + LATENT, [-j - 1]);
  await put("b_enc", LATENT, [0.25]);
  await file.close();
  const hook = "model.layers.3.output";
  const config = { architecture: "jump_relu", hf_hook_point_in: hook, hf_hook_point_out: hook, type: "sae" };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
}

/** Bytes that every file handle gives while `act` runs. */
async function bytesRead<T>(act: () => Promise<T>): Promise<{ bytes: number; result: T }> {
  const handle = await open(join(folder, "config.json"));
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const original = prototype.read;
  let bytes = 0;
  const spy = vi.spyOn(prototype, "read").mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
    const result = await (original as (...args: unknown[]) => Promise<{ bytesRead: number }>).apply(this, args);
    bytes += result.bytesRead;
    return result as never;
  });
  try {
    return { result: await act(), bytes };
  } finally {
    spy.mockRestore();
  }
}

describe("a dictionary of 34 GB", () => {
  test("gives one latent for kilobytes, wherever its numbers lie", async () => {
    await hugeFolder();
    const { bytes, result } = await bytesRead(async () => {
      const { coders } = await openCoders(folder);
      return readLatent(must(coders[0], "coder"), 0, LATENT);
    });
    expect(result.decoder).toEqual(Float32Array.from({ length: D }, (_, j) => j + 1));
    expect(result.encoder).toEqual(Float32Array.from({ length: D }, (_, j) => (j % 512 === 0 ? -j - 1 : 0)));
    expect(result.encoderBias).toBe(0.25);
    // A row of the encoder and one of the decoder, 16 KiB each, and the header.
    expect(bytes).toBeGreaterThan(8 * D);
    expect(bytes).toBeLessThan(40_000);
  });
});
