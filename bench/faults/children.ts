/** The harness's hold on its processes: whatever ends it, they end too. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Ledger } from './ledger.js';
import type { ReceiverCommand, ReceiverConfig } from './receiver-process.js';
import type { SenderCommand, SenderConfig, SenderReport } from './sender-process.js';

const ends: (() => void)[] = [];

/** Called when the run is over, however. */
export function atEnd(end: () => void): void {
  ends.push(end);
}

export function endAll(): void {
  for (const end of ends.splice(0).reverse()) end();
}

function start(program: string, config: object): ChildProcess {
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const child = fork(path, [JSON.stringify(config)]);
  atEnd(() => child.kill('SIGKILL'));
  return child;
}

/** The process that sends; the ledger hears what it says. */
export class Sender {
  readonly #child: ChildProcess;

  constructor(config: SenderConfig, ledger: Ledger) {
    this.#child = start('sender-process', config);
    this.#child.on('message', (report: SenderReport) => {
      if (report.kind === 'sent') ledger.wasSent(report.range, report.udp);
      else if (report.kind === 'piece') ledger.wasCut(report.number);
      else if (report.kind === 'ended') ledger.connectionEnds++;
      else if (report.kind === 'taken') {
        for (const range of report.ranges) ledger.wasTakenIn(range);
      }
    });
    this.#child.on('exit', (code, signal) => {
      if (signal !== 'SIGKILL') ledger.problem(`the sender ended by itself: ${code ?? signal}`);
    });
  }

  tell(command: SenderCommand): void {
    this.#child.send(command);
  }

  /** Resolves when all connections are closed; what was said before has then been heard. */
  async pause(): Promise<void> {
    const paused = new Promise<void>((resolve) => {
      const listen = (report: SenderReport): void => {
        if (report.kind !== 'paused') return;
        this.#child.off('message', listen);
        resolve();
      };
      this.#child.on('message', listen);
    });
    this.tell({ kind: 'pause' });
    await paused;
  }
}

/** The process that receives and misbehaves. */
export class MockReceiver {
  readonly #child: ChildProcess;

  constructor(config: ReceiverConfig, ledger: Ledger) {
    this.#child = start('receiver-process', config);
    this.#child.on('exit', (code, signal) => {
      if (signal !== 'SIGKILL') ledger.problem(`the receiver ended by itself: ${code ?? signal}`);
    });
  }

  tell(command: ReceiverCommand): void {
    this.#child.send(command);
  }

  async listen(): Promise<void> {
    const heard = once(this.#child, 'message');
    this.tell({ kind: 'listen' });
    await heard;
  }

  async goAway(): Promise<void> {
    const heard = once(this.#child, 'message');
    this.tell({ kind: 'away' });
    await heard;
  }

  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }
}
