import type { AgentWork } from './agent-work.ts'

/** What has been done by a moment, and what has ever come by then of each priority. */
interface Mark {
  atMs: number
  done: number
  came: number[]
}

/** A rate is measured over at least so much time and so many steps: with fewer it is a guess, and no task is refused for a guess. */
const SHORT_MS = 2000
const MIN_DONE = 15
/** And over so much time: what was slow a moment ago may be so again, as on a machine that others use too. */
const LONG_MS = 20_000
/** Slow agents are measured for longer. */
const MAX_MS = 60_000
/** After a time without a backlog the rate of before is what is known. Then there may be other instances. */
const REMEMBERED_MS = 600_000

/**
 * How fast the steps of an agent type are done while there are more than its instances take. Of the last seconds and of the last twenty the
 * lower counts: what has just become slower is, and what caught up after it stood still is no faster for that. Time comes in.
 */
export class DrainRate {
  #marks: Mark[] = []
  #perMs: number | undefined
  #knownAtMs = Number.NEGATIVE_INFINITY
  #arriving: readonly number[] = []

  /** There is a backlog. @param atMs of a clock that goes forward */
  observe(atMs: number, { ready, later, done }: AgentWork): void {
    const came = done.map((count, priority) => count + (ready[priority] ?? 0) + (later[priority] ?? 0))
    const mark = { atMs, done: sum(done), came }
    // A partition that was made anew counts from 0.
    const isContinued = (this.#marks.at(-1)?.done ?? 0) <= mark.done
    this.#marks = isContinued ? [...this.#marks, mark] : [mark]
    const first = this.#marks.findIndex((one) => one.atMs >= atMs - MAX_MS)
    if (first > 0) this.#marks = this.#marks.slice(first)
    this.#measure(mark)
  }

  /** There is none: whatever is done now says nothing of what could be. */
  rest(atMs: number): void {
    this.#marks = []
    this.#arriving = []
    if (atMs - this.#knownAtMs > REMEMBERED_MS) this.#perMs = undefined
  }

  /** Steps a millisecond; undefined: not known. */
  get perMs(): number | undefined {
    return this.#perMs
  }

  /** Of more urgent priorities than this so many steps a millisecond have come lately. */
  arrivingPerMs(priority: number): number {
    return sum(this.#arriving.slice(0, priority))
  }

  #measure(last: Mark): void {
    const short = this.#marks.findLast(
      ({ atMs, done }) => last.atMs - atMs >= SHORT_MS && last.done - done >= MIN_DONE,
    )
    if (!short) {
      this.#boundBy(last)
      return
    }
    const far = this.#marks.find(({ atMs }) => last.atMs - atMs <= LONG_MS) ?? short
    const long = far.atMs < short.atMs ? far : short
    this.#perMs = Math.min(rateOf(short, last), rateOf(long, last))
    this.#knownAtMs = last.atMs
    this.#arriving = last.came.map((count, priority) =>
      Math.max(0, (count - (long.came[priority] ?? 0)) / (last.atMs - long.atMs)),
    )
  }

  /** Too few for a rate: where one is known from before, it is not more than what was done since there is a backlog, and those few. */
  #boundBy(last: Mark): void {
    const [first] = this.#marks
    if (this.#perMs === undefined || !first || last.atMs - first.atMs < SHORT_MS) return
    this.#perMs = Math.min(this.#perMs, (last.done - first.done + MIN_DONE) / (last.atMs - first.atMs))
    this.#knownAtMs = last.atMs
  }
}

function rateOf(from: Mark, to: Mark): number {
  return (to.done - from.done) / (to.atMs - from.atMs)
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
