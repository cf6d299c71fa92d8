/** `[folder of src, what stands there]`. */
export type Floor = readonly [name: string, what: string];
/** Groups of siblings, lowest first. */
export declare const floors: readonly (readonly Floor[])[];
