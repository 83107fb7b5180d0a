import type { Candidates, Choice, StepToPlace, Strategy } from './strategy.ts'

/** One after the other by id; one without room is passed over. */
export class RoundRobin implements Strategy {
  #last = ''

  choose(_: StepToPlace, { fit }: Candidates): Choice | undefined {
    const next = fit.find(({ id }) => id > this.#last) ?? fit[0]
    if (!next) return undefined
    const because = `the next of ${fit.length} in turn${this.#last === '' ? '' : ` after ${this.#last}`}`
    this.#last = next.id
    return { to: 'instance', instance: next.id, because }
  }
}
