/**
 * A real rsyslogd that takes lines over TCP and sends each as it is by RELP (omrelp of rsyslog-relp). What it
 * has to say of lost connections is not heard.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { freeTcpPort, type Rsyslog, runRsyslog } from './rsyslog.js';
import { sendTcp } from './send.js';
import { until } from './until.js';

export async function startOmrelp(options: {
  rsyslogd: string;
  folder: string;
  targetPort: number;
  teardown: (end: () => Promise<unknown>) => void;
}): Promise<Rsyslog> {
  const port = await freeTcpPort();
  const config = `global(workDirectory="${options.folder}" maxMessageSize="64k")
module(load="imtcp")
module(load="omrelp")
template(name="raw" type="string" string="%rawmsg%")
input(type="imtcp" port="${port}" address="127.0.0.1" ruleset="out")
ruleset(name="out" queue.type="LinkedList" queue.size="500000" queue.timeoutEnqueue="60000") {
  action(type="omrelp" target="127.0.0.1" port="${options.targetPort}" template="raw"
         action.resumeRetryCount="-1" action.resumeInterval="1")
}
`;
  return runRsyslog({ ...options, config, port, quiet: true });
}

/**
 * As `until`, and all the while rsyslog is given a line now and then: omrelp learns that a connection is lost,
 * and sends again what had no ack, only when it has something to send.
 */
export async function untilResent(
  rsyslog: Rsyslog,
  line: string,
  what: string,
  holds: () => boolean,
  withinMs: number,
): Promise<void> {
  let waiting = true;
  const nudging = (async () => {
    while (waiting) {
      await sendTcp(rsyslog.port, [line]);
      await sleep(250);
    }
  })();
  try {
    await until(what, holds, withinMs);
  } finally {
    waiting = false;
    await nudging;
  }
}
