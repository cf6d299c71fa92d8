export { openEndpoint } from "./client.ts";
export { bearerFrom } from "./key.ts";
export {
  type Answer,
  type ChatRequest,
  type ChatTurn,
  type CompletionRequest,
  type Endpoint,
  type EndpointOptions,
  GAP_REASONS,
  type Gap,
  type GapReason,
  type Reply,
  type Speaker,
  type SpeakOptions,
  type TokenChoice,
  type Usage,
} from "./speaker.ts";
export { type Clock, wallClock } from "./turnstile.ts";
export { splitThinking } from "./wire.ts";
