export type Role = "system" | "user" | "assistant";

/** One message of a chat. */
export interface ChatMessage {
  readonly role: Role;
  readonly content: string;
}
