/**
 * Stands between a sender and its receiver on loopback and cuts connections, in whichever direction has
 * brought so many bytes, at that byte; then both sides find out at once.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Test } from 'tap';

export class CuttingProxy {
  port = 0;
  cuts = 0;
  connections = 0;
  readonly #targetPort: number;
  readonly #maxCuts: number;
  readonly #bytesUntilCut: () => number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: ProxyOptions) {
    this.#targetPort = options.targetPort;
    this.#maxCuts = options.maxCuts;
    this.#bytesUntilCut = options.bytesUntilCut;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(t: Test, options: ProxyOptions): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    proxy.port = (proxy.#server.address() as { port: number }).port;
    t.teardown(() => {
      proxy.#server.close();
      for (const socket of proxy.#sockets) socket.destroy();
    });
    return proxy;
  }

  #accept(client: Socket): void {
    this.connections++;
    const server = connect(this.#targetPort, '127.0.0.1');
    const pair = [client, server];
    const destroy = () => {
      for (const socket of pair) socket.destroy();
    };
    let left = this.cuts < this.#maxCuts ? this.#bytesUntilCut() : Number.POSITIVE_INFINITY;
    for (const socket of pair) {
      this.#sockets.add(socket);
      socket.on('error', destroy);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    const carry = (from: Socket, to: Socket): void => {
      from.on('data', (bytes: Buffer) => {
        if (left <= 0) return;
        const part = bytes.subarray(0, left);
        left -= part.length;
        const cut = left <= 0;
        if (cut) this.cuts++;
        const room = to.write(part, () => cut && destroy());
        if (!room) from.pause();
      });
      to.on('drain', () => from.resume());
      from.on('end', () => to.end());
      from.on('close', () => to.end());
    };
    carry(client, server);
    carry(server, client);
  }
}

export interface ProxyOptions {
  readonly targetPort: number;
  /** After so many it cuts no more. */
  readonly maxCuts: number;
  /** Asked for each connection: bytes of both directions together. */
  readonly bytesUntilCut: () => number;
}
