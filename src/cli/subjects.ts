/** Whoever is asked: one model or base and tuned, on this machine or behind endpoints, as speakers with identities. */
import type { Speaker } from "../endpoints/index.ts";
import { endpointIdentity, openAdapter, speakerOf } from "../jobs/index.ts";
import type { EndpointIdentity, ModelIdentity } from "../records/index.ts";
import type { AskingOptions, endpointOf } from "./endpoint-options.ts";
import { type Asked, withTuned } from "./models.ts";

export interface Subject {
  readonly speaker: Speaker;
  readonly identity: ModelIdentity | EndpointIdentity;
}

export interface Subjects {
  readonly base: Subject;
  readonly tuned: Subject | null;
  /** Further tuned models, one for each seed. */
  readonly others: readonly Subject[];
}

export interface Named {
  readonly reference: string | undefined;
  readonly adapter: string | undefined;
  readonly tuned: string | undefined;
  readonly endpoint: string | undefined;
  readonly model: string | undefined;
  readonly tunedEndpoint: string | undefined;
  readonly tunedModel: string | undefined;
  readonly asking: AskingOptions;
  /** Beyond the first ones. */
  readonly adapters?: readonly string[];
  readonly tunedModels?: readonly string[];
}

export async function withSubjects<T>(
  named: Named,
  open: typeof endpointOf,
  use: (subjects: Subjects) => Promise<T>,
): Promise<T> {
  const { reference, adapter, tuned, endpoint, adapters = [] } = named;
  if (reference === undefined) return use(await behindEndpoints(named, endpoint ?? "", open));
  const given = {
    model: reference,
    ...(adapter === undefined ? {} : { adapter }),
    ...(tuned === undefined ? {} : { tuned }),
  };
  return withTuned(given, async (base, other) => {
    const others: Subject[] = [];
    // Adapters of the first one's rank share its graphs; the engine is the same for all.
    for (const folder of adapters) others.push(await here(await openAdapter(base.opened, base.model.engine, folder)));
    return use({ base: await here(base), tuned: other && (await here(other)), others });
  });
}

async function here({ opened, model, identity }: Asked): Promise<Subject> {
  return { speaker: await speakerOf(opened, model, identity), identity };
}

async function behindEndpoints(named: Named, url: string, open: typeof endpointOf): Promise<Subjects> {
  const { model, tunedEndpoint = url, tunedModel, asking } = named;
  const base = await open("--endpoint", url, model, asking);
  const speaker =
    tunedModel === undefined && named.tunedEndpoint === undefined
      ? null
      : await open("--tuned-endpoint", tunedEndpoint, tunedModel ?? model, asking);
  const others: Subject[] = [];
  for (const name of named.tunedModels ?? []) {
    const other = await open("--tuned-endpoint", tunedEndpoint, name, asking);
    others.push({ speaker: other, identity: endpointIdentity(other) });
  }
  return {
    others,
    base: { speaker: base, identity: endpointIdentity(base) },
    tuned: speaker && { speaker, identity: endpointIdentity(speaker) },
  };
}
