import { UserError } from "../core/index.ts";

/** A model's `config.json`, read key by key with the user's mistakes named. */
export interface ConfigReader {
  readonly model: string;
  number(key: string, fallback?: number): number;
  boolean(key: string, fallback: boolean): boolean;
  raw(key: string): unknown;
  /** Throws where the key is there with a value that we do not implement. */
  only(key: string, allowed: readonly unknown[]): void;
}

export function configReader(config: Readonly<Record<string, unknown>>, model: string): ConfigReader {
  const wrong = (key: string, expected: string) =>
    new UserError(`${model}: config.json ${key}`, {
      expected,
      got: JSON.stringify(config[key]) ?? "nothing",
      fix: "repair config.json",
    });
  return {
    model,
    raw: (key) => config[key],
    only: (key, allowed) => {
      const value = config[key] ?? null;
      if (value !== null && !allowed.includes(value)) throw wrong(key, allowed.map((each) => `${each}`).join(" or "));
    },
    number: (key, fallback) => {
      const value = config[key] ?? fallback;
      if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(key, "a number");
      return value;
    },
    boolean: (key, fallback) => {
      const value = config[key] ?? fallback;
      if (typeof value !== "boolean") throw wrong(key, "true or false");
      return value;
    },
  };
}
