export { auditReasoning, type ReasoningAudit, type ReasoningRequest } from "./audit-reasoning.ts";
export type { ChoiceItem } from "./item.ts";
export { choiceItems } from "./items.ts";
