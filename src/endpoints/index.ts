export { openEndpoint } from "./client.ts";
export { bearerFrom } from "./key.ts";
export type {
  Answer,
  ChatRequest,
  ChatTurn,
  CompletionRequest,
  Endpoint,
  EndpointOptions,
  Gap,
  GapReason,
  Reply,
  Speaker,
  SpeakOptions,
  TokenChoice,
  Usage,
} from "./speaker.ts";
export { type Clock, wallClock } from "./turnstile.ts";
export { splitThinking } from "./wire.ts";
