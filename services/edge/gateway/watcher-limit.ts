import { MurmurError } from '#platform/errors/murmur-error.ts'

const RETRY_AFTER_MS = 5000

/** How many clients may watch something in this process at the same time. */
export class WatcherLimit {
  readonly #what: string
  readonly #max: number
  #watching = 0

  /** @param what as the refusal names it: `alerts` */
  constructor(what: string, max: number) {
    this.#what = what
    this.#max = max
  }

  /** One more who watches. @returns a function that ends it, to be called once @throws MurmurError OVERLOADED */
  enter(): () => void {
    if (this.#watching >= this.#max)
      throw new MurmurError('OVERLOADED', `${this.#max} clients watch ${this.#what} already`, {
        retryAfterMs: RETRY_AFTER_MS,
      })
    this.#watching++
    return () => void this.#watching--
  }
}
