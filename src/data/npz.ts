/** NumPy's .npz: a ZIP of .npy arrays (NEP 1). Arrays of Python objects, which are pickles, are refused. */
import { open } from "node:fs/promises";
import { elementCount, UserError } from "../core/index.ts";
import { dtypeBytes, type SafetensorsDtype } from "./dtype.ts";
import { rowMajor, type TensorView } from "./tensor-view.ts";
import { openZip, readZipMember, type ZipFile, type ZipMember } from "./zip.ts";

const MAX_HEADER_BYTES = 65_536;

const dtypes: Readonly<Record<string, SafetensorsDtype>> = {
  "<f2": "F16",
  "<f4": "F32",
  "<f8": "F64",
  "<i4": "I32",
  "<i8": "I64",
  "|u1": "U8",
  "|b1": "BOOL",
};

const fault = (file: string, name: string, expected: string, got: string) =>
  new UserError(`array ${JSON.stringify(name)} of ${file}`, {
    expected,
    got,
    fix: "save it with numpy.savez, as little-endian numbers",
  });

/** The arrays by name, without the ending .npy. Bytes of stored members stay in the file. */
export async function openNpz(file: string): Promise<ReadonlyMap<string, TensorView>> {
  const zip = await openZip(file);
  const views = new Map<string, TensorView>();
  for (const member of zip.members.values()) {
    const name = member.name.replace(/\.npy$/, "");
    if (name === member.name) throw fault(file, member.name, "an array (.npy)", "something else");
    views.set(name, await openMember(zip, member, name));
  }
  return views;
}

async function openMember(zip: ZipFile, member: ZipMember, name: string): Promise<TensorView> {
  const { file } = zip;
  const inflated = member.compressed ? await readZipMember(zip, member) : null;
  const start = inflated?.subarray(0, MAX_HEADER_BYTES + 12) ?? (await head(file, member));
  const { dtype, fortran, shape, dataAt } = parseNpyHeader(start, file, name);
  const bytes = elementCount(shape) * dtypeBytes[dtype];
  if (dataAt + bytes !== member.bytes)
    throw fault(file, name, `${dataAt + bytes} bytes for [${shape.join(", ")}]`, `${member.bytes}`);
  const strides = fortran ? rowMajor(shape.toReversed()).toReversed() : rowMajor(shape);
  const place = inflated ? { source: inflated, offset: dataAt } : { source: file, offset: member.offset + dataAt };
  return { name, dtype, shape, strides, ...place };
}

async function head(file: string, member: ZipMember): Promise<Uint8Array> {
  const handle = await open(file, "r");
  try {
    const bytes = new Uint8Array(Math.min(member.bytes, 1024));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, member.offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

const headerPattern =
  /^\{'descr': '([^']{1,16})', 'fortran_order': (True|False), 'shape': \((\d+(?:, ?\d+)*)?,?\), ?\}\s*$/;

/** Magic, version, length, and a Python dictionary in the one form that NumPy writes. */
export function parseNpyHeader(bytes: Uint8Array, file: string, name: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes.length >= 12 && view.getUint32(0) === 0x934e554d && view.getUint16(4) === 0x5059;
  if (!magic) throw fault(file, name, "NumPy's format", "other data");
  const long = (bytes[6] as number) >= 2;
  const start = long ? 12 : 10;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  if (start + length > bytes.length) throw fault(file, name, "a header of its length", `${length} bytes`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString("latin1");
  const [, descr = "", order = "", dims = ""] = headerPattern.exec(text) ?? [];
  if (order === "") throw fault(file, name, "NumPy's header", JSON.stringify(text.slice(0, 60)));
  if (!Object.hasOwn(dtypes, descr)) throw fault(file, name, `one of ${Object.keys(dtypes).join(" ")}`, descr);
  const shape = dims === "" ? [] : dims.split(",").map(Number);
  if (!Number.isSafeInteger(elementCount(shape))) throw fault(file, name, "a sound shape", dims);
  return { dtype: dtypes[descr] as SafetensorsDtype, fortran: order === "True", shape, dataAt: start + length };
}
