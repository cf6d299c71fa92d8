export { analyseModel, findingsOf } from "./analyse.ts";
export { isUnread } from "./unread.ts";
