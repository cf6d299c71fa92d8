/** Parameters that some servers do not take: learnt from their own complaint, then left out or renamed, and told. */

export type Body = Readonly<Record<string, unknown>>;

/** `seed` is a wish; `max_tokens` has another name for OpenAI's reasoning models, which take no `temperature` either. */
const RENAMED: Readonly<Record<string, string | null>> = {
  max_tokens: "max_completion_tokens",
  seed: null,
  temperature: null,
};

export class Tolerance {
  readonly #learnt = new Set<string>();

  adapt(body: Body): Body {
    const entries = Object.entries(body).flatMap(([key, value]) => {
      if (!this.#learnt.has(key)) return [[key, value]];
      const name = RENAMED[key];
      return name ? [[name, value]] : [];
    });
    return Object.fromEntries(entries);
  }

  /** True where the complaint names a parameter that we sent and can do without: then the request is worth another try. */
  learns(sent: Body, status: number, complaint: string): boolean {
    if (status !== 400 && status !== 422) return false;
    const named = Object.keys(RENAMED).find(
      (key) => Object.hasOwn(sent, key) && new RegExp(`\\b${key}\\b`).test(complaint),
    );
    if (named === undefined) return false;
    this.#learnt.add(named);
    return true;
  }

  adapted(): readonly string[] {
    return [...this.#learnt].map((key) => (RENAMED[key] ? `${key} → ${RENAMED[key]}` : `${key} left out`)).sort();
  }
}
