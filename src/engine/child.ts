/**
 * The engine's own process. A crash, a kill or a cancel here costs the step and nothing else; a worker thread would
 * take the whole program with it when ended during a run.
 */
import { must } from "../core/index.ts";
import { Autoencoders } from "./autoencoder.ts";
import { usualDevice } from "./device.ts";
import { generate } from "./generate.ts";
import type { Program } from "./program.ts";
import type { Envelope, Reply, Request } from "./protocol.ts";
import { Runtime } from "./runtime.ts";

const runtime = new Runtime({ threads: Number(process.argv[2] ?? 1), device: usualDevice(process.argv[3]) });
const autoencoders = new Autoencoders(runtime);
const programs = new Map<string, Program>();
let queue: Promise<void> = Promise.resolve();
const cancelled = new Set<number>();

const programOf = (key: string) => must(programs.get(key), `program ${key}`);

async function answer({ id, request }: Envelope): Promise<unknown> {
  const handlers: { [K in Request["kind"]]: (message: Extract<Request, { kind: K }>) => unknown } = {
    program: ({ program }) => void programs.set(program.key, program),
    run: ({ run }) => runtime.run({ ...run, program: programOf(run.program) }),
    generate: ({ generate: message }) =>
      generate(
        runtime,
        { ...message, prefill: programOf(message.prefill), decode: programOf(message.decode) },
        () => cancelled.has(id),
        (tokens) => process.send?.({ id, tokens } satisfies Reply),
      ),
    autoencoder: ({ autoencoder }) =>
      autoencoders.act(
        autoencoder.act === "step" ? { ...autoencoder, program: programOf(autoencoder.program) } : autoencoder,
      ),
    write: ({ name, data }) => runtime.write(name, data),
    read: ({ name }) => runtime.read(name),
    free: ({ name }) => runtime.free(name),
  };
  const handler = handlers[request.kind] as (message: Request) => unknown;
  return handler(request);
}

async function serve(envelope: Envelope): Promise<void> {
  // Nobody waits for what was cancelled before its turn.
  if (cancelled.delete(envelope.id)) return;
  const reply = await answer(envelope).then(
    (value): Reply => ({ id: envelope.id, ok: true, value, rssBytes: process.memoryUsage().rss }),
    (error: unknown): Reply => ({
      id: envelope.id,
      ok: false,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  cancelled.delete(envelope.id);
  // Where the program is gone there is nobody left to tell.
  process.send?.(reply, (error: Error | null) => {
    if (error) process.exit(0);
  });
}

process.on("message", (message: Envelope | { cancel: number }) => {
  if ("cancel" in message) cancelled.add(message.cancel);
  else queue = queue.then(() => serve(message));
});
process.on("disconnect", () => process.exit(0));
// The parent decides what an interrupt means; it reaches the whole process group.
process.on("SIGINT", () => undefined);
