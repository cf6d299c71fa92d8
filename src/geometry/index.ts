export { cosine, dot, norm, type Vector } from "./vectors.ts";
