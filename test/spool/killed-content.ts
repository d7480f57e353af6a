/** What a batch of the process that is killed holds. */
export function contentOf(run: number, seq: number): Buffer {
  return Buffer.alloc(1 + ((seq * 7919) % 20_000), `${run}:${seq};`);
}
