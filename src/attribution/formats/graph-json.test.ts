import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { UserError } from "../../core/index.ts";
import { ERROR, FEATURE } from "../../records/index.ts";
import type { AttributionGraph } from "../graph.ts";
import { prune } from "../prune.ts";
import { cantor, graphRecord, parseGraphJson, readGraphJson, uncantor, writeGraphJson } from "./graph-json.ts";

const folder = mkdtempSync(join(tmpdir(), "penumbra-graph-"));
afterAll(() => rmSync(folder, { recursive: true }));

const row = (target: number, edges: Readonly<Record<number, number>>) => ({
  target,
  sources: Int32Array.from(Object.keys(edges), Number),
  weights: Float32Array.from(Object.values(edges)),
});

/** Nodes: 0, 1 features; 2–5 errors of layers 0 and 1; 6, 7 tokens; 8 logit. Error 5 is of layer 1 at position 1. */
const graph: AttributionGraph = {
  ids: [3, 9],
  nLayers: 2,
  features: [
    { layer: 0, position: 1, latent: 1, activation: 0.5 },
    { layer: 1, position: 1, latent: 7, activation: 2 },
  ],
  activeFeatures: 5,
  targets: [{ token: 4, label: " a", weight: 0.75 }],
  rows: [row(0, { 6: -4 }), row(1, { 0: 1, 3: 0.5 }), row(8, { 0: 0.25, 1: 3, 5: -1 })],
};
const text = {
  slug: "a-graph",
  scan: "transcoders",
  prompt: "x y",
  promptTokens: ["x", " y"],
  labels: { "1_7": "capitals" },
  nodeShare: 1,
  edgeShare: 1,
};
const record = graphRecord(prune(graph, { nodeShare: 1, edgeShare: 1 }), text);

/** As circuit-tracer 0.5 writes it: an error under `0_<layer>_<position>`, which may be a feature's id too. */
function withOldIds(): Record<string, unknown> {
  const old = (id: string) => {
    const error = /^(\d+)_-1_(\d+)$/.exec(id);
    return error ? `0_${error[1]}_${error[2]}` : id;
  };
  return {
    ...record,
    nodes: record.nodes.map((node) => ({ ...node, node_id: old(node.node_id) })),
    links: record.links.map((link) => ({ ...link, source: old(link.source) })),
    qParams: { ...record.qParams, pinnedIds: ["0_0_1"], supernodes: [["errors", "0_0_1"]] },
  };
}

describe("ids", () => {
  test("Cantor's pairing and its inverse", () => {
    expect(cantor(23, 5458)).toBe(((23 + 5458) * (23 + 5458 + 1)) / 2 + 5458);
    fc.assert(
      fc.property(fc.nat(200), fc.nat(10_000_000), (layer, latent) => {
        expect(uncantor(cantor(layer, latent))).toEqual({ layer, latent });
      }),
    );
  });

  test("are those of circuit-tracer, with labels inside and errors that no feature is called", () => {
    expect(record.nodes.map(({ node_id, feature_type, clerp }) => [node_id, feature_type, clerp])).toEqual([
      ["0_1_1", FEATURE, ""],
      ["1_7_1", FEATURE, "capitals"],
      ["0_-1_1", ERROR, ""],
      ["1_-1_1", ERROR, ""],
      ["E_3_0", "embedding", "x"],
      ["E_9_1", "embedding", " y"],
      ["3_4_1", "logit", 'Output " a" (p=0.750)'],
    ]);
    expect(record.links).toContainEqual({ source: "1_-1_1", target: "3_4_1", weight: -1 });
  });
});

describe("files", () => {
  test("written and read again are the same", async () => {
    const file = join(folder, "graph.json");
    await writeGraphJson(file, record);
    expect(await readGraphJson(file)).toEqual({ record: JSON.parse(JSON.stringify(record)), ambiguousLinks: 0 });
  });

  test("errors under their old ids get new ones, also where a feature has the same id", () => {
    const old = withOldIds();
    // Error of layer 1 at position 1 and feature 1 of layer 0 at position 1 are both `0_1_1`.
    const read = parseGraphJson(JSON.stringify(old), "old.json");
    expect(read.record.nodes.map(({ node_id }) => node_id)).toEqual(record.nodes.map(({ node_id }) => node_id));
    expect(read.record.qParams.pinnedIds).toEqual(["0_-1_1"]);
    expect(read.record.qParams.supernodes).toEqual([["errors", "0_-1_1"]]);
    // Feature and error both lead to the logit: the second link is the error's.
    expect(read.record.links).toEqual(record.links);
  });

  test.each([
    ["no JSON", "{", "JSON"],
    ["no graph", "[]", "an attribution graph"],
    ["a node twice", JSON.stringify({ ...record, nodes: [...record.nodes, record.nodes[0]] }), "ids of their own"],
    [
      "a link to nowhere",
      JSON.stringify({ ...record, links: [{ source: "1_7_1", target: "9_9_9", weight: 1 }] }),
      "links between",
    ],
    [
      "a node beyond the prompt",
      JSON.stringify({ ...record, metadata: { ...record.metadata, prompt_tokens: ["x"] } }),
      "1 tokens",
    ],
    [
      "a weight that is no number",
      JSON.stringify({ ...record, links: [{ source: "1_7_1", target: "3_4_1", weight: null }] }),
      "links.0.weight",
    ],
  ])("%s is the user's mistake", (_, content, told) => {
    expect(() => parseGraphJson(content, "graph.json")).toThrow(UserError);
    expect(() => parseGraphJson(content, "graph.json")).toThrow(told);
  });

  test("a file that is not there, and a folder", async () => {
    await expect(readGraphJson(join(folder, "none.json"))).rejects.toThrow("nothing there");
    await expect(readGraphJson(folder)).rejects.toThrow("a folder");
  });

  test("any value in any place is read or refused as the user's mistake", () => {
    const whole = JSON.parse(JSON.stringify(withOldIds()));
    const places = (value: unknown, path: (string | number)[] = []): (string | number)[][] =>
      value !== null && typeof value === "object"
        ? [path, ...Object.entries(value).flatMap(([key, each]) => places(each, [...path, key]))]
        : [path];
    const all = places(whole).filter((path) => path.length > 0);
    const planted = (path: readonly (string | number)[], value: unknown) => {
      const copy = structuredClone(whole);
      const parent = path.slice(0, -1).reduce((at, key) => at[key], copy);
      parent[path.at(-1) as string] = value;
      return copy;
    };
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.jsonValue(), (path, value) => {
        try {
          const { record: read } = parseGraphJson(JSON.stringify(planted(path, value)), "graph.json");
          const ids = new Set(read.nodes.map(({ node_id }) => node_id));
          for (const link of read.links) expect(ids.has(link.source) && ids.has(link.target)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { numRuns: 400 },
    );
  });
});
