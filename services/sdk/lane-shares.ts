/** Of so many slots that lanes with work are given, each less urgent one has one. */
const SLOTS_A_SHARE = 18

/**
 * What less urgent lanes are owed, so that none starves: lane 0 is always first, and each other one has its turn after so many
 * slots that went to others while it may have had work.
 */
export class LaneShares {
  readonly #waited: number[]

  constructor(lanes: number) {
    this.#waited = Array.from({ length: lanes }, () => 0)
  }

  /** A slot went to this lane. */
  granted(lane: number): void {
    for (let other = 1; other < this.#waited.length; other++) this.#waited[other]! += 1
    this.#waited[lane] = lane === 0 ? 0 : Math.max(0, this.#waited[lane]! - SLOTS_A_SHARE)
  }

  /** Slots that are this lane's before more urgent ones have any. */
  owed(lane: number): number {
    return Math.floor(this.#waited[lane]! / (SLOTS_A_SHARE - 1))
  }

  /** This lane has nothing to do: it is owed nothing. */
  forget(lane: number): void {
    this.#waited[lane] = 0
  }
}
