/** Who can reach a server and its data: the command line of this machine at any address, and nobody else the folder. */
import { chmodSync, mkdirSync, statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Service, startService } from "../../test/service.ts";
import { openGround } from "./ground.ts";
import { withKeys } from "./index.ts";

/** Linux alone answers at all of 127.0.0.0/8. */
const ELSEWHERE = "127.0.0.2";
const hasIPv6 = Object.values(networkInterfaces()).some((found) => found?.some(({ address }) => address === "::1"));
const everywhere = ["0.0.0.0", ...(hasIPv6 ? ["::"] : [])];
const windows = process.platform === "win32";

let service: Service;
beforeAll(async () => {
  service = await startService({ workers: 0, host: process.platform === "linux" ? ELSEWHERE : "127.0.0.1" });
}, 120_000);
afterAll(() => service?.close());

describe("a server", () => {
  it.runIf(process.platform === "linux")(
    "at an address of its own is asked there for keys, and for their end",
    async () => {
      expect(new URL(service.address).hostname).toBe(ELSEWHERE);
      const models = (key: string) =>
        fetch(`${service.address}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
      const secret = await service.key("alpha");
      expect((await models(secret)).status).toBe(200);
      await withKeys(service.settings, async (book) => {
        for (const { id } of await book.list()) await book.revoke(id);
      });
      expect((await models(secret)).status).toBe(401);
    },
  );

  it.each(everywhere)("at every address (%s) is asked on loopback", async (host) => {
    const other = await startService({ workers: 0, host });
    try {
      expect(await other.key("alpha")).toMatch(/^sk-penumbra-/);
    } finally {
      await other.close();
    }
  });
});

describe.skipIf(windows)("a data folder", () => {
  it("that was there and open is closed to others", async () => {
    chmodSync(service.folder, 0o755);
    await service.restart();
    expect(statSync(service.folder).mode & 0o077).toBe(0);
  });

  it("that everybody shares is left as it is, and refused with a place for one below it", async () => {
    const folder = join(service.folder, "shared");
    mkdirSync(folder);
    chmodSync(folder, 0o1777);
    await expect(openGround({ folder, databaseUrl: null })).rejects.toThrow(
      /everybody shares; fix: .*shared\/penumbra-data/,
    );
    expect(statSync(folder).mode & 0o7777).toBe(0o1777);
  });
});
