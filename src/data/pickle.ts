/**
 * A restricted reader of Python pickles (protocols 0 to 5, PEP 3154). It runs no code: an instruction outside the list is
 * refused, and a global is a name that is looked up in the caller's table of makers, or refused. Nothing is imported, and
 * what a maker gets are plain values. Lengths are checked against the bytes that are there before anything is made of them.
 */
import { UserError } from "../core/index.ts";

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>
  | PickleGlobal
  | PickleObject
  | object;

/** A class or function by its name; calling it is the table's business. */
export class PickleGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** An object of a class that the table calls inert: kept as its parts, never built. */
export class PickleObject {
  readonly type: string;
  readonly args: PickleValue;
  state: PickleValue = null;
  constructor(type: string, args: PickleValue) {
    this.type = type;
    this.args = args;
  }
}

export interface PickleRules {
  /** By `module.name`: what calling it makes. */
  readonly makers: Readonly<Record<string, (args: readonly PickleValue[]) => PickleValue>>;
  /** Globals that may stand as values (types of storages, for example). */
  readonly names: ReadonlySet<string>;
  /** What stands for a persistent id (PyTorch's storages). */
  readonly persistent: (id: PickleValue) => PickleValue;
  /** Classes outside the tables become `PickleObject`s instead of being refused. */
  readonly inert: boolean;
}

const MAX_BYTES = 2 ** 26;
const MAX_STEPS = 4_000_000;

const MARK = Symbol("mark");
type Slot = PickleValue | typeof MARK;

export function readPickle(bytes: Uint8Array, subject: string, rules: PickleRules): PickleValue {
  if (bytes.length > MAX_BYTES) throw refused(subject, "a pickle of at most 64 MiB", `${bytes.length} bytes`);
  return new Machine(bytes, subject, rules).run();
}

function refused(subject: string, expected: string, got: string): UserError {
  return new UserError(subject, { expected, got, fix: "save plain tensors (a state dict) or use safetensors" });
}

class Machine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #subject: string;
  readonly #rules: PickleRules;
  readonly #stack: Slot[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at = 0;

  constructor(bytes: Uint8Array, subject: string, rules: PickleRules) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#subject = subject;
    this.#rules = rules;
  }

  run(): PickleValue {
    for (let step = 0; step < MAX_STEPS; step++) {
      const op = this.#byte();
      if (op === 0x2e) return this.#pop();
      const act = instructions[op];
      if (!act) throw this.#fault("a known instruction", `0x${op.toString(16)} at ${this.#at - 1}`);
      act(this.#tools);
    }
    throw this.#fault(`at most ${MAX_STEPS} instructions`, "more");
  }

  readonly #tools: Tools = {
    u1: () => this.#byte(),
    u2: () => this.#number(2, (at) => this.#view.getUint16(at, true)),
    u4: () => this.#number(4, (at) => this.#view.getUint32(at, true)),
    i4: () => this.#number(4, (at) => this.#view.getInt32(at, true)),
    u8: () => this.#number(8, (at) => Number(this.#view.getBigUint64(at, true))),
    f8: () => this.#number(8, (at) => this.#view.getFloat64(at, false)),
    raw: (length) => this.#raw(length),
    text: (length) => decoded(this.#raw(length)),
    line: () => this.#line(),
    push: (value) => this.#stack.push(value),
    pop: () => this.#pop(),
    peek: () => this.#peek(),
    mark: () => this.#stack.push(MARK),
    toMark: () => this.#toMark(),
    store: (index) => this.#memo.set(index ?? this.#memo.size, this.#peek()),
    load: (index) => {
      if (!this.#memo.has(index)) throw this.#fault("a remembered value", `none at ${index}`);
      this.#stack.push(this.#memo.get(index) as PickleValue);
    },
    global: (name) => this.#global(name),
    call: (target, args) => this.#call(target, args),
    persistent: (id) => this.#rules.persistent(id),
    fault: (expected, got) => this.#fault(expected, got),
  };

  #global(name: string): PickleGlobal {
    const { makers, names, inert } = this.#rules;
    if (!inert && !Object.hasOwn(makers, name) && !names.has(name))
      throw this.#fault("tensors and plain values only", `${name}: nothing of it was run`);
    return new PickleGlobal(name);
  }

  #call(target: PickleValue, args: PickleValue): PickleValue {
    const { makers, inert } = this.#rules;
    if (!(target instanceof PickleGlobal)) throw this.#fault("a known maker", "a call of something else");
    if (Object.hasOwn(makers, target.name)) {
      if (!Array.isArray(args)) throw this.#fault("arguments as a tuple", typeof args);
      return (makers[target.name] as (args: readonly PickleValue[]) => PickleValue)(args);
    }
    if (!inert) throw this.#fault("tensors and plain values only", `a call of ${target.name}: it was not run`);
    return new PickleObject(target.name, args);
  }

  #byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw this.#fault("an end mark", "the end of the data");
    this.#at++;
    return value;
  }

  #number(bytes: number, read: (at: number) => number): number {
    if (this.#at + bytes > this.#bytes.length) throw this.#fault("more data", "its end");
    this.#at += bytes;
    return read(this.#at - bytes);
  }

  #raw(length: number): Uint8Array {
    if (!(length >= 0) || this.#at + length > this.#bytes.length) throw this.#fault(`${length} more bytes`, "fewer");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#fault("a line", "its end missing");
    const text = decoded(this.#raw(end - this.#at));
    this.#at++;
    return text;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#fault("a value on the stack", "none");
    return value as PickleValue;
  }

  #peek(): PickleValue {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  #toMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw this.#fault("a mark on the stack", "none");
    return this.#stack.splice(at).slice(1) as PickleValue[];
  }

  #fault(expected: string, got: string): UserError {
    return refused(this.#subject, expected, got);
  }
}

