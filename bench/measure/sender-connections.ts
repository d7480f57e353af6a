/** The stream protocols of the bench's sender: pieces of lines in turn over connections that stay open. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

export interface SenderConnectionsOptions {
  readonly protocol: 'tcp' | 'tls' | 'relp';
  readonly port: number;
  readonly connections: number;
  readonly lines: readonly string[];
  /** Lines written at once. */
  readonly pieceLines: number;
}

export interface Sent {
  readonly sent: number;
  /** Most events that were sent without a pause; all of them where no rate is kept. */
  readonly maxBurst: number;
}

/** RELP: messages that may await their ack, over all connections. */
const relpWindow = 5_000;
/** Transaction numbers of one width, so that they can be counted up in the bytes of a finished piece. */
const firstTxnr = 100_000_000;
const lastTxnr = 999_999_999;
const txnrDigits = 9;
const newline = 0x0a;
const openCommand = 'relp_version=0\nrelp_software=bench\ncommands=syslog';

interface Piece {
  readonly bytes: Buffer;
  readonly lines: number;
  /** RELP: where the numbers are. */
  readonly txnrAt: readonly number[];
}

export class SenderConnections {
  readonly #options: SenderConnectionsOptions;
  readonly #pieces: readonly Piece[];
  readonly #connections: Connection[] = [];
  #nextPiece = 0;

  constructor(options: SenderConnectionsOptions) {
    this.#options = options;
    const { lines, pieceLines, protocol } = options;
    const pieces: Piece[] = [];
    for (let i = 0; i < lines.length; i += pieceLines) {
      pieces.push(pieceOf(lines.slice(i, i + pieceLines), protocol === 'relp'));
    }
    this.#pieces = pieces;
  }

  async open(): Promise<void> {
    const { connections, pieceLines, protocol } = this.#options;
    // A piece is not written into again before it is acked: all windows together are less than the block.
    const window = Math.max(pieceLines, Math.floor(relpWindow / connections));
    for (let i = 0; i < connections; i++) {
      const connection = new Connection(protocol === 'relp' ? window : 0);
      await connection.open(protocol, this.#options.port);
      this.#connections.push(connection);
    }
  }

  /** @param rate per second; null: as fast as they are taken */
  async send(count: number, rate: number | null): Promise<Sent> {
    if (rate !== null) return this.#sendPaced(count, rate);
    let left = count;
    let sent = 0;
    await Promise.all(
      this.#connections.map(async (connection) => {
        while (left > 0) {
          const piece = this.#takePiece();
          left -= piece.lines;
          sent += piece.lines;
          await connection.write(piece);
        }
        await connection.settled();
      }),
    );
    return { sent, maxBurst: sent };
  }

  async #sendPaced(count: number, rate: number): Promise<Sent> {
    const fromMs = performance.now();
    let sent = 0;
    let maxBurst = 0;
    for (let turn = 0; sent < count; ) {
      const due = Math.min(count, ((performance.now() - fromMs) / 1000) * rate);
      const before = sent;
      while (sent < due) {
        const piece = this.#takePiece();
        sent += piece.lines;
        await this.#connections[turn++ % this.#connections.length]!.write(piece);
      }
      maxBurst = Math.max(maxBurst, sent - before);
      await sleep(1);
    }
    for (const connection of this.#connections) await connection.settled();
    return { sent, maxBurst };
  }

  #takePiece(): Piece {
    const piece = this.#pieces[this.#nextPiece]!;
    this.#nextPiece = (this.#nextPiece + 1) % this.#pieces.length;
    return piece;
  }
}

class Connection {
  /** Of RELP; 0: another protocol. */
  readonly #window: number;
  #socket!: Socket;
  #txnr = firstTxnr;
  #unacked = 0;
  #wake: () => void = () => {};

  constructor(window: number) {
    this.#window = window;
  }

  async open(protocol: SenderConnectionsOptions['protocol'], port: number): Promise<void> {
    if (protocol === 'tls') {
      // Whom it speaks to is no matter here: the certificate was made a moment ago for this run.
      this.#socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
      await once(this.#socket, 'secureConnect');
    } else {
      this.#socket = connect(port, '127.0.0.1');
      await once(this.#socket, 'connect');
    }
    this.#socket.on('close', () => {
      throw new Error('the receiver closed the connection');
    });
    if (this.#window === 0) {
      this.#socket.resume();
      return;
    }
    this.#socket.write(`1 open ${openCommand.length} ${openCommand}\n`);
    await this.#opened();
    this.#socket.on('data', this.#acked);
  }

  async write(piece: Piece): Promise<void> {
    if (this.#window > 0) {
      while (this.#unacked + piece.lines > this.#window) await this.#anAck();
      this.#unacked += piece.lines;
      for (const at of piece.txnrAt) this.#number(piece.bytes, at);
    }
    if (!this.#socket.write(piece.bytes)) await once(this.#socket, 'drain');
  }

  /** The kernel has all of it; RELP: all of it is acked. */
  async settled(): Promise<void> {
    while (this.#unacked > 0) await this.#anAck();
    while (this.#socket.writableLength > 0) await sleep(1);
  }

  /** The answer to "open", which holds newlines, is all there. */
  async #opened(): Promise<void> {
    let text = '';
    while (!/^1 rsp \d+ 200 OK\n(.*\n)+$/.test(text)) {
      const [chunk] = await once(this.#socket, 'data');
      text += chunk;
    }
  }

  /** Each answer is a line: `TXNR rsp 6 200 OK`. */
  readonly #acked = (chunk: Buffer): void => {
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) {
      this.#unacked--;
    }
    this.#wake();
  };

  #anAck(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #number(bytes: Buffer, at: number): void {
    let rest = this.#txnr;
    for (let digit = txnrDigits - 1; digit >= 0; digit--) {
      bytes[at + digit] = 0x30 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#txnr = this.#txnr === lastTxnr ? firstTxnr : this.#txnr + 1;
  }
}

function pieceOf(lines: readonly string[], isRelp: boolean): Piece {
  if (!isRelp) return { bytes: Buffer.from(lines.join('')), lines: lines.length, txnrAt: [] };
  const txnrAt: number[] = [];
  let text = '';
  for (const line of lines) {
    // The workload is ASCII: characters are bytes. What ends the line is RELP's trailer here.
    txnrAt.push(text.length);
    text += `${firstTxnr} syslog ${line.length - 1} ${line}`;
  }
  return { bytes: Buffer.from(text), lines: lines.length, txnrAt };
}
