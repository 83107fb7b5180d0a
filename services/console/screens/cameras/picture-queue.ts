/** Pictures that are fetched at the same time by the whole page: a browser has six connections to a server, and others need them, too. */
const MAX_AT_ONCE = 2

/** Lets a few run at once, the others in their turn. */
export class PictureQueue {
  #running = 0
  readonly #waiting: (() => void)[] = []
  readonly #atOnce: number

  constructor(atOnce = MAX_AT_ONCE) {
    this.#atOnce = atOnce
  }

  /** Runs when there is room. What was aborted meanwhile never begins. @throws whatever `run` does; AbortError */
  async run<Value>(run: () => Promise<Value>, signal: AbortSignal): Promise<Value> {
    while (this.#running >= this.#atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      this.#running++
      signal.throwIfAborted()
      return await run()
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }
}

export const pictureQueue = new PictureQueue()
