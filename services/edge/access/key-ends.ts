import type { StoredKey } from '#schemas/api-key.ts'

/** Unix milliseconds, or undefined for a key without an end. */
export type KeyEndListener = (endsAtMs: number | undefined) => void

/** Until when a key holds, as its record says: Unix milliseconds, 0 for one that was revoked. Pure. */
export function endOf({ revokedAtMs, expiresAtMs }: StoredKey): number | undefined {
  return revokedAtMs === undefined ? expiresAtMs : 0
}

/** Who is told when the end of a key changes, by the key's id: requests and streams that are open with it. */
export class KeyEnds {
  readonly #listeners = new Map<string, Set<KeyEndListener>>()

  /** @returns a function that ends the listening; again it changes nothing */
  listen(id: string, listener: KeyEndListener): () => void {
    const listeners = this.#listeners.get(id) ?? new Set()
    this.#listeners.set(id, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id)
    }
  }

  tell(id: string, endsAtMs: number | undefined): void {
    // A copy: whoever is told stops listening.
    for (const listener of [...(this.#listeners.get(id) ?? [])]) listener(endsAtMs)
  }
}
