/**
 * What `torch.save` wrote, without PyTorch and without running anything: a ZIP with a pickle (`data.pkl`) and one member
 * per storage (`data/0`, …). Tensors come back as views of the file.
 */
import { basename } from "node:path";
import { must, UserError } from "../core/index.ts";
import { dtypeBytes, type SafetensorsDtype } from "./dtype.ts";
import { PickleGlobal, type PickleRules, type PickleValue, readPickle } from "./pickle.ts";
import type { TensorView } from "./tensor-view.ts";
import { openZip, readZipMember, type ZipFile, type ZipMember } from "./zip.ts";

/** A tensor within a pickle. */
export class TorchTensor {
  readonly view: TensorView;
  constructor(view: TensorView) {
    this.view = view;
  }
}

class Storage {
  readonly member: ZipMember;
  readonly dtype: SafetensorsDtype;
  constructor(member: ZipMember, dtype: SafetensorsDtype) {
    this.member = member;
    this.dtype = dtype;
  }
}

const storages: Readonly<Record<string, SafetensorsDtype>> = {
  "torch.FloatStorage": "F32",
  "torch.DoubleStorage": "F64",
  "torch.HalfStorage": "F16",
  "torch.BFloat16Storage": "BF16",
  "torch.LongStorage": "I64",
  "torch.IntStorage": "I32",
  "torch.ShortStorage": "I16",
  "torch.CharStorage": "I8",
  "torch.ByteStorage": "U8",
  "torch.BoolStorage": "BOOL",
};

const MAX_AXES = 8;

const fault = (file: string, expected: string, got: string) =>
  new UserError(`file ${basename(file)}`, {
    expected,
    got,
    fix: "save plain tensors (a state dict) or use safetensors",
  });

export interface TorchOptions {
  /** Objects of unknown classes are kept as their parts instead of being refused. Either way nothing is run. */
  readonly inert?: boolean;
}

/** The saved value. Lists and tuples are arrays, dictionaries are Maps, tensors are `TorchTensor`s. */
export async function readTorchFile(file: string, { inert = false }: TorchOptions = {}): Promise<PickleValue> {
  const zip = await openZip(file);
  const main = [...zip.members.keys()].find((name) => name === "data.pkl" || name.endsWith("/data.pkl"));
  if (main === undefined) throw fault(file, "a file of torch.save (a ZIP with data.pkl)", "another ZIP");
  const root = main.slice(0, -"data.pkl".length);
  await checkByteOrder(zip, root);
  const pickle = await readZipMember(zip, must(zip.members.get(main), main));
  return readPickle(pickle, `file ${basename(file)}`, rulesOf(zip, root, inert));
}

/** The tensors of a saved state dict by name; anything else in it is refused. */
export async function openTorchState(file: string): Promise<ReadonlyMap<string, TensorView>> {
  const saved = await readTorchFile(file);
  if (!(saved instanceof Map)) throw fault(file, "a state dict", "something else");
  const views = new Map<string, TensorView>();
  for (const [name, value] of saved) {
    if (typeof name !== "string" || !(value instanceof TorchTensor))
      throw fault(file, "tensors by name", String(name).slice(0, 60));
    views.set(name, { ...value.view, name });
  }
  return views;
}

async function checkByteOrder(zip: ZipFile, root: string): Promise<void> {
  const member = zip.members.get(`${root}byteorder`);
  if (!member) return;
  const order = Buffer.from(await readZipMember(zip, member)).toString("latin1");
  if (order.trim() !== "little") throw fault(zip.file, "little-endian numbers", order.slice(0, 20));
}

function rulesOf(zip: ZipFile, root: string, inert: boolean): PickleRules {
  const bad = (expected: string, got: string) => fault(zip.file, expected, got);
  return {
    inert,
    names: new Set(Object.keys(storages)),
    persistent: (id) => storageOf(zip, root, id),
    makers: {
      "collections.OrderedDict": () => new Map(),
      "torch._utils._rebuild_tensor_v2": ([storage, offset, shape, strides]) => {
        if (!(storage instanceof Storage)) throw bad("a tensor's storage", "something else");
        return tensorOf(zip, storage, wholes(bad, [offset]), wholes(bad, shape), wholes(bad, strides));
      },
      "torch._utils._rebuild_parameter": ([tensor]) => {
        if (!(tensor instanceof TorchTensor)) throw bad("a tensor", "something else");
        return tensor;
      },
    },
  };
}

type Bad = (expected: string, got: string) => UserError;

function wholes(bad: Bad, values: PickleValue | undefined): number[] {
  const sound = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(values) || values.length > MAX_AXES || !values.every(sound))
    throw bad("a tensor's sizes", "something else");
  return values as number[];
}

/** `("storage", type, key, device, count)` */
function storageOf({ file, members }: ZipFile, root: string, id: PickleValue): Storage {
  const [kind, type, key] = Array.isArray(id) ? id : [];
  const dtype = type instanceof PickleGlobal && Object.hasOwn(storages, type.name) ? storages[type.name] : undefined;
  const member = typeof key === "string" ? members.get(`${root}data/${key}`) : undefined;
  if (kind !== "storage" || dtype === undefined) throw fault(file, "a known storage", "something else");
  if (!member || member.compressed) throw fault(file, `the member data/${String(key).slice(0, 40)}`, "none");
  return new Storage(member, dtype);
}

function tensorOf(
  { file }: ZipFile,
  { member, dtype }: Storage,
  [start = 0]: readonly number[],
  shape: readonly number[],
  strides: readonly number[],
): TorchTensor {
  const size = dtypeBytes[dtype];
  const held = member.bytes / size;
  const count = shape.reduce((product, dim) => product * dim, 1);
  const last = start + shape.reduce((sum, dim, axis) => sum + (dim - 1) * (strides[axis] ?? 0), 0);
  // More elements than the storage holds would be one number shown many times: no weights, and room to make us allocate.
  if (shape.length !== strides.length || (count > 0 && !(last < held)) || count > Math.max(1, held))
    throw fault(file, `a tensor within its storage of ${held} elements`, `[${shape.join(", ")}]`);
  return new TorchTensor({
    name: member.name,
    source: file,
    offset: member.offset + start * size,
    dtype,
    shape,
    strides,
  });
}
