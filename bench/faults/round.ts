/** One round of a fault run: its faults, then calm, in which all that was taken in must arrive. */
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../workload.js';
import type { Sender } from './children.js';
import { damageSpool, deadLetterNumbers } from './damage.js';
import type { FailingDisk, Tmpfs } from './disk.js';
import type { Ledger } from './ledger.js';
import type { ReceiverFault, Round, Step } from './plan.js';
import type { Program } from './program.js';
import type { Receivers } from './receivers.js';

export interface RoundParts {
  readonly round: Round;
  readonly yaml: string;
  /** The folder with its segments. */
  readonly spool: string;
  readonly seed: number;
  readonly ledger: Ledger;
  readonly program: Program;
  readonly sender: Sender;
  readonly receivers: Receivers;
  readonly tmpfs: Tmpfs | null;
  readonly failingDisk: FailingDisk | null;
  readonly arriveWithinMs: number;
  readonly log: (text: string) => void;
  /** To be called when a disk is made to fail: for how long that may be felt. */
  readonly diskFails: (forMs: number) => void;
}

/** Twice what the output has on the way at most (8 MiB), in the smallest entries of ours. */
const resentAtMost = Math.ceil((8 * 1024 * 1024) / 500);
const ackTimeoutMs = 2_000;
/** After a fault of the disk: it tries again each second. */
const diskRecoversMs = 3_000;
/** Events that may wait in the kernel and in the program. */
const unreadAtMost = 10_000;
const calmMs = 3_000;
/** The last part of the calm: what is sent in it comes once. */
const quietMs = 1_000;
const collectMs = 250;
const udpProbe = 60;

/** Of what was hit by damage the program must tell. */
interface Told {
  /** Events that were to be delivered. */
  readonly undelivered: readonly number[];
  /** All of them. */
  readonly hit: number;
  readonly atEnd: boolean;
}

export class RoundRun {
  readonly #parts: RoundParts;
  #startMs = 0;
  /** First number of the round. */
  #from = 0;
  /** Since which event a disk has failed, and until when that may be felt. */
  #failing = { from: 0, untilMs: Number.NEGATIVE_INFINITY };
  #collector: NodeJS.Timeout | null = null;

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  async run(): Promise<void> {
    const { round, yaml, program, sender, receivers, ledger, log } = this.#parts;
    const { number, kind, damage, forMs, receiver, tmpfs, sync, maxSize } = round;
    log(
      `round ${number}: ${damage === null ? kind : `damage of ${damage}`}, to ${receiver}, ` +
        `spool on a ${tmpfs ? 'small ' : ''}disk, max_size ${maxSize}, sync ${sync}`,
    );
    this.#from = ledger.end;
    if (receiver === 'fluentd') await receivers.fluentd!.start();
    else await receivers.mock.listen();
    this.#collector = setInterval(() => receivers.collect(), collectMs);
    await program.start(yaml);
    sender.tell({ kind: 'go' });
    this.#startMs = performance.now();
    const steps = Promise.all(Object.values(round.lanes).map((lane) => this.#goThrough(lane)));
    const told = kind === 'damage' ? await this.#damageRound() : null;
    await steps;
    await this.#until(forMs);
    await this.#calm(told);
  }

  async #goThrough(lane: readonly Step[]): Promise<void> {
    for (const step of lane) {
      await this.#until(step.atMs);
      await this.#perform(step);
    }
  }

  async #perform(step: Step): Promise<void> {
    const { program, sender, log, ledger } = this.#parts;
    switch (step.kind) {
      case 'kill':
        log(`kill -9, started again after ${step.downMs} ms`);
        ledger.mayRepeat += resentAtMost;
        await this.#dies(() => program.kill());
        await sleep(step.downMs);
        return program.start();
      case 'terminate':
        log('SIGTERM, started again');
        ledger.mayRepeat += resentAtMost;
        await this.#dies(() => program.terminate());
        log('SIGTERM: it has ended');
        return program.start();
      case 'freeze':
        log(`SIGSTOP for ${step.forMs} ms`);
        ledger.mayRepeat += step.forMs > ackTimeoutMs / 2 ? resentAtMost : 0;
        program.freeze();
        await sleep(step.forMs);
        return program.thaw();
      case 'cut sender':
        return sender.tell({ kind: 'cut' });
      case 'receiver':
        return this.#receiverFault(step.how, step.forMs);
      default:
        return this.#diskFault(step);
    }
  }

