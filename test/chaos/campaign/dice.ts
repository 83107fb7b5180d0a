import { randomNumbers } from '../../support/simulated-task.ts'

/** Numbers of one seed: the same seed draws the same, in the same order. */
export class Dice {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = randomNumbers(seed)
  }

  /** A whole number from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from + 1))
  }

  happens(probability: number): boolean {
    return this.#next() < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#next() * items.length)]!
  }

  /** One of them, each as likely as its weight says. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const entries = Object.entries(weights) as [T, number][]
    let rest = this.#next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [item, weight] of entries) {
      rest -= weight
      if (rest < 0) return item
    }
    return entries.at(-1)![0]
  }

  /** Dice of their own: what is drawn from them changes nothing of what is drawn here. */
  split(): Dice {
    return new Dice(Math.floor(this.#next() * 2 ** 31))
  }
}
