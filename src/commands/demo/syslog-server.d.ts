/** The part of `syslog-server` 1.0.1 that the demo uses; the package ships no types. */
declare module 'syslog-server' {
  import { EventEmitter } from 'node:events';
  export default class SyslogServer extends EventEmitter {
    start(options: { port: number; address: string; exclusive: boolean }): Promise<void>;
    stop(): Promise<void>;
  }
}
