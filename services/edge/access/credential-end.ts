import { MurmurError } from '#platform/errors/murmur-error.ts'

/** That the credential of an open request holds no more. */
export class CredentialEnd {
  #controller: AbortController | undefined
  #isOver = false

  /** Aborted when it does. Made when it is asked for: most requests are answered before anybody could. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isOver) this.#controller.abort()
    return this.#controller.signal
  }

  /** @returns whether somebody has asked for the signal, and so ends in order */
  tell(): boolean {
    this.#isOver = true
    this.#controller?.abort()
    return this.#controller !== undefined
  }
}

/** What a stream is ended with then. */
export function credentialEnded(): MurmurError {
  return new MurmurError('UNAUTHENTICATED', 'the credential holds no more')
}
