import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { appendEvents, crc32c, type ScalarEvent } from "./event-file.ts";

const folder = mkdtempSync(join(tmpdir(), "events-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fixture: { events: ScalarEvent[]; hex: string } = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures/events.json"), "utf8"),
);

test("the bytes are TensorBoard's, written at once or one event after the other", async () => {
  const once = join(folder, "logs", "events.out.tfevents.1");
  await appendEvents(once, fixture.events, true);
  expect(readFileSync(once).toString("hex")).toBe(fixture.hex);
  const slowly = join(folder, "events.out.tfevents.2");
  for (const [i, event] of fixture.events.entries()) await appendEvents(slowly, [event], i === 0);
  expect(readFileSync(slowly).toString("hex")).toBe(fixture.hex);
});

test("CRC-32C of the standard's check value", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(0))).toBe(0);
});
