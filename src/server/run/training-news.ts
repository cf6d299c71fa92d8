/** What a training's metrics and checkpoints tell its owner: one event for each step, one entry for each checkpoint. */
import type { MetricsLine } from "../../records/index.ts";
import type { NewCheckpoint, NewEvent } from "../state/index.ts";
import { checkpointName } from "./request.ts";

/** The last step and the last checkpoint that were told. */
export interface Told {
  readonly step: number;
  readonly checkpoint: number;
}

export interface TrainingNews {
  readonly events: readonly NewEvent[];
  readonly checkpoints: readonly NewCheckpoint[];
  readonly told: Told;
}

/** `checkpoints`: steps whose checkpoints are whole, rising. A checkpoint waits for the line of its step. */
export function trainingNews(
  lines: readonly MetricsLine[],
  checkpoints: readonly number[],
  { told, model }: { readonly told: Told; readonly model: string },
): TrainingNews {
  const fresh = lines.filter(({ step }) => step > told.step);
  const byStep = new Map(lines.map((line) => [line.step, line]));
  const made = checkpoints.flatMap((step) => {
    const line = byStep.get(step);
    return line && step > told.checkpoint
      ? [{ step, model: checkpointName(model, step), metrics: metricsAt(line) }]
      : [];
  });
  return {
    events: fresh.map(metricsEvent),
    checkpoints: made,
    told: { step: fresh.at(-1)?.step ?? told.step, checkpoint: made.at(-1)?.step ?? told.checkpoint },
  };
}

/** The names that clients of the common API know; what was not measured is left out. */
function metricsAt({ step, loss, validationLoss }: MetricsLine): NewCheckpoint["metrics"] {
  const valid = validationLoss === undefined ? {} : { valid_loss: validationLoss, full_valid_loss: validationLoss };
  return { step, train_loss: loss, ...valid };
}

function metricsEvent(line: MetricsLine): NewEvent {
  const { step, loss, validationLoss, learningRate, gradNorm, tokensPerSecond, responseTokens, epoch, drift } = line;
  const data = {
    ...metricsAt(line),
    learning_rate: learningRate,
    grad_norm: gradNorm,
    tokens_per_second: tokensPerSecond,
    loss_tokens: responseTokens,
    epoch,
    ...(drift ? { drift } : {}),
  };
  const valid = validationLoss === undefined ? "" : `, validation loss=${validationLoss.toFixed(4)}`;
  const message = `Step ${step}: training loss=${loss.toFixed(4)}${valid}`;
  return { once: `metrics:${step}`, type: "metrics", message, data };
}
