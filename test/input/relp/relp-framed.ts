/** What a RELP framer makes of bytes, cut at given places; and how frames are written. */
import { RelpFramer } from '../../../src/input/relp/relp-framer.js';

export interface RelpFramed {
  /** `message 3: text (of 12)`, `open 1`, `fault: words`, in order. */
  readonly heard: string[];
  readonly pending: boolean;
  /** The most that was held after any chunk. */
  readonly carriedBytes: number;
}

export function relpFramed(
  bytes: Buffer,
  cuts: readonly number[] = [],
  maxMessageBytes = 65_536,
): RelpFramed {
  const heard: string[] = [];
  const framer = new RelpFramer({
    maxMessageBytes,
    handler: {
      message: (chunk, start, end, originalLength, _at, txnr) => {
        const text = chunk.toString('latin1', start, end);
        heard.push(`message ${txnr}: ${text} (of ${originalLength})`);
      },
      command: (command, txnr) => heard.push(`${command} ${txnr}`),
      fault: (problem) => heard.push(`fault: ${problem}`),
    },
  });
  let carriedBytes = 0;
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    // A copy that is spoilt afterwards: who keeps a reference to a chunk is found out.
    const chunk = Buffer.from(bytes.subarray(from, to));
    framer.push(chunk, 0);
    chunk.fill('!');
    carriedBytes = Math.max(carriedBytes, framer.carriedBytes);
    from = to;
  }
  return { heard, pending: framer.pending, carriedBytes };
}

export function relpFrame(txnr: number, command: string, data: string | Buffer = ''): Buffer {
  const length = Buffer.byteLength(data);
  const head = `${txnr} ${command} ${length}${length > 0 ? ' ' : ''}`;
  return Buffer.concat([Buffer.from(head), Buffer.from(data), Buffer.from('\n')]);
}
