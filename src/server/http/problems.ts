/** The answers that any request may get, as the document names them. */
import { ErrorBody } from "./schemas/common.ts";

const problem = (description: string) => ({ description, content: { "application/json": { schema: ErrorBody } } });

export const problems = {
  400: problem("The request is not valid, or does not fit the state of things"),
  401: problem("No key, or a wrong or revoked one"),
  403: problem("The key may not do this, or the model is held back"),
  404: problem("There is no such thing in this project"),
  408: problem("The upload was too slow"),
  411: problem("The body came without its length"),
  413: problem("The body is too large"),
  415: problem("The body is of a kind that is not taken"),
  429: problem("Too many requests, or a quota is used up"),
  500: problem("An error of the server's"),
  503: problem("The server is stopping, or could not answer in time"),
};
