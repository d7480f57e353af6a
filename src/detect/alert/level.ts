/**
 * How much an alert says: points, each with a reason, and the level that they add up to. An alert that
 * names no host is low whatever its points: nothing is known of where it came from.
 */
import type { DetectionConfig } from '../../config/config.js';
import type { Alert, Direction, HostState } from '../../verdict.js';

type Level = Alert['level'];
type LevelConfig = DetectionConfig['level'];

export interface LevelFacts {
  /** As in the alert, so that its reader can check the level. */
  readonly ratio: number;
  readonly hostState: HostState;
  readonly mismatch: boolean;
  readonly direction: Direction;
}

interface Points {
  readonly points: number;
  /** What is true of the event, or is not. */
  readonly why: string;
}

export function levelOf(facts: LevelFacts, level: LevelConfig): Level {
  if (facts.hostState === 'absent') return 'low';
  const points = sum(pointsOf(facts, level));
  if (points >= level.critical) return 'critical';
  if (points >= level.high) return 'high';
  return points >= level.medium ? 'medium' : 'low';
}

/**
 * The level and how it came about, one line each; what gave no point is there too:
 *
 *     level high: 3 points (medium from 1, high from 3, critical from 5)
 *     +1 at least 3 times the threshold
 *     +0 less than 10 times the threshold
 */
export function levelInWords(facts: LevelFacts, level: LevelConfig): readonly string[] {
  const all = pointsOf(facts, level);
  const points = sum(all);
  const { medium, high, critical } = level;
  const bounds = `medium from ${medium}, high from ${high}, critical from ${critical}`;
  const host = facts.hostState === 'absent' ? '; always low, since the event names no host' : '';
  return [
    `level ${levelOf(facts, level)}: ${points} point${points === 1 ? '' : 's'} (${bounds}${host})`,
    ...all.map(({ points, why }) => `+${points} ${why}`),
  ];
}

function pointsOf(facts: LevelFacts, level: LevelConfig): readonly Points[] {
  const { ratio, hostState, mismatch, direction } = facts;
  const neverSeen = hostState === 'never_seen';
  const upload = direction === 'upload';
  return [
    ...level.ratios.map((times) =>
      ratio >= times
        ? { points: 1, why: `at least ${times} times the threshold` }
        : { points: 0, why: `less than ${times} times the threshold` },
    ),
    { points: neverSeen ? level.neverSeen : 0, why: hostWords[hostState] },
    {
      points: mismatch ? level.mismatch : 0,
      why: mismatch ? 'file type and name disagree' : 'file type and name do not disagree',
    },
    { points: upload ? level.upload : 0, why: upload ? 'an upload' : 'a download' },
  ];
}

const hostWords: Readonly<Record<HostState, string>> = {
  never_seen: 'the host was never seen',
  pending: 'the host was seen in the newest day',
  known: 'the host is known',
  absent: 'the event names no host',
};

function sum(all: readonly Points[]): number {
  return all.reduce((total, { points }) => total + points, 0);
}
