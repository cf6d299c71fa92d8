/**
 * TensorBoard's event files: a stream of TFRecords, each a protobuf `Event` (tensorflow/core/util/event.proto,
 * core/lib/io/record_writer). A record is
 *
 *   u64 length | u32 masked CRC-32C of the length | bytes | u32 masked CRC-32C of the bytes      (little-endian)
 *
 * Of the messages only what scalars need is written: Event { 1 wall_time: double, 2 step: int64, 3 file_version: string,
 * 5 summary }, Summary { 1 value }, Value { 1 tag: string, 2 simple_value: float }.
 */
import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { diskFault } from "./disk-fault.ts";

export interface ScalarEvent {
  readonly wallTimeMs: number;
  readonly step: number;
  /** By tag, for example `train/loss`. */
  readonly scalars: Readonly<Record<string, number>>;
}

/** Appends scalars to an event file; begins it with its version where it is new (`fresh`). */
export async function appendEvents(path: string, events: readonly ScalarEvent[], fresh: boolean): Promise<void> {
  const records = [...(fresh ? [record(versionEvent(events[0]?.wallTimeMs ?? 0))] : []), ...events.map(scalarRecord)];
  const bytes = Buffer.concat(records);
  try {
    await mkdir(dirname(path), { recursive: true });
    await appendFile(path, bytes);
  } catch (error) {
    throw diskFault(error, path, bytes.length);
  }
}

const scalarRecord = (event: ScalarEvent) => record(scalarEvent(event));

function record(data: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(data.length));
  return Buffer.concat([length, maskedCrc(length), data, maskedCrc(data)]);
}

function versionEvent(wallTimeMs: number): Buffer {
  return Buffer.concat([double(1, wallTimeMs / 1000), bytesField(3, Buffer.from("brain.Event:2"))]);
}

function scalarEvent({ wallTimeMs, step, scalars }: ScalarEvent): Buffer {
  const values = Object.entries(scalars).map(([tag, value]) =>
    bytesField(1, Buffer.concat([bytesField(1, Buffer.from(tag)), float(2, value)])),
  );
  const summary = bytesField(5, Buffer.concat(values));
  return Buffer.concat([double(1, wallTimeMs / 1000), key(2, 0), varint(step), summary]);
}

const key = (field: number, wireType: number) => varint((field << 3) | wireType);

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, 1), bytes]);
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, 5), bytes]);
}

function bytesField(field: number, data: Buffer): Buffer {
  return Buffer.concat([key(field, 2), varint(data.length), data]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** CRC-32C (Castagnoli), reflected polynomial 0x82f63b78. */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crcTable[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** Rotated and shifted, so that a checksum over data that holds checksums stays sound. */
function maskedCrc(data: Uint8Array): Buffer {
  const crc = crc32c(data);
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(masked);
  return bytes;
}
