/** An alert as the detector makes it, for tests of what carries it. */
import type { Alert } from '../../src/verdict.js';

export function anAlert(changes: Partial<Alert> = {}): Alert {
  return {
    id: '00000000-0000-4000-8000-000000000001',
    rule: 'large_jpeg_from_new_source',
    title: 'Abnormally large JPEG file downloaded from new source',
    level: 'medium',
    reason: '2,500,000 bytes are 12.5 times the 95th percentile, and the host was never seen.',
    direction: 'download',
    filename: 'beach.jpg',
    url: 'https://img.example.net/beach.jpg',
    account: 'user@corp.example',
    host: 'img.example.net',
    host_state: 'never_seen',
    bytes: 2_500_000,
    threshold_bytes: 200_000,
    percentile: 95,
    ratio: 12.5,
    samples: 4321,
    baseline_from: '2026-11-17T10:00:00.000Z',
    baseline_to: '2026-11-23T10:00:00.000Z',
    techniques: ['T1001.002'],
    tactics: ['command-and-control'],
    query_tactics: ['InitialAccess'],
    ...changes,
  };
}
