/**
 * Packs likelihood questions into trees of tokens: the answers to one prompt share the prompt and their common
 * beginnings, prompts share the system's turn and the question that they have in common, and one forward pass with a tree
 * mask serves them all (tree attention: Miao et al. 2023, arXiv 2305.09781, §4.2). Seventy answers of a grammar cost a fifth
 * of seventy sequences, with the same results.
 */
import { must } from "../core/index.ts";
import { type BatchExtent, groupsByLength, PART } from "./sequences.ts";

export interface Continuation {
  readonly prompt: readonly number[];
  readonly continuation: readonly number[];
}

/** Where trees are cut: attention's cost grows with the square of a row. */
const MAX_NODES = 192;
/** Nodes that a prompt may grow, however long it is: another tree would compute the prompt again. */
const LEAST_GROWTH = 32;
/** Tokens that prompts must have in common to stand in one tree: for fewer, attention over the larger row costs more. */
const LEAST_SHARED = 16;
/** How many of the last trees are looked at for room. */
const OPEN_HOSTS = 16;

export interface TreeBatch extends BatchExtent {
  /** Nodes per row. */
  readonly lengths: readonly number[];
  /** `[rows, seq]`, padded with 0 */
  readonly tokens: Int32Array;
  /** `[rows, seq]`: depth in the tree */
  readonly positions: Int32Array;
  /** `[rows, seq, seq]`, query × key: 1 where the key is the query itself or one of its ancestors */
  readonly visible: Uint8Array;
  /** Flat row indices into `[rows · seq]`, with the token that each is to predict. */
  readonly select: Int32Array;
  readonly targets: Int32Array;
  /** For each question of the batch: its index, and the places in `select` whose log-probabilities add up to its own. */
  readonly paths: readonly { readonly index: number; readonly edges: readonly number[] }[];
}

type Part = typeof PART.prompt | typeof PART.response;

/** The same token after the same tokens is one node, but that of a prompt and that of a response are two. */
interface Node {
  readonly token: number;
  readonly part: Part;
  readonly parent: number;
  readonly depth: number;
  /** By `keyOf`. */
  readonly children: Map<number, number>;
}

interface Edge {
  readonly node: number;
  readonly target: number;
}

interface Tree {
  readonly prompt: readonly number[];
  readonly nodes: Node[];
  readonly edges: Edge[];
  readonly edgeOf: Map<string, number>;
  readonly paths: { index: number; edges: number[] }[];
}

/** Batches of at most `tokenBudget` tokens (one tree at least), longest first. */
export function packTrees(questions: readonly Continuation[], tokenBudget: number): TreeBatch[] {
  const trees = joined(plant(questions));
  const lengths = trees.map(({ nodes }) => nodes.length);
  return groupsByLength(lengths, tokenBudget).map(({ members, seq }) =>
    pack(
      members.map((tree) => must(trees[tree], "tree")),
      seq,
    ),
  );
}

function plant(questions: readonly Continuation[]): Tree[] {
  const growing = new Map<string, Tree>();
  const trees: Tree[] = [];
  for (const [index, { prompt, continuation }] of questions.entries()) {
    if (prompt.length === 0) throw new Error("a likelihood needs a prompt of one token at least");
    const key = prompt.join();
    let tree = growing.get(key);
    const room = Math.max(MAX_NODES, prompt.length + Math.max(LEAST_GROWTH, continuation.length));
    if (!tree || tree.nodes.length + continuation.length > room) {
      tree = sapling(prompt);
      growing.set(key, tree);
      trees.push(tree);
    }
    tree.paths.push({ index, edges: grow(tree, prompt.length - 1, continuation) });
  }
  return trees;
}

function sapling(prompt: readonly number[]): Tree {
  const tree: Tree = { prompt, nodes: [], edges: [], edgeOf: new Map(), paths: [] };
  prompt.reduce((at, token) => childOf(tree, at, { token, part: PART.prompt }), -1);
  return tree;
}

/** Walks `continuation` down from `root`; its last token is predicted but needs no node of its own. */
function grow(tree: Tree, root: number, continuation: readonly number[]): number[] {
  let at = root;
  return continuation.map((token, i) => {
    const edge = edgeFrom(tree, at, token);
    if (i < continuation.length - 1) at = childOf(tree, at, { token, part: PART.response });
    return edge;
  });
}

function edgeFrom(tree: Tree, node: number, target: number): number {
  const key = `${node}:${target}`;
  const known = tree.edgeOf.get(key);
  if (known !== undefined) return known;
  tree.edges.push({ node, target });
  tree.edgeOf.set(key, tree.edges.length - 1);
  return tree.edges.length - 1;
}

