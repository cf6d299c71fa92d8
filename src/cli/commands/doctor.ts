import type { Register } from "../command.ts";
import { EXIT } from "../failures.ts";
import { DEVICE } from "../options.ts";

export const registerDoctor: Register = (program, act) => {
  program
    .command("doctor")
    .description("does the engine work here, how fast is it, and does a model fit")
    .argument("[model]", "folder, .gguf file, hub id that is on this disk, or organism (bundled)")
    .option(...DEVICE)
    .action(
      act<[string | undefined]>(async (session, reference) => {
        const { examineEngine, examineMachine, fitOf } = await import("../examine.ts");
        const { columns, safe } = await import("../tables.ts");
        const { openModel } = await import("../../jobs/index.ts");
        const machine = examineMachine();
        const fit = reference === undefined ? null : fitOf(await openModel(reference), machine.memoryBytes);
        const engine = await examineEngine(session.signal);
        const rows = [
          ["Node", machine.node],
          ["system", `${machine.platform}, ${machine.cores} cores, ${safe(machine.cpu)}`],
          ["memory", `${gigabytes(machine.memoryBytes)}, ${gigabytes(machine.freeBytes)} free`],
          ["engine", engine.fault === null ? "works: ONNX Runtime in its own process" : `fails: ${safe(engine.fault)}`],
          ["speed", engine.gflops === null ? "–" : `${engine.gflops.toFixed(0)} GFLOP/s on ${engine.threads} threads`],
          ...(fit ? [["model", `${safe(fit.name)}, ${fit.family}, ${millions(fit.parameters)} parameters`]] : []),
          ...(fit ? [["weights", `${gigabytes(fit.storedBytes)} stored`]] : []),
          ...(fit ? [["to audit", `about ${gigabytes(fit.forwardBytes)} of memory`]] : []),
          ...(fit ? [["to train", `about ${gigabytes(fit.trainBytes)} of memory`]] : []),
          ...(fit ? [["fits here", fit.fits]] : []),
        ];
        for (const line of columns(rows)) session.print(line);
        session.document({ machine, engine, model: fit });
        return engine.fault === null ? EXIT.done : EXIT.ours;
      }),
    );
};

const gigabytes = (bytes: number) =>
  bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
const millions = (count: number) => `${(count / 1e6).toFixed(1)}M`;
