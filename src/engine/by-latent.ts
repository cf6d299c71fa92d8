/** The slots in use, sorted by latent (counting sort): those of latent i stand in `order` from `starts[i]`. */
export function byLatent(latents: Int32Array, nLatents: number): { starts: Int32Array; order: Int32Array } {
  const starts = new Int32Array(nLatents + 1);
  for (const latent of latents) if (latent >= 0) starts[latent + 1] = (starts[latent + 1] as number) + 1;
  for (let i = 0; i < nLatents; i++) starts[i + 1] = (starts[i + 1] as number) + (starts[i] as number);
  const next = starts.slice();
  const order = new Int32Array(starts[nLatents] as number);
  for (const [slot, latent] of latents.entries()) {
    if (latent < 0) continue;
    const at = next[latent] as number;
    order[at] = slot;
    next[latent] = at + 1;
  }
  return { starts, order };
}