const decoded = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");

/** What an instruction may do. */
interface Tools {
  readonly u1: () => number;
  readonly u2: () => number;
  readonly u4: () => number;
  readonly i4: () => number;
  readonly u8: () => number;
  readonly f8: () => number;
  readonly raw: (length: number) => Uint8Array;
  readonly text: (length: number) => string;
  readonly line: () => string;
  readonly push: (value: PickleValue) => void;
  readonly pop: () => PickleValue;
  readonly peek: () => PickleValue;
  readonly mark: () => void;
  readonly toMark: () => PickleValue[];
  readonly store: (index?: number) => void;
  readonly load: (index: number) => void;
  readonly global: (name: string) => PickleGlobal;
  readonly call: (target: PickleValue, args: PickleValue) => PickleValue;
  readonly persistent: (id: PickleValue) => PickleValue;
  readonly fault: (expected: string, got: string) => UserError;
}

type Instruction = (tools: Tools) => void;

/** Little-endian two's complement of at most 8 bytes. */
function long(tools: Tools, length: number): number | bigint {
  if (length > 8) throw tools.fault("whole numbers of at most 8 bytes", `${length}`);
  const value = tools.raw(length).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  return narrow(BigInt.asIntN(8 * length, value));
}

const narrow = (value: bigint) => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

function whole(tools: Tools, text: string): number | bigint {
  if (!/^-?\d{1,20}L?$/.test(text)) throw tools.fault("a whole number", JSON.stringify(text.slice(0, 30)));
  return narrow(BigInt(text.replace("L", "")));
}

function setItems(tools: Tools, target: PickleValue, items: readonly PickleValue[]): void {
  if (!(target instanceof Map) || items.length % 2 !== 0) throw tools.fault("a dictionary to fill", "something else");
  for (let i = 0; i < items.length; i += 2) target.set(items[i] as PickleValue, items[i + 1] as PickleValue);
}

function append(tools: Tools, target: PickleValue, items: readonly PickleValue[]): void {
  if (!Array.isArray(target)) throw tools.fault("a list to fill", "something else");
  for (const item of items) target.push(item);
}

function tuple(tools: Tools, length: number): void {
  const items = Array.from({ length }, tools.pop).reverse();
  tools.push(items);
}

/** State goes to inert objects only; a dictionary (an OrderedDict's attributes) is left as it is. */
function build(tools: Tools): void {
  const state = tools.pop();
  const target = tools.peek();
  if (target instanceof PickleObject) target.state = state;
  else if (!(target instanceof Map)) throw tools.fault("no state to set", "some");
}

function integer(tools: Tools): void {
  const text = tools.line();
  tools.push(text === "01" ? true : text === "00" ? false : whole(tools, text));
}

