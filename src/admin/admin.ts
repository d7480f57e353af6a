/**
 * What the process tells over HTTP: metrics, health, its config. It answers from the start on, before the state is
 * loaded, and to the end.
 *
 *     /          the status page (page/)
 *     /metrics   Prometheus          /healthz   is the process alive?
 *     /config    effective, masked   /readyz    does it take events in, and if not why?
 */
import type { AdminConfig } from '../config/config.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import { QuietLines } from '../observe/quiet-lines.js';
import { Access } from './access.js';
import { EventLoopDelay } from './event-loop-delay.js';
import { details, readiness } from './health.js';
import { HttpServer } from './http-server.js';
import { createRegistry } from './metrics/metrics.js';
import { RunState } from './observed.js';
import { Page } from './page/page.js';
import { concerns } from './page/sentences.js';
import { json } from './reply.js';
import { type Route, Router } from './router.js';

export interface AdminOptions {
  readonly config: AdminConfig;
  /** Its address is of this machine alone. */
  readonly loopback: boolean;
  readonly counters: Counters;
  /** The effective config, without secrets. */
  readonly shownConfig: () => unknown;
  readonly version: string;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** Epoch ms. */
  readonly now?: () => number;
}

export class Admin {
  readonly state = new RunState();
  readonly page: Page;
  readonly #delay = new EventLoopDelay();
  readonly #server: HttpServer;

  constructor(options: AdminOptions) {
    const { config, loopback, log } = options;
    const { counters, version, now = Date.now } = options;
    const lines = new QuietLines(Date.now);
    const onFailure = (err: unknown) => {
      const heldBack = lines.mayWrite('page');
      if (heldBack === null) return;
      log.error({ code: 'ADMIN_FAILED', err, heldBack }, 'admin: the status page failed');
    };
    this.page = new Page({ state: this.state, counters, version, now, onFailure });
    const router = new Router(this.#routes(options), new Access(config, loopback), () => {
      const heldBack = lines.mayWrite('denied');
      if (heldBack === null) return;
      const facts = { code: 'ADMIN_DENIED', listener: this.url, heldBack } as const;
      log.warn(facts, 'admin: a request came without the right token');
    });
    const answer = router.answer.bind(router);
    this.#server = new HttpServer({ address: config.address, port: config.port, answer, log });
  }

  /** `http://127.0.0.1:9598`; '' before `start`. */
  get url(): string {
    return this.#server.url;
  }

  /** @throws StegwatchError LISTEN_FAILED */
  async start(): Promise<void> {
    this.page.start();
    try {
      await this.#server.start();
    } catch (error) {
      this.#delay.stop();
      this.page.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.page.stop();
    await this.#server.stop();
    this.#delay.stop();
  }

  #routes({
    counters,
    shownConfig,
    version,
    now = Date.now,
  }: AdminOptions): Readonly<Record<string, Route>> {
    const { state } = this;
    const registry = createRegistry({ state, counters, delay: this.#delay, version, now });
    const uptime = () => ({ version, uptime_seconds: Math.floor(process.uptime()) });
    return {
      ...this.page.routes,
      '/metrics': {
        answer: async () => ({
          ...{ status: 200, type: registry.contentType, body: await registry.metrics() },
        }),
      },
      '/healthz': {
        open: true,
        answer: ({ trusted }) => json(200, { alive: true, ...(trusted && uptime()) }),
      },
      '/readyz': {
        open: true,
        answer: ({ trusted }) => {
          const { ready, reasons } = readiness(state);
          const more = trusted
            ? { concerns: concerns(state, now()), ...uptime(), ...details(state, now()) }
            : {};
          return json(ready ? 200 : 503, { ready, reasons, ...more });
        },
      },
      '/config': { answer: () => json(200, shownConfig()) },
    };
  }
}
