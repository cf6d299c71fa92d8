export type { ChatMessage, Role } from "./messages.ts";