  /** Of what it could not write, what it has learned is gone, delivered or not. */
  async #dies(die: () => Promise<unknown>): Promise<void> {
    const { ledger, program, log } = this.#parts;
    const beganMs = performance.now();
    await die();
    const { from, untilMs } = this.#failing;
    if (beganMs > untilMs) return;
    const evenTaken = program.saidUnlearned;
    if (evenTaken) log('it had said that the baseline would not know some of what it delivered');
    const first = evenTaken ? this.#from : from;
    ledger.maybeUnlearned.push({ from: first, count: ledger.end - first, evenTaken });
  }

  async #diskFault(step: Extract<Step, { kind: 'fill disk' | 'fail disk' }>): Promise<void> {
    const { tmpfs, failingDisk, log, ledger } = this.#parts;
    // What had been sent just before may not have been read.
    const since = performance.now() > this.#failing.untilMs ? ledger.end : this.#failing.from;
    const from = Math.max(this.#from, since - unreadAtMost);
    this.#failing = { from, untilMs: Number.POSITIVE_INFINITY };
    this.#parts.diskFails(step.forMs + diskRecoversMs);
    if (step.kind === 'fill disk') {
      log(`the disk is full for ${step.forMs} ms`);
      tmpfs!.fill();
      await sleep(step.forMs);
      tmpfs!.empty();
    } else {
      const wait = step.how === 'slow' ? ` by ${step.waitMs} ms a write` : '';
      log(`the disk fails: ${step.how}${wait}, for ${step.forMs} ms`);
      failingDisk!.set(step.how, step.waitMs);
      await sleep(step.forMs);
      failingDisk!.set(null);
    }
    this.#failing = { from, untilMs: performance.now() + diskRecoversMs };
    this.#parts.diskFails(diskRecoversMs);
  }

  async #receiverFault(how: ReceiverFault, forMs: number): Promise<void> {
    const { round, receivers, log, ledger } = this.#parts;
    const { mock, fluentd } = receivers;
    log(`${round.receiver} ${how}${forMs === 0 ? '' : ` for ${forMs} ms`}`);
    ledger.mayRepeat += resentAtMost * (2 + Math.ceil(forMs / ackTimeoutMs));
    if (how === 'cut before ack' || how === 'cut after ack') {
      return mock.tell({ kind: 'cut', when: how === 'cut before ack' ? 'before' : 'after' });
    }
    if (how === 'no acks' || how === 'late acks') {
      mock.tell({ kind: 'acks', how: how === 'no acks' ? 'none' : 'late' });
      await sleep(forMs);
      return mock.tell({ kind: 'acks', how: 'right' });
    }
    const target = round.receiver === 'fluentd' ? fluentd! : mock;
    if (how === 'frozen') {
      target.freeze();
      await sleep(forMs);
      return target.thaw();
    }
    if (how === 'killed') receivers.mayTear = true;
    if (target === mock) await mock.goAway();
    else await (how === 'killed' ? fluentd!.kill() : fluentd!.stop());
    await sleep(forMs);
    await (target === mock ? mock.listen() : fluentd!.start());
    log(`${round.receiver} is there again`);
  }

  /** A backlog is made, the program killed, the spool damaged. Returns what must be told of at the end. */
  async #damageRound(): Promise<Told> {
    const { round, spool, seed, program, receivers, ledger, log } = this.#parts;
    await this.#until(round.forMs * 0.25);
    log('mock away');
    await receivers.mock.goAway();
    await this.#until(round.forMs * 0.75);
    log('kill -9');
    await program.kill();
    ledger.mayRepeat += 3 * resentAtMost;
    receivers.collect();
    const random = randomFrom(seed + round.number);
    const { what, numbers, held, atEnd } = damageSpool(spool, round.damage!, random);
    if (round.damage === 'cursor') ledger.mayRepeat += held;
    const undelivered = numbers.filter((number) => ledger.wasDamaged(number));
    log(
      `damaged: ${what}; ${held} events in the spool, of those hit ${undelivered.length} were to be delivered`,
    );
    await receivers.mock.listen();
    await program.start();
    return { undelivered, hit: numbers.length, atEnd };
  }

  async #calm(told: Told | null): Promise<void> {
    const { program, sender, receivers, spool, ledger, log } = this.#parts;
    log('calm');
    if (!program.running) await program.start();
    await sleep(calmMs - quietMs);
    const quietFrom = ledger.end;
    await sleep(quietMs);
    await sender.pause();
    await this.#arrived();
    const probed = await this.#probeUdp();
    const counters = await program.terminate();
    if (this.#parts.round.receiver === 'fluentd') await receivers.fluentd!.stop();
    else await receivers.mock.goAway();
    if (this.#collector !== null) clearInterval(this.#collector);
    receivers.discardFluentdFiles();
    for (const number of deadLetterNumbers(spool)) ledger.wasSetAside(number);
    this.#checkLost();
    const { deliveredTwice } = ledger.totals(quietFrom);
    if (deliveredTwice > 0 && counters.chunks_resent === undefined) {
      ledger.problem(
        `round ${this.#parts.round.number}: ${deliveredTwice} events came twice in calm`,
      );
    }
    this.#checkCounters(counters, probed, told);
  }

  async #arrived(): Promise<void> {
    const { ledger, log, arriveWithinMs } = this.#parts;
    let least = ledger.outstanding;
    let untilMs = performance.now() + arriveWithinMs;
    while (ledger.outstanding > 0 && performance.now() < untilMs) {
      await sleep(collectMs);
      if (ledger.outstanding >= least) continue;
      least = ledger.outstanding;
      untilMs = performance.now() + arriveWithinMs;
    }
    log(`${ledger.outstanding} of those taken in have not arrived`);
  }

  /** In calm, what UDP brings must arrive or be counted as dropped. Returns the numbers sent. */
  async #probeUdp(): Promise<{ readonly from: number; readonly to: number }> {
    const { ledger, sender } = this.#parts;
    const from = ledger.end;
    sender.tell({ kind: 'udp', count: udpProbe });
    const untilMs = performance.now() + 10_000;
    while (performance.now() < untilMs) {
      await sleep(collectMs);
      if (ledger.end >= from + udpProbe && ledger.totals(from).delivered >= udpProbe) break;
    }
    return { from, to: ledger.end };
  }

  #checkLost(): void {
    const { ledger, round } = this.#parts;
    const lost = ledger.lostNumbers(this.#from);
    if (lost.length === 0) return;
    const some = lost.slice(0, 10).join(', ');
    ledger.problem(
      `round ${round.number}: ${lost.length} events that were taken in are lost: ${some}`,
    );
  }

  #checkCounters(
    counters: Readonly<Record<string, number>>,
    udp: { readonly from: number; readonly to: number },
    told: Told | null,
  ): void {
    const { ledger, round, log } = this.#parts;
    const problem = (text: string): void => ledger.problem(`round ${round.number}: ${text}`);
    const missing = counters.spool_missing_events ?? 0;
    if ((counters.spool_bytes ?? 0) > 0)
      problem(`${counters.spool_bytes} bytes stayed in the spool`);
    const dropped = counters.udp_dropped_full ?? 0;
    const unseen = udp.to - udp.from - ledger.totals(udp.from, udp.to).delivered;
    if (unseen > dropped)
      problem(`${unseen} datagrams of ${udpProbe} did not arrive, dropped: ${dropped}`);
    const lost = (told?.undelivered ?? []).filter((number) => !ledger.isDelivered(number)).length;
    if (told === null && missing > 0)
      problem(`it misses ${missing} events, and nothing was damaged`);
    if (told === null) return;
    log(`damage: ${lost} events lost by it, ${missing} told by the program`);
    // In a record that was hit, what had been delivered counts too. Pieces of events are events to the
    // program, and have no number.
    if (missing > told.hit + ledger.connectionEnds)
      problem(`it misses ${missing} events, ${told.hit} were hit`);
    if (missing < lost && !told.atEnd)
      problem(`${lost} events are lost by damage, it tells of ${missing}`);
  }

  async #until(ms: number): Promise<void> {
    await sleep(Math.max(0, this.#startMs + ms - performance.now()));
  }
}
