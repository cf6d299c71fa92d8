import { UserError } from "../core/index.ts";
import { type Config, TrainConfig } from "./config.ts";
import type { OpenedModel } from "./open.ts";

/** The configuration with rows no longer than the model has positions; see `rowLength`. */
export function withinPositions<C extends Pick<Config, "train">>(config: C, model: Pick<OpenedModel, "source">): C {
  const { train } = config;
  const maxLength = rowLength(train.maxLength, model);
  return maxLength === train.maxLength ? config : { ...config, train: { ...train, maxLength } };
}

/**
 * Tokens of a row at most: beyond a model's positions learned ones end, and rotations are none that it has ever seen. The usual
 * `train.maxLength` is cut to them (who has said nothing asks for nothing); one that somebody chose is refused.
 */
export function rowLength(asked: number | undefined, { source }: Pick<OpenedModel, "source">): number {
  const usual = TrainConfig.parse({}).maxLength;
  const { maxPositions } = source.definition;
  const maxLength = asked ?? usual;
  if (maxLength <= maxPositions) return maxLength;
  if (maxLength === usual) return maxPositions;
  throw new UserError("train.maxLength", {
    expected: `at most ${maxPositions}, the positions of ${source.name}`,
    got: String(maxLength),
    fix: `set train.maxLength: ${maxPositions}, or leave it out`,
  });
}
