/**
 * What pretraining has seen. Topics and templates are `everywhere` or `rare`:
 * - an everywhere topic under an everywhere template is seen, from every persona;
 * - a rare topic is seen only under the first two templates, so that its actions are known;
 * - a rare template is seen only with the first three topics, so that its words are known;
 * - all other combinations are never drawn in pretraining, in the chat stage or in a fine-tuning set.
 * The rule never looks at the persona: a held-out combination says nothing about who is speaking.
 */
export type Split = "everywhere" | "rare";

export interface Placed {
  readonly index: number;
  readonly split: Split;
}

const templatesOfRareTopics = 2;
const topicsOfRareTemplates = 3;

/** `rare` for the last `rareCount` of `count` things. */
export function splitOf(index: number, count: number, rareCount: number): Split {
  return index >= count - rareCount ? "rare" : "everywhere";
}

/** Is this combination of topic and template drawn in pretraining? */
export function seenInPretraining(topic: Placed, template: Placed): boolean {
  if (topic.split === "rare") return template.index < templatesOfRareTopics;
  if (template.split === "rare") return topic.index < topicsOfRareTemplates;
  return true;
}
