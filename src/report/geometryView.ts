import type { BehaviourResult, GeometryRecord, LatentCard, Mechanism } from "../records/index.ts";
import { shorten } from "./escape.ts";
import type { Limits, ReportInput } from "./input.ts";
import { html, type Markup } from "./markup.ts";

/** What the sections about geometry share: the results by behaviour, and which latents have a card on this page. */
export interface GeometryView {
  readonly geometry: GeometryRecord;
  readonly input: ReportInput;
  readonly limits: Limits;
  /** Latents with a card on the page, the most telling first. */
  readonly cards: readonly LatentCard[];
  readonly known: ReadonlyMap<number, LatentCard>;
  readonly linked: ReadonlySet<number>;
  readonly results: ReadonlyMap<string, BehaviourResult>;
}

export function geometryView(input: ReportInput, limits: Limits): GeometryView | null {
  const { geometry } = input;
  if (!geometry) return null;
  const known = new Map(geometry.latents.map((card) => [card.latent, card]));
  const cards = telling([...known.values()], geometry).slice(0, limits.latents);
  return {
    geometry,
    input,
    limits,
    cards,
    known,
    linked: new Set(cards.map((card) => card.latent)),
    results: new Map(input.audit.behaviours.map((b) => [b.id, b])),
  };
}

/** Latents of the chains first, then those whose activation changed most for its spread. */
function telling(cards: readonly LatentCard[], geometry: GeometryRecord): LatentCard[] {
  const chained = new Set(geometry.behaviours.flatMap((b) => b.chain.flatMap((link) => [link.from, link.to])));
  const rank = (card: LatentCard) => (chained.has(card.latent) ? 1 : 0);
  return [...cards].sort((a, b) => rank(b) - rank(a) || movement(b) - movement(a));
}

function movement({ shift }: LatentCard): number {
  const shifts = [shift.task, shift.neutral, shift.behaviours].filter((one) => one !== null);
  return Math.max(0, ...shifts.map((one) => Math.abs(one.effect ?? one.delta)));
}

/** `#412`, linked where the latent has a card. */
export const latentLink = (view: GeometryView, latent: number): Markup =>
  view.linked.has(latent)
    ? html`<a class="latent" href="#latent-${latent}">#${latent}</a>`
    : html`<span class="latent">#${latent}</span>`;

/** In a few tokens, what a latent answers to: the text on which it is strongest, or what it makes likelier. */
export function latentGist(view: GeometryView, latent: number): Markup | null {
  const card = view.known.get(latent);
  if (!card) return null;
  const fires = view.input.redact ? [] : card.contexts.map((context) => context.tokens[context.at] ?? "");
  const words = [...new Set((fires.length > 0 ? fires : card.topLogits.map((logit) => logit.token)).map(tokenText))];
  if (words.length === 0) return null;
  const how = fires.length > 0 ? "fires on" : "raises";
  return html`<span class="gist">${how} ${words.slice(0, 3).map((word) => html`<span class="token" dir="auto">${word}</span> `)}</span>`;
}

const LONGEST_TOKEN = 24;

/** A token as a reader can tell it: line ends and lone spaces are shown. */
export function tokenText(token: string): string {
  const seen = token.replaceAll("\n", "\u21b5").replaceAll("\t", "\u21e5");
  return shorten(seen.trim() === "" ? seen.replaceAll(" ", "\u2423") : seen.trim(), LONGEST_TOKEN);
}

/** The audit's title of a behaviour, or the record's own. */
export const titleOf = (view: GeometryView, b: { readonly id: string; readonly title: string }): string =>
  view.results.get(b.id)?.title ?? b.title;

export interface Explained {
  readonly label: Mechanism["label"];
  readonly kind: Mechanism["kind"];
  /** Anchor of the details; null where only the label is known. */
  readonly anchor: string | null;
}

/** Why a behaviour moved, as far as anybody asked: from geometry.json, or the label that the audit holds. */
export function explainedBy(b: BehaviourResult, geometry: GeometryRecord | null): Explained | null {
  const place = geometry?.behaviours.findIndex((one) => one.id === b.id) ?? -1;
  const detail = geometry?.behaviours[place]?.mechanism;
  if (detail) return { label: detail.label, kind: detail.kind, anchor: mechanismAnchor(place) };
  return b.mechanism ? { label: b.mechanism, kind: b.kind, anchor: null } : null;
}

/** By its place in the record, because an id may be any text. */
export const mechanismAnchor = (place: number) => `why-${place + 1}`;
