import fc from "fast-check";
import { expect, it } from "vitest";
import { Links } from "./links.ts";

it("opens what it was made for, until its time is over, and no other process's link", () => {
  let now = 0;
  const links = new Links(() => now);
  const { path, expiresAt } = links.make("proj-a", "ftjob-b");
  const token = path.split("/").at(-1) ?? "";
  expect(links.read(token)).toEqual({ projectId: "proj-a", jobId: "ftjob-b" });
  expect(new Links(() => now).read(token)).toBeNull();
  now = expiresAt.getTime() - 1;
  expect(links.read(token)).not.toBeNull();
  now++;
  expect(links.read(token)).toBeNull();
});

it("opens nothing that was changed or invented", () => {
  const links = new Links(() => 0);
  const token = links.make("proj-a", "ftjob-b").path.split("/").at(-1) ?? "";
  fc.assert(fc.property(fc.string(), (text) => links.read(text) === null));
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom("0", "1", "a", "."), (at, letter) => {
      const changed = token.slice(0, at) + letter + token.slice(at + 1);
      return changed === token || links.read(changed) === null;
    }),
  );
});
