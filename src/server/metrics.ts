/** What Prometheus reads: requests, jobs, answers. No label holds what a client sent. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

export interface Metrics {
  readonly registry: Registry;
  readonly requests: Counter<"method" | "route" | "status">;
  readonly seconds: Histogram<"method" | "route">;
  readonly jobsEnded: Counter<"state">;
  readonly jobsRunning: Gauge;
  readonly fenced: Counter;
  readonly answers: Counter<"finish">;
  readonly answerTokens: Counter<"kind">;
  readonly answersWaiting: Gauge;
}

/** `jobs` is asked for the number of jobs by state whenever somebody reads. */
export function metricsOf(jobs: () => Promise<Readonly<Record<string, number>>>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "penumbra_" });
  new Gauge({
    name: "penumbra_jobs",
    help: "Fine-tuning jobs by state",
    labelNames: ["state"],
    registers,
    async collect() {
      for (const [state, n] of Object.entries(await jobs())) this.set({ state }, n);
    },
  });
  return {
    registry,
    requests: new Counter({
      name: "penumbra_requests_total",
      help: "Requests answered",
      labelNames: ["method", "route", "status"],
      registers,
    }),
    seconds: new Histogram({
      name: "penumbra_request_seconds",
      help: "Time to the end of a request's handler",
      labelNames: ["method", "route"],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    }),
    jobsEnded: new Counter({
      name: "penumbra_jobs_ended_total",
      help: "Jobs that ended here",
      labelNames: ["state"],
      registers,
    }),
    jobsRunning: new Gauge({ name: "penumbra_jobs_running_here", help: "Jobs that this process works on", registers }),
    fenced: new Counter({
      name: "penumbra_fenced_total",
      help: "Effects refused because the job had gone to another",
      registers,
    }),
    answers: new Counter({
      name: "penumbra_answers_total",
      help: "Chat completions",
      labelNames: ["finish"],
      registers,
    }),
    answerTokens: new Counter({
      name: "penumbra_answer_tokens_total",
      help: "Tokens read and written for chat completions",
      labelNames: ["kind"],
      registers,
    }),
    answersWaiting: new Gauge({
      name: "penumbra_answers_waiting",
      help: "Chat completions that wait or run",
      registers,
    }),
  };
}
