/**
 * The listeners of a config: started, paused and stopped together, and exchanged for those of another config.
 * One whose settings are the same goes on, with its connections.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ListenConfig } from '../config/config.js';
import type { StegwatchError } from '../errors.js';
import { AllowList } from '../input/allow-list.js';
import { createRelpInput } from '../input/relp/relp.js';
import { createTcpInput } from '../input/tcp.js';
import { TlsInput } from '../input/tls.js';
import { UdpInput } from '../input/udp.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import type { Durability, FrameSink, Input } from '../stages.js';

interface Listener {
  /** All that it was made of. Equal ones are the same listener. */
  readonly settings: readonly unknown[];
  /** Two with the same one cannot listen at the same time; null: any free port. */
  readonly place: string | null;
  make(): Input;
}

interface Running extends Listener {
  readonly input: Input;
}

export interface ListenersOptions {
  readonly sink: FrameSink;
  /** One for each RELP listener. */
  readonly durability: () => Durability;
  readonly counters: Counters;
  readonly log: Logger;
}

export class Listeners {
  readonly #options: ListenersOptions;
  readonly #allow: AllowList;
  #running: Running[];
  #paused = false;

  constructor(config: ListenConfig, options: ListenersOptions) {
    this.#options = options;
    this.#allow = new AllowList(config.allow);
    this.#running = this.#listenersOf(config).map(withInput);
  }

  get inputs(): readonly Input[] {
    return this.#running.map(({ input }) => input);
  }

  /** Rejects if one cannot start. */
  async start(): Promise<void> {
    for (const { input } of this.#running) await input.start();
  }

  pause(): void {
    this.#paused = true;
    for (const { input } of this.#running) input.pause();
  }

  resume(): void {
    this.#paused = false;
    for (const { input } of this.#running) input.resume();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map(({ input }) => input.stop()));
  }

  /**
   * Starts what is new and stops what is gone, in this order but for those that take the place of one that
   * is gone. Rejects if one cannot start: then all is as it was, but for connections of listeners that had to stop.
   */
  async change(config: ListenConfig): Promise<void> {
    const left = [...this.#running];
    const plan = this.#listenersOf(config).map((listener) => {
      const index = left.findIndex(({ settings }) =>
        isDeepStrictEqual(settings, listener.settings),
      );
      return index < 0 ? listener : left.splice(index, 1)[0]!;
    });
    const places = plan.filter((one) => !isRunning(one)).map(({ place }) => place);
    const [inTheWay, gone] = partition(
      left,
      ({ place }) => place !== null && places.includes(place),
    );
    await Promise.all(inTheWay.map(({ input }) => input.stop()));
    const started: Running[] = [];
    try {
      const running: Running[] = [];
      for (const one of plan) {
        if (isRunning(one)) {
          running.push(one);
          continue;
        }
        const fresh = withInput(one);
        await this.#startOne(fresh.input);
        started.push(fresh);
        running.push(fresh);
      }
      this.#running = running;
      this.#settle();
    } catch (error) {
      await Promise.all(started.map(({ input }) => input.stop()));
      await this.#putBack(inTheWay);
      throw error;
    }
    this.#allow.use(config.allow);
    await Promise.all(gone.map(({ input }) => input.stop()));
  }

  /** As they were. One that cannot start again is said: the others are tried all the same. */
  async #putBack(stopped: readonly Running[]): Promise<void> {
    const back = stopped.map(withInput);
    this.#running = this.#running.map((one) => back[stopped.indexOf(one)] ?? one);
    for (const { input } of back) {
      await this.#startOne(input).catch((err: unknown) => {
        const words = 'a listener had to stop for a new config and cannot start again: restart';
        this.#options.log.error({ code: 'LISTENER_DOWN', listener: input.name, err }, words);
      });
    }
    this.#settle();
  }

  /** They may have been paused, or let go on, while some of them were not among us yet. */
  #settle(): void {
    for (const { input } of this.#running) {
      if (this.#paused) input.pause();
      else input.resume();
    }
  }

  async #startOne(input: Input): Promise<void> {
    await input.start();
    if (this.#paused) input.pause();
  }

  /** Certificates and keys anew, for connections to come; says of each listener how it went. */
  async reloadCertificates(): Promise<void> {
    const { log } = this.#options;
    for (const input of this.inputs) {
      if (input.reloadCertificates === undefined) continue;
      try {
        await input.reloadCertificates();
        log.info({ listener: input.name }, 'certificates reloaded, for new connections');
      } catch (error) {
        const { message: why, hint } = error as StegwatchError;
        log.error(
          { code: 'CERTIFICATE_NOT_RELOADED', listener: input.name, why, hint },
          'certificates could not be reloaded: the old ones stay in use',
        );
      }
    }
  }

  #listenersOf(config: ListenConfig): Listener[] {
    const { maxMessageBytes } = config;
    const allow = this.#allow;
    const { sink, counters, log, durability } = this.#options;
    const shared = { maxMessageBytes, allow, sink, counters, log };
    const of = (
      transport: 'udp' | 'tcp',
      kind: string,
      own: { readonly address: string; readonly port: number },
      make: () => Input,
    ): Listener => ({
      settings: [kind, own, maxMessageBytes],
      place: own.port === 0 ? null : `${transport} ${own.port}`,
      make,
    });
    return [
      ...config.udp.map((udp) => of('udp', 'udp', udp, () => new UdpInput(udp, shared))),
      ...config.tcp.map((tcp) => of('tcp', 'tcp', tcp, () => createTcpInput(tcp, shared))),
      ...config.tls.map(({ validity, ...tls }) =>
        of('tcp', 'tls', tls, () => new TlsInput({ ...tls, validity }, shared)),
      ),
      ...config.relp.map((relp) =>
        of('tcp', 'relp', relp, () =>
          createRelpInput(relp, { ...shared, durability: durability() }),
        ),
      ),
    ];
  }
}

function withInput(listener: Listener): Running {
  return { ...listener, input: listener.make() };
}

function isRunning(listener: Listener | Running): listener is Running {
  return 'input' in listener;
}

function partition<T>(list: readonly T[], holds: (one: T) => boolean): [T[], T[]] {
  return [list.filter(holds), list.filter((one) => !holds(one))];
}
