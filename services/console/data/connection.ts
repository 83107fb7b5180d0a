/** How the console and the edge are connected: `offline` is what the browser says of its own network. */
export type ConnectionState = 'live' | 'reconnecting' | 'offline'

/** Knows from every stream and every answer whether the edge is there. */
export class Connection {
  #reachable = true
  #online = true
  #broken = new Set<object>()
  #listeners = new Set<() => void>()

  get state(): ConnectionState {
    if (!this.#online) return 'offline'
    return this.#reachable && this.#broken.size === 0 ? 'live' : 'reconnecting'
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** An answer came, or none could be had. */
  heard(reachable: boolean): void {
    this.#change(() => {
      this.#reachable = reachable
    })
  }

  setOnline(online: boolean): void {
    this.#change(() => {
      this.#online = online
    })
  }

  /** A stream is broken or runs again. @param stream names it */
  streamIs(stream: object, state: 'open' | 'broken' | 'over'): void {
    this.#change(() => {
      if (state === 'broken') this.#broken.add(stream)
      else this.#broken.delete(stream)
    })
  }

  #change(apply: () => void): void {
    const before = this.state
    apply()
    if (this.state !== before) for (const listener of this.#listeners) listener()
  }
}

export const connection = new Connection()