/** By opcode, as in pickletools. INST, OBJ, extension codes and out-of-band buffers are missing on purpose. */
const instructions: Readonly<Record<number, Instruction>> = {
  40: (t) => t.mark(), // MARK
  48: (t) => void t.pop(), // POP
  49: (t) => void t.toMark(), // POP_MARK
  50: (t) => t.push(t.peek()), // DUP
  70: (t) => t.push(Number(t.line())), // FLOAT
  73: integer, // INT
  74: (t) => t.push(t.i4()), // BININT
  75: (t) => t.push(t.u1()), // BININT1
  76: (t) => t.push(whole(t, t.line())), // LONG
  77: (t) => t.push(t.u2()), // BININT2
  78: (t) => t.push(null), // NONE
  81: (t) => t.push(t.persistent(t.pop())), // BINPERSID
  82: (t) => {
    const args = t.pop();
    t.push(t.call(t.pop(), args));
  }, // REDUCE
  84: (t) => t.push(new Uint8Array(t.raw(t.u4()))), // BINSTRING
  85: (t) => t.push(new Uint8Array(t.raw(t.u1()))), // SHORT_BINSTRING
  86: (t) => t.push(t.line()), // UNICODE
  88: (t) => t.push(t.text(t.u4())), // BINUNICODE
  97: (t) => {
    const item = t.pop();
    append(t, t.peek(), [item]);
  }, // APPEND
  98: build, // BUILD
  99: (t) => t.push(t.global(`${t.line()}.${t.line()}`)), // GLOBAL
  100: (t) => {
    const items = t.toMark();
    const made = new Map<PickleValue, PickleValue>();
    setItems(t, made, items);
    t.push(made);
  }, // DICT
  125: (t) => t.push(new Map()), // EMPTY_DICT
  101: (t) => {
    const items = t.toMark();
    append(t, t.peek(), items);
  }, // APPENDS
  103: (t) => t.load(Number(t.line())), // GET
  104: (t) => t.load(t.u1()), // BINGET
  106: (t) => t.load(t.u4()), // LONG_BINGET
  108: (t) => t.push(t.toMark()), // LIST
  93: (t) => t.push([]), // EMPTY_LIST
  112: (t) => t.store(Number(t.line())), // PUT
  113: (t) => t.store(t.u1()), // BINPUT
  114: (t) => t.store(t.u4()), // LONG_BINPUT
  115: (t) => {
    const value = t.pop();
    const key = t.pop();
    setItems(t, t.peek(), [key, value]);
  }, // SETITEM
  116: (t) => t.push(t.toMark()), // TUPLE
  41: (t) => t.push([]), // EMPTY_TUPLE
  117: (t) => {
    const items = t.toMark();
    setItems(t, t.peek(), items);
  }, // SETITEMS
  71: (t) => t.push(t.f8()), // BINFLOAT
  66: (t) => t.push(new Uint8Array(t.raw(t.u4()))), // BINBYTES
  67: (t) => t.push(new Uint8Array(t.raw(t.u1()))), // SHORT_BINBYTES
  128: (t) => {
    if (t.u1() > 5) throw t.fault("protocol 5 or older", "a newer one");
  }, // PROTO
  129: (t) => {
    const args = t.pop();
    t.push(t.call(t.pop(), args));
  }, // NEWOBJ
  133: (t) => tuple(t, 1), // TUPLE1
  134: (t) => tuple(t, 2), // TUPLE2
  135: (t) => tuple(t, 3), // TUPLE3
  136: (t) => t.push(true), // NEWTRUE
  137: (t) => t.push(false), // NEWFALSE
  138: (t) => t.push(long(t, t.u1())), // LONG1
  139: (t) => t.push(long(t, t.u4())), // LONG4
  140: (t) => t.push(t.text(t.u1())), // SHORT_BINUNICODE
  141: (t) => t.push(t.text(t.u8())), // BINUNICODE8
  142: (t) => t.push(new Uint8Array(t.raw(t.u8()))), // BINBYTES8
  143: (t) => t.push(new Set()), // EMPTY_SET
  144: (t) => {
    const items = t.toMark();
    const target = t.peek();
    if (!(target instanceof Set)) throw t.fault("a set to fill", "something else");
    for (const item of items) target.add(item);
  }, // ADDITEMS
  147: (t) => {
    const name = t.pop();
    t.push(t.global(`${String(t.pop())}.${String(name)}`));
  }, // STACK_GLOBAL
  148: (t) => t.store(), // MEMOIZE
  149: (t) => void t.u8(), // FRAME
};
