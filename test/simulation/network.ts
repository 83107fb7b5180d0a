import type { Dice } from '../chaos/campaign/dice.ts'
import type { Troubles } from './random-world.ts'
import type { Timeline } from './timeline.ts'

/** How long a sender waits for an answer. Milliseconds. */
const TIMEOUT_MS = 400
const RETRY_MS = 100
const MAX_LATE_MS = 3000

/** What lies between a sender and the broker: messages and answers that are lost, doubled, late and overtake each other. */
export class Network {
  readonly #timeline: Timeline
  readonly #dice: Dice
  readonly #troubles: () => Troubles['publish']

  constructor(timeline: Timeline, dice: Dice, troubles: () => Troubles['publish']) {
    this.#timeline = timeline
    this.#dice = dice
    this.#troubles = troubles
  }

  /** Sends once. `onAnswer`: what the broker said; undefined: nothing was heard, and nobody knows whether it got there. */
  send<T>(deliver: () => T | Promise<T>, onAnswer: (answer: T | undefined) => void | Promise<void>): void {
    const { dropped, doubled, unanswered } = this.#troubles()
    const dice = this.#dice
    const timeline = this.#timeline
    if (dice.happens(dropped)) {
      timeline.in(TIMEOUT_MS, () => onAnswer(undefined))
      return
    }
    const isHeard = !dice.happens(unanswered)
    timeline.in(this.#delayMs(), async () => {
      const answer = await deliver()
      if (isHeard) timeline.in(dice.between(0, 2), () => onAnswer(answer))
      else timeline.in(TIMEOUT_MS, () => onAnswer(undefined))
    })
    if (dice.happens(doubled)) timeline.in(this.#delayMs(), async () => void (await deliver()))
  }

  /** Sends the same again until it is answered. */
  sendUntilAnswered<T>(deliver: () => T | Promise<T>, onAnswer: (answer: T) => void = () => {}): void {
    this.send(deliver, (answer) => {
      if (answer === undefined) this.#timeline.in(RETRY_MS, () => this.sendUntilAnswered(deliver, onAnswer))
      else onAnswer(answer)
    })
  }

  #delayMs(): number {
    return this.#dice.happens(this.#troubles().late)
      ? this.#dice.between(20, MAX_LATE_MS)
      : this.#dice.between(0, 3)
  }
}
