/** A RELP listener on loopback with a durability that does as told, and a sender that speaks by hand. */
import type { Socket } from 'node:net';
import type { Test } from 'tap';
import type { RelpConfig } from '../../../src/config/config.js';
import { AllowList } from '../../../src/input/allow-list.js';
import { createRelpInput } from '../../../src/input/relp/relp.js';
import type { Durability } from '../../../src/stages.js';
import { bench, client, eventually } from '../loopback.js';
import { relpFrame } from './relp-framed.js';

/** Each flush waits until it is told how it ends. */
export class HeldDurability implements Durability {
  flushes = 0;
  /** How each flush ends at once; null: it waits for `settle`. */
  result: boolean | null = null;
  readonly #waiting: ((stored: boolean) => void)[] = [];

  flush(): Promise<boolean> {
    this.flushes++;
    if (this.result !== null) return Promise.resolve(this.result);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends the oldest flush that waits. */
  settle(stored: boolean): void {
    const resolve = this.#waiting.shift();
    if (resolve === undefined) throw new Error('no flush is under way');
    resolve(stored);
  }
}

export interface RelpSetting extends Partial<RelpConfig> {
  readonly allow?: readonly string[];
  readonly maxMessageBytes?: number;
}

export async function relpListening(t: Test, setting: RelpSetting = {}) {
  const { allow = [], maxMessageBytes = 65_536, ...own } = setting;
  const parts = bench();
  const clock = { ms: 1000 };
  const durability = new HeldDurability();
  const config: RelpConfig = {
    address: '::',
    port: 0,
    maxConnections: 100,
    maxConnectionsPerAddress: 0,
    idleTimeoutMs: 0,
    frameTimeoutMs: 1_000_000,
    ...own,
  };
  const input = createRelpInput(config, {
    ...parts,
    maxMessageBytes,
    allow: new AllowList(allow),
    durability,
    now: () => clock.ms,
  });
  await input.start();
  t.teardown(() => {
    durability.result = true;
    return input.stop();
  });
  return { ...parts, clock, durability, input };
}

export interface RelpSender {
  readonly socket: Socket;
  /** All that came back. */
  readonly answers: () => string;
  /** Resolves when all that came back is this. */
  readonly answered: (expected: string) => Promise<void>;
}

export const openAnswer =
  '1 rsp 61 200 OK\nrelp_version=0\nrelp_software=stegwatch\ncommands=syslog\n';

export async function relpSender(t: Test, port: number): Promise<RelpSender> {
  const socket = await client(t, port);
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  return {
    socket,
    answers: () => text,
    async answered(expected) {
      await eventually(() => text.length >= expected.length, `answer ${expected}, got ${text}`);
      t.equal(text, expected);
    },
  };
}

/** A sender whose session is open; `answers` begins behind that. */
export async function openSender(t: Test, port: number): Promise<RelpSender> {
  const sender = await relpSender(t, port);
  sender.socket.write(relpFrame(1, 'open', 'relp_version=0\ncommands=syslog'));
  await sender.answered(openAnswer);
  return {
    socket: sender.socket,
    answers: () => sender.answers().slice(openAnswer.length),
    answered: (expected) => sender.answered(openAnswer + expected),
  };
}

export function messages(from: number, count: number, size = 5): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, i) =>
      relpFrame(from + i, 'syslog', `<14>${from + i}`.padEnd(size, '.')),
    ),
  );
}

export function acks(from: number, count: number): string {
  return Array.from({ length: count }, (_, i) => `${from + i} rsp 6 200 OK\n`).join('');
}
