import { parseDocument } from "yaml";

/**
 * The value of a YAML text, or what is wrong with it in one line. Aliases are resolved when the value is read, and may be
 * wrong, or more than anybody means.
 */
export function yamlOf(text: string): { value: unknown; fault: string | null } {
  const document = parseDocument(text);
  const fault = document.errors[0]?.message.split("\n")[0] ?? null;
  if (fault !== null) return { value: null, fault };
  try {
    return { value: document.toJS(), fault };
  } catch (error) {
    return { value: null, fault: error instanceof Error ? error.message : String(error) };
  }
}
