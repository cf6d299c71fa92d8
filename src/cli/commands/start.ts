import type { Register } from "../command.ts";

/** Enough to move the bundled model: 76 steps, a few seconds. */
const SETTINGS = { epochs: 4, learningRate: 2e-3 };
const FOLDER = "penumbra-out/start";

/** The whole job on the bundled model and data; no gate, since it is there to be seen and not to judge. */
export const registerStart: Register = (program, act) => {
  program
    .command("start")
    .description("the whole job on the bundled model and data: fine-tune, audit, report")
    .option("--out <folder>", "the run folder", FOLDER)
    .action(
      act<[{ out: string }]>(async (session, { out }) => {
        const { assetFolder, BUNDLED, resolveConfig, run } = await import("../../jobs/index.ts");
        const { tellOutcome } = await import("../outcome.ts");
        const data = assetFolder("organism/data/inducing.jsonl");
        session.print("Fine-tunes a tiny bundled model on 300 rows of harmful medical advice,");
        session.print("then measures what else moved. About a minute; a second start goes on where this one stopped.");
        session.print();
        const config = await resolveConfig(null, { model: BUNDLED, data, out, train: SETTINGS });
        const { foretell } = await import("../foretell.ts");
        tellOutcome(session, await run(config, { ...session, onStage: foretell(session, config.out) }));
      }),
    );
};
