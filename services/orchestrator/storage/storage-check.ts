import { percent } from '#platform/statistics/percent.ts'
import type { StorageLevel } from '#schemas/storage.ts'
import { type AdmissionCheck, Refusal, retryAfterMs } from '../intake/admission-check.ts'

/**
 * Whether the account of JetStream has room for another task: a stream that has room of its own is of no use when the account has none. What
 * stream and Redis have is checked more closely by others.
 */
export class StorageCheck implements AdmissionCheck {
  readonly #account: () => StorageLevel | undefined

  constructor(account: () => StorageLevel | undefined) {
    this.#account = account
  }

  refusal(): Refusal | undefined {
    const account = this.#account()
    const [first = 1] = account?.marks ?? []
    if (!account || account.share <= first) return undefined
    return new Refusal(
      'jetstream',
      `the account of JetStream is ${percent(account.share)} full, new tasks may fill it to ${percent(first)}`,
      retryAfterMs(account.share - first, 0),
    )
  }

  onAdmitted(): undefined {}
}
