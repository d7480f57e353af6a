/** SIGHUP to `run`: the config and certificates anew. One at a time; a config that is bad changes nothing. */
import { StegwatchError } from '../errors.js';
import { countOf } from '../observe/counted.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/log.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { Loaded } from './load.js';
import { sayReloadNotices } from './notices.js';

/** To be made before all that takes time: until then the signal ends the process. */
export class Reloads {
  #onSignal: () => Promise<void>;
  #askedEarly = false;
  #reloading: Promise<void> = Promise.resolve();

  constructor() {
    this.#onSignal = async () => {
      this.#askedEarly = true;
    };
    process.on('SIGHUP', () => this.#ask());
  }

  /** A signal that came before is heeded now: what was read at the start may be older than what it asks for. */
  start(reload: () => Promise<void>): void {
    this.#onSignal = reload;
    if (this.#askedEarly) this.#ask();
  }

  /** Resolves when the reload that was under way is done; there is no other. */
  async stop(): Promise<void> {
    this.#onSignal = async () => {};
    await this.#reloading;
  }

  #ask(): void {
    this.#reloading = this.#reloading.then(() => this.#onSignal());
  }
}

/**
 * Never rejects: what went wrong is said, and the old config stays in force.
 *
 * @param read the config as it is now. Throws as `load` does
 * @param done told of the config that has come into force
 */
export async function reload(
  pipeline: Pipeline,
  read: () => Loaded,
  counters: Pick<Counters, 'config_reloads' | 'config_reload_failures'>,
  log: Logger,
  done: (loaded: Loaded) => void,
): Promise<void> {
  log.info('SIGHUP: reading the config and certificates anew');
  try {
    const loaded = read();
    const fixed = await pipeline.reload(loaded.config, loaded.exclusions);
    sayReloadNotices(loaded.config, Date.now(), log);
    if (fixed.length > 0) {
      const words = 'only a restart can change these keys; they keep their values until then';
      log.warn({ code: 'RESTART_NEEDED', keys: fixed }, `${words}: ${fixed.join(', ')}`);
    }
    const { length: tests } = loaded.config.tests;
    if (tests > 0) {
      // Each takes some 10 ms and may hold millions of events, which this process does not stand still for.
      const words = `${countOf(tests, 'test')} in it ${tests === 1 ? 'was' : 'were'} not run`;
      log.info({ tests }, `${words}: \`stegwatch validate\` runs them`);
    }
    done(loaded);
    counters.config_reloads++;
    const inputs = pipeline.inputs.map(({ name }) => name);
    const but = fixed.length === 0 ? '' : `, but for ${fixed.join(', ')}`;
    log.info({ inputs }, `the new config is in force${but}`);
  } catch (error) {
    counters.config_reload_failures++;
    if (!(error instanceof StegwatchError)) {
      // A fault of ours must not end the process.
      log.error(
        { code: 'RELOAD_FAILED', err: error },
        'the reload failed: restart to be sure of the config',
      );
      return;
    }
    const { message: why, hint, code } = error;
    const mistakes = why.split('\n').length;
    const many = mistakes === 1 ? '' : ` (${mistakes} mistakes)`;
    log.error(
      { why, hint, code },
      `the new config cannot be used${many}: the old one stays in force`,
    );
  }
  await pipeline.reloadCertificates();
}
