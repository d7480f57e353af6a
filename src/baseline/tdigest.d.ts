/** The part of npm `tdigest` 0.1.x that size-digest.ts uses; the package ships no types. */
declare module 'tdigest' {
  export interface Centroid {
    mean: number;
    n: number;
  }
  export class TDigest {
    /**
     * @param delta share of the mass one centroid may hold
     * @param K automatic compression at K / delta centroids; 0 = never
     * @param CX growth factor after which cumulative counts are brought up to date while pushing
     */
    constructor(delta: number, K: number, CX: number);
    readonly n: number;
    size(): number;
    push(value: number): void;
    push_centroid(centroids: Centroid[]): void;
    /** Centroids by mean. With `true` the cumulative counts are made exact first. */
    toArray(everything?: boolean): Centroid[];
  }
}