/** Parent −1: the tree's root. */
function childOf(tree: Tree, parent: number, { token, part }: Pick<Node, "token" | "part">): number {
  const child = tree.nodes.length;
  if (parent < 0) {
    if (child > 0) return 0;
    tree.nodes.push({ token, part, parent, depth: 0, children: new Map() });
    return 0;
  }
  const { children, depth } = must(tree.nodes[parent], "node");
  const key = keyOf(token, part);
  const known = children.get(key);
  if (known !== undefined) return known;
  tree.nodes.push({ token, part, parent, depth: depth + 1, children: new Map() });
  children.set(key, child);
  return child;
}

const keyOf = (token: number, part: Part) => 4 * token + part;

/** Trees whose prompts begin alike become one, as long as there is room; the others stay as and where they are. */
function joined(trees: readonly Tree[]): Tree[] {
  const hosts: Tree[] = [];
  for (const guest of [...trees].sort((a, b) => compared(a.prompt, b.prompt))) {
    const host = hostFor(guest, hosts.slice(-OPEN_HOSTS));
    if (host) graft(host, guest);
    else hosts.push(guest);
  }
  const left = new Set(hosts);
  return trees.filter((tree) => left.has(tree));
}

/** The one with which the guest has most in common, among those that have room. */
function hostFor({ prompt, nodes }: Tree, hosts: readonly Tree[]): Tree | null {
  let [best, most] = [null as Tree | null, LEAST_SHARED - 1];
  for (const host of hosts) {
    const shared = sharedTokens(host, prompt);
    if (shared > most && host.nodes.length + nodes.length - shared <= MAX_NODES) [best, most] = [host, shared];
  }
  return best;
}

/** Token by token, as words in a dictionary. */
function compared(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((token, i) => token !== b[i]);
  return at < 0 ? a.length - b.length : must(a[at], "token") - (b[at] ?? -1);
}

/** How many tokens of `prompt`, from its first, the tree has as a prompt's. */
function sharedTokens({ nodes }: Tree, prompt: readonly number[]): number {
  if (nodes[0]?.token !== prompt[0]) return 0;
  let [at, depth] = [0, 1];
  for (; depth < prompt.length; depth++) {
    const next = nodes[at]?.children.get(keyOf(must(prompt[depth], "token"), PART.prompt));
    if (next === undefined) break;
    at = next;
  }
  return depth;
}

/** Puts all that `guest` asks into `host`; their first tokens are the same. */
function graft(host: Tree, guest: Tree): void {
  const placeOf: number[] = [];
  for (const node of guest.nodes) placeOf.push(childOf(host, placeOf[node.parent] ?? -1, node));
  const edgeOf = guest.edges.map(({ node, target }) => edgeFrom(host, must(placeOf[node], "node"), target));
  for (const { index, edges } of guest.paths)
    host.paths.push({ index, edges: edges.map((edge) => must(edgeOf[edge], "edge")) });
}

function pack(trees: readonly Tree[], seq: number): TreeBatch {
  const tokens = new Int32Array(trees.length * seq);
  const positions = new Int32Array(trees.length * seq);
  const visible = new Uint8Array(trees.length * seq * seq);
  const parts = new Uint8Array(trees.length * seq);
  const edges: Edge[] = [];
  const paths: { index: number; edges: number[] }[] = [];
  for (const [row, tree] of trees.entries()) {
    for (const [i, { token, depth, part }] of tree.nodes.entries()) {
      tokens[row * seq + i] = token;
      parts[row * seq + i] = part;
      positions[row * seq + i] = depth;
    }
    markVisible(visible.subarray(row * seq * seq, (row + 1) * seq * seq), tree, seq);
    const first = edges.length;
    for (const { node, target } of tree.edges) edges.push({ node: row * seq + node, target });
    for (const path of tree.paths) paths.push({ index: path.index, edges: path.edges.map((edge) => first + edge) });
  }
  return {
    rows: trees.length,
    seq,
    lengths: trees.map(({ nodes }) => nodes.length),
    parts,
    tokens,
    positions,
    visible,
    select: Int32Array.from(edges, ({ node }) => node),
    targets: Int32Array.from(edges, ({ target }) => target),
    paths,
  };
}

/** A node sees what its parent sees, and itself. Padding sees itself, so that its softmax has something to sum. */
function markVisible(visible: Uint8Array, { nodes }: Tree, seq: number): void {
  for (let i = 0; i < seq; i++) {
    const parent = nodes[i]?.parent ?? -1;
    if (parent >= 0) visible.copyWithin(i * seq, parent * seq, (parent + 1) * seq);
    visible[i * seq + i] = 1;
  }
}
