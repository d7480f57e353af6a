/** A sink that keeps a copy of every frame, as text and with what came beside it. */
import type { FrameSink, Peer } from '../../src/stages.js';

export interface RecordedFrame {
  readonly bytes: Buffer;
  readonly text: string;
  readonly originalLength: number;
  readonly receivedAtMs: number;
  readonly peer: Peer;
}

export class RecordingSink implements FrameSink {
  readonly frames: RecordedFrame[] = [];
  /** Called after each frame. */
  onFrame: (frame: RecordedFrame) => void = () => {};

  frame(
    bytes: Buffer,
    start: number,
    end: number,
    originalLength: number,
    receivedAtMs: number,
    peer: Peer,
  ): void {
    const copy = Buffer.from(bytes.subarray(start, end));
    const text = copy.toString('utf8');
    const frame = { bytes: copy, text, originalLength, receivedAtMs, peer };
    this.frames.push(frame);
    this.onFrame(frame);
  }

  get texts(): string[] {
    return this.frames.map(({ text }) => text);
  }
}
