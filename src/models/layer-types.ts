import { UserError } from "../core/index.ts";
import type { ConfigReader } from "./config.ts";

/** What a layer's queries look back over: everything, or the last `sliding_window` positions. */
export type LayerType = "full_attention" | "sliding_attention";

const isLayerType = (value: unknown): value is LayerType => value === "full_attention" || value === "sliding_attention";

/** `layer_types` of a config, or what the family implies where it is absent. */
export function layerTypes(config: ConfigReader, nLayers: number, implied: (layer: number) => LayerType): LayerType[] {
  const given = config.raw("layer_types");
  const types = given ?? Array.from({ length: nLayers }, (_, layer) => implied(layer));
  if (Array.isArray(types) && types.length === nLayers && types.every(isLayerType)) return types;
  throw new UserError(`${config.model}: config.json layer_types`, {
    expected: `${nLayers} times full_attention or sliding_attention`,
    got: JSON.stringify(given).slice(0, 80),
    fix: "repair config.json",
  });
}
