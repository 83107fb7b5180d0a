/** Repeats that may be made at once, as when a process has died with what it had in hand. */
const MOST = 500
/** A repeat for every five answers: a system that is only slow gets a fifth more to do, never twice as much. */
const PER_ANSWER = 0.2

/** How many calls may be made once more because no answer has come yet. */
export class RepeatBudget {
  #left = MOST

  /** One more call was answered. */
  earn(): void {
    this.#left = Math.min(MOST, this.#left + PER_ANSWER)
  }

  /** @returns whether one more may be repeated */
  spend(): boolean {
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
