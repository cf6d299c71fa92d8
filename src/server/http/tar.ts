/** Folders as tar archives (POSIX.1-1988 ustar), streamed file by file. */
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const BLOCK = 512;
/** The largest size that eleven octal digits hold. */
const LARGEST = 8 ** 11 - 1;

/** The files of `folder` under the name `as`; entries in the order of their names, times left out. */
export async function* tarOf(folder: string, as: string): AsyncGenerator<Uint8Array> {
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const { size } = await stat(path);
    yield header(`${as}/${name}`, size);
    yield* createReadStream(path) as AsyncIterable<Buffer>;
    yield new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
  }
  yield new Uint8Array(2 * BLOCK);
}

/** Bytes of the archive that `tarOf` makes. */
export async function tarSize(folder: string): Promise<number> {
  let total = 2 * BLOCK;
  for (const name of await readdir(folder)) {
    const { size } = await stat(join(folder, name));
    total += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return total;
}

export function header(name: string, size: number): Uint8Array {
  if (Buffer.byteLength(name) > 100) throw new Error(`name too long for a tar archive: ${name}`);
  if (size > LARGEST) throw new Error(`file too large for a tar archive: ${name}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, "0")}\0`;
  block.write(name, 0);
  block.write(octal(0o644, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  // The sum is taken with blanks where it will stand.
  block.write("        ", 148);
  block.write("0", 156);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
