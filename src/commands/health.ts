/**
 * `stegwatch health`: asks the `run` on this machine how it is, for Docker's HEALTHCHECK and Kubernetes'
 * exec probes, which have no curl.
 */
import { type IncomingMessage, request } from 'node:http';
import { isIPv6 } from 'node:net';
import type { Writable } from 'node:stream';
import type { AdminConfig } from '../config/config.js';
import { StegwatchError, wordsOf } from '../errors.js';
import { printable } from '../observe/printable.js';

/** Shorter than the timeout of any probe in the examples, so that it is we who say what is wrong. */
const defaultTimeoutMs = 3000;
/** Of an answer: reasons are a few sentences, and whoever holds the port decides how many it sends. */
const maxAnswerBytes = 1024 * 1024;

export interface HealthOptions {
  /** Null: it is switched off, so nobody can be asked. */
  readonly admin: AdminConfig | null;
  /** Asks only whether it is alive. */
  readonly live: boolean;
  readonly stdout: Writable;
  /** For the whole of it. */
  readonly timeoutMs?: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * @returns the exit code: 0, or 1 if it says that it is not ready (or not alive), with its reasons
 * @throws StegwatchError `ADMIN_UNREACHABLE` if stegwatch does not answer there
 */
export async function health(options: HealthOptions): Promise<number> {
  const { admin, live, stdout, timeoutMs = defaultTimeoutMs } = options;
  if (admin === null) {
    const hint = 'Give the config an admin.address and admin.port that `run` has too.';
    throw new StegwatchError('ADMIN_UNREACHABLE', 'admin is false: nobody can be asked.', hint);
  }
  const path = live ? '/healthz' : '/readyz';
  const good = live ? 'alive' : 'ready';
  const { status, text } = await ask(admin, path, timeoutMs);
  if (status === 200) {
    const concerns = live ? [] : listIn(text, 'concerns');
    stdout.write(`${good}${concerns.length === 0 ? '' : ', but:'}\n`);
    for (const concern of concerns) stdout.write(`- ${printable(concern)}\n`);
    return 0;
  }
  if (status !== 503) throw unreachable(admin, `${path} is answered with ${status}`);
  stdout.write(`not ${good}\n`);
  for (const reason of reasonsIn(text)) stdout.write(`- ${printable(reason)}\n`);
  return 1;
}

/** The first of its addresses that answers. */
async function ask(admin: AdminConfig, path: string, timeoutMs: number): Promise<Answer> {
  if (admin.port === 0) throw unreachable(admin, 'admin.port is 0, which is any free port');
  const signal = AbortSignal.timeout(timeoutMs);
  let why = '';
  for (const host of hostsOf(admin.address)) {
    try {
      const { token } = admin;
      const headers = token === null ? {} : { authorization: `Bearer ${token}` };
      return await get({ host, port: admin.port, path, signal, headers });
    } catch (error) {
      why = signal.aborted ? `no answer within ${timeoutMs} ms` : wordsOf(error);
      if (signal.aborted) break;
    }
  }
  throw unreachable(admin, why);
}

/** Who listens on all addresses is asked at loopback. */
function hostsOf(address: string): readonly string[] {
  if (/^[0.]+$/.test(address)) return ['127.0.0.1'];
  // A container without IPv6 may listen on `::` and yet have no `::1`.
  if (/^[0:]+$/.test(address)) return ['::1', '127.0.0.1'];
  return [address];
}

function get(options: {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ ...options, agent: false }, (response) => {
      textOf(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    })
      .on('error', reject)
      .end();
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) throw new Error(`answers with more than ${maxAnswerBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `{"ready":false,"reasons":["…"]}`; what is not of this shape is told as it came. */
function reasonsIn(text: string): readonly string[] {
  const reasons = listIn(text, 'reasons');
  return reasons.length > 0 || text === '' ? reasons : [text];
}

/** `{"concerns":["…"]}`: sentences; none if it is not of this shape. */
function listIn(text: string, key: 'reasons' | 'concerns'): readonly string[] {
  try {
    const list = (JSON.parse(text) as { [Key in typeof key]?: unknown })[key];
    if (!Array.isArray(list)) return [];
    return list.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  } catch {
    // Not JSON, or null.
    return [];
  }
}

function unreachable({ address, port }: AdminConfig, why: string): StegwatchError {
  const at = `${isIPv6(address) ? `[${address}]` : address}:${port}`;
  return new StegwatchError(
    'ADMIN_UNREACHABLE',
    `stegwatch does not answer at ${at} (admin): ${why}`,
    'Is it running, with the same admin.address and admin.port? Its log says so if it could not start.',
  );
}
