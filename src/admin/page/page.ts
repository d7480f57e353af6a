/**
 * The status page at `/`: static files, a snapshot of what it shows, and a stream of them. The files say nothing of
 * this process, so they are there without the token too: the page asks for it.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Counters } from '../../observe/counters.js';
import type { RunState } from '../observed.js';
import { json, type Reply } from '../reply.js';
import type { Route } from '../router.js';
import { EventStream } from './event-stream.js';
import { Rates } from './rates.js';
import { RecentAlerts } from './recent-alerts.js';
import { snapshot } from './snapshot.js';

/** Nothing but our own files; no inline script or style. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const types = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

export class Page {
  readonly alerts: RecentAlerts;
  readonly #rates: Rates;
  readonly #stream: EventStream;
  readonly routes: Readonly<Record<string, Route>>;

  /** @param options.now epoch ms */
  constructor(options: {
    readonly state: RunState;
    readonly counters: Counters;
    readonly version: string;
    readonly now: () => number;
    /** A stream of events could not go on. */
    readonly onFailure: (err: unknown) => void;
  }) {
    const { state, counters, version, now, onFailure } = options;
    this.alerts = new RecentAlerts(now);
    this.#rates = new Rates(counters, now);
    const { alerts } = this;
    const rates = this.#rates;
    const make = (seen: number) => snapshot({ state, rates, alerts, version }, seen, now());
    this.#stream = new EventStream(alerts, make, onFailure);
    this.routes = {
      '/': own('index.html'),
      '/page.js': own('page.js'),
      '/alerts.js': own('alerts.js'),
      '/charts.js': own('charts.js'),
      '/text.js': own('text.js'),
      '/page.css': own('page.css'),
      '/uplot.js': ofUplot('uPlot.esm.js'),
      '/uplot.css': ofUplot('uPlot.min.css'),
      '/status.json': { answer: () => json(200, make(0)) },
      '/events': { answer: () => this.#stream.answer() },
    };
  }

  start(): void {
    this.#rates.start();
  }

  stop(): void {
    this.#rates.stop();
    this.#stream.stop();
  }
}

function own(name: string): Route {
  return file(name, () => readFileSync(new URL(`assets/${name}`, import.meta.url)));
}

function ofUplot(name: string): Route {
  const require = createRequire(import.meta.url);
  return file(name, () => readFileSync(require.resolve(`uplot/dist/${name}`)));
}

/** Read when it is first asked for: most processes never are. */
function file(name: string, read: () => Buffer): Route {
  const type = types[name.slice(name.lastIndexOf('.') + 1) as keyof typeof types];
  let reply: Reply | null = null;
  return {
    open: true,
    answer: () => {
      reply ??= { status: 200, type, body: read(), headers: { 'Content-Security-Policy': policy } };
      return reply;
    },
  };
}
