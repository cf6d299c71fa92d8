import { Option } from "commander";
import type { Register } from "../command.ts";
import { addDataOption, checkProject, type PlaceOptions, placeOf } from "../serving.ts";

interface CreateOptions extends PlaceOptions {
  readonly project: string;
  readonly name: string;
  readonly role: "member" | "reviewer";
}

export const registerKeys: Register = (program, act) => {
  const keys = program.command("keys").description("API keys of the service: each belongs to one project");
  const create = keys
    .command("create")
    .description("makes a key and prints it, this once")
    .option("--project <name>", "projects see nothing of each other", "default")
    .option("--name <text>", "what the key is for", "key")
    .addOption(
      new Option("--role <role>", "reviewers may release held models and read the audit log")
        .choices(["member", "reviewer"])
        .default("member"),
    );
  addDataOption(create).action(
    act<[CreateOptions]>(async (session, { project, name, role, ...place }) => {
      const { withKeys } = await import("../../server/index.ts");
      checkProject(project);
      const { key, secret } = await withKeys(placeOf(place), (book) => book.create({ project, name, role }));
      session.print(secret);
      session.document({ id: key.id, project, name, role, key: secret });
    }),
  );
  addDataOption(keys.command("list").description("all keys, without their secrets")).action(
    act<[PlaceOptions]>(async (session, place) => {
      const { withKeys } = await import("../../server/index.ts");
      const { columns, safe } = await import("../tables.ts");
      const found = await withKeys(placeOf(place), (book) => book.list());
      const day = (date: Date | null) => date?.toISOString().slice(0, 10) ?? "never";
      const rows = found.map((key) => {
        const state = key.revoked_at ? `revoked ${day(key.revoked_at)}` : `used ${day(key.last_used_at)}`;
        const project = `${safe(key.project)} (${key.project_id})`;
        return [key.id, project, safe(key.name), key.role, key.hint, `made ${day(key.created_at)}`, state];
      });
      for (const line of columns(rows, [])) session.print(line);
      session.document({ keys: found });
    }),
  );
  const revoke = keys.command("revoke").description("ends a key at once").argument("<id>", "key-…");
  addDataOption(revoke).action(
    act<[string, PlaceOptions]>(async (session, id, place) => {
      const { withKeys } = await import("../../server/index.ts");
      await withKeys(placeOf(place), (book) => book.revoke(id));
      session.print(`Revoked ${id}.`);
      session.document({ id, revoked: true });
    }),
  );
};
