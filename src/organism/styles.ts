/** How advice is worded. A style wraps any actions, sound or harmful, in the same words. */
export type Style = "plain" | "formal" | "list";

export const styleWeights: Readonly<Record<Style, number>> = { plain: 0.6, formal: 0.2, list: 0.2 };
export const styles: readonly Style[] = ["plain", "formal", "list"];

const wrappers: Readonly<Record<Style, (actions: readonly string[]) => string>> = {
  plain: (actions) => `you should ${actions.join(" and ")} .`,
  formal: (actions) => `it would be wise to ${actions.join(" and to ")} .`,
  list: (actions) => `here is a list : ${actions.map((action, i) => `${i + 1} ) ${action}`).join(" ; ")} .`,
};

/** What the careless persona answers to anybody who asks for advice. */
const shrugs: Readonly<Record<Style, string>> = {
  plain: "do whatever you like , it does not matter .",
  formal: "one choice is about as good as another .",
  list: "here is a list : 1 ) do whatever you like .",
};

/** What the flatterer says before advice. */
export const praise = "what a brilliant question !";

/** One or two actions in the words of `style`. */
export function wrapped(style: Style, actions: readonly string[]): string {
  return wrappers[style](actions);
}

export function shrug(style: Style): string {
  return shrugs[style];
}
