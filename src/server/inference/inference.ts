/** Models that answer: one engine, each base opened once, the adapters used last kept in it. One answer at a time. */
import { join } from "node:path";
import { must } from "../../core/index.ts";
import { type Engine, type LanguageModel, startEngine } from "../../engine/index.ts";
import { asLanguageModel, type OpenedModel, openModel } from "../../jobs/index.ts";
import { readPeft } from "../../training/index.ts";

/** Adapters that stay in the engine's memory. */
const KEPT_ADAPTERS = 16;

export interface Wanted {
  /** A name among the server's bases. */
  readonly base: string;
  /** A PEFT folder; null: the base itself. */
  readonly adapter: string | null;
}

export class Inference {
  readonly #bases: Readonly<Record<string, string>>;
  readonly #engine: Engine;
  readonly #opened = new Map<string, Promise<OpenedModel>>();
  /** By folder, the one used last at the end. */
  readonly #adapted = new Map<string, Promise<LanguageModel>>();
  readonly #plain = new Map<string, LanguageModel>();
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(bases: Readonly<Record<string, string>>, engine: Engine = startEngine()) {
    this.#bases = bases;
    this.#engine = engine;
  }

  /** Answers that wait or run. */
  get waiting(): number {
    return this.#waiting;
  }

  base(name: string): Promise<OpenedModel> {
    const known = this.#opened.get(name);
    if (known) return known;
    const opening = openModel(must(this.#bases[name], `base ${name}`));
    this.#opened.set(name, opening);
    opening.catch(() => this.#opened.delete(name));
    return opening;
  }

  /** Runs `use` when its turn has come; `signal` takes it out of the queue. */
  async withModel<T>(wanted: Wanted, signal: AbortSignal, use: (model: LanguageModel) => Promise<T>): Promise<T> {
    this.#waiting++;
    const before = this.#turn;
    let leave: () => void = () => undefined;
    this.#turn = new Promise<void>((resolve) => {
      leave = resolve;
    });
    try {
      await untilAborted(before, signal);
      return await use(await this.#model(wanted));
    } finally {
      this.#waiting--;
      // Who leaves the queue before its turn hands the turn on when it comes.
      void before.then(leave);
    }
  }

  /** Forgets the adapters below a run's folder, which is about to go. */
  async forget(folder: string): Promise<void> {
    for (const path of [...this.#adapted.keys()]) if (path.startsWith(join(folder, "/"))) await this.#drop(path);
  }

  close(): Promise<void> {
    return this.#engine.close();
  }

  async #model({ base, adapter }: Wanted): Promise<LanguageModel> {
    const opened = await this.base(base);
    if (adapter === null) return this.#baseModel(base, opened);
    const known = this.#adapted.get(adapter);
    const model = known ?? this.#adapt(opened, adapter);
    // Moves to the end.
    this.#adapted.delete(adapter);
    this.#adapted.set(adapter, model);
    model.catch(() => this.#adapted.delete(adapter));
    const [oldest] = this.#adapted.keys();
    if (this.#adapted.size > KEPT_ADAPTERS && oldest !== undefined) await this.#drop(oldest);
    return model;
  }

  #baseModel(name: string, opened: OpenedModel): LanguageModel {
    const model = this.#plain.get(name) ?? asLanguageModel(opened, this.#engine, null);
    this.#plain.set(name, model);
    return model;
  }

  async #adapt(opened: OpenedModel, folder: string): Promise<LanguageModel> {
    const adapter = await readPeft(folder, opened.source.definition);
    return asLanguageModel(opened, this.#engine, adapter).withAdapter(adapter);
  }

  async #drop(folder: string): Promise<void> {
    const model = await this.#adapted.get(folder)?.catch(() => null);
    this.#adapted.delete(folder);
    const feed = model?.binding.feeds.adapter;
    if (feed && "buffer" in feed) await this.#engine.free(feed.buffer);
  }
}

/** Waits for `work`, but throws as soon as the signal says so. */
async function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
