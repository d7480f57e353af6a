/** Makes the stages of a filter, of a config as `run` has it: what differs is what is around them. */
import type { Config } from '../../config/config.js';
import { createDecoder } from '../../decode/decode.js';
import { createDetector } from '../../detect/detector.js';
import type { Exclusions } from '../../detect/exclusions/exclusions.js';
import { createForwardEncoder } from '../../encode/forward-entry.js';
import type { Counters } from '../../observe/counters.js';
import type { Logger } from '../../observe/log.js';
import { Checkpoints } from '../../pipeline/checkpoints.js';
import { type DetectionState, openDetection } from '../../pipeline/open-detection.js';
import type { Answers } from './answers.js';
import { JsonProtocol } from './json-protocol.js';
import { Judge } from './judge.js';
import { LinesProtocol } from './lines-protocol.js';
import { MmexternalProtocol } from './mmexternal-protocol.js';
import { MsgpackProtocol } from './msgpack-protocol.js';
import type { Protocol, ProtocolName, ProtocolParts } from './protocol.js';

const protocols: Readonly<Record<ProtocolName, new (parts: ProtocolParts) => Protocol>> = {
  lines: LinesProtocol,
  json: JsonProtocol,
  msgpack: MsgpackProtocol,
  mmexternal: MmexternalProtocol,
};

export interface OpenedFilter {
  readonly state: DetectionState;
  readonly protocol: Protocol;
  readonly checkpoints: Checkpoints;
}

/** @throws StegwatchError BASELINE_UNUSABLE */
export async function openFilter(parts: {
  config: Config;
  exclusions: Exclusions;
  protocol: ProtocolName;
  key: string;
  tagKey: string | null;
  answers: Answers;
  counters: Counters;
  log: Logger;
}): Promise<OpenedFilter> {
  const { config, exclusions, answers, counters, log } = parts;
  const { detection, listen, forward } = config;
  const state = await openDetection(config, Date.now(), counters, log);
  const { feeds, baselines, repeats, clock } = state;
  const detector = createDetector({
    ...{ detection, exclusions, feeds, baselines, repeats, counters },
    clock: clock.reading,
  });
  const { raw, names, resolveLabels } = forward.fluentd;
  const judge = new Judge(listen, {
    decode: createDecoder({ counters, feeds }),
    detector,
    counters,
    encoder: createForwardEncoder({
      ...{ raw, names, resolveLabels, feeds, counters },
      maxFutureMs: detection.maxFutureMs,
    }),
  });
  const checkpoints = new Checkpoints({
    ...{ config, state, detector, log },
    // A repeat is only held back once the alert has left.
    safety: { lastSeq: () => answers.made, isSafe: async (seq) => answers.written >= seq },
  });
  return { state, protocol: new protocols[parts.protocol]({ ...parts, judge }), checkpoints };
}
