import { UserError } from "../core/index.ts";
import { type Config, TrainConfig } from "./config.ts";
import type { OpenedModel } from "./open.ts";

/**
 * The configuration with rows no longer than the model has positions: beyond them learned ones end, and rotations are none
 * that it has ever seen. The usual `train.maxLength` is cut to them (who has said nothing asks for nothing); one that
 * somebody chose is refused.
 */
export function withinPositions<C extends Pick<Config, "train">>(
  config: C,
  { source }: Pick<OpenedModel, "source">,
): C {
  const { maxPositions } = source.definition;
  const { train } = config;
  if (train.maxLength <= maxPositions) return config;
  if (train.maxLength === TrainConfig.parse({}).maxLength)
    return { ...config, train: { ...train, maxLength: maxPositions } };
  throw new UserError("train.maxLength", {
    expected: `at most ${maxPositions}, the positions of ${source.name}`,
    got: String(train.maxLength),
    fix: `set train.maxLength: ${maxPositions}, or leave it out`,
  });
}
