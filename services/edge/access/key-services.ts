import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Serving } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { KeyRing } from './key-ring.ts'

/** `murmur.keys.*`: for those whom NATS lets speak on these subjects, which are operators. */
export class KeyServices implements Component {
  readonly name = 'key services'
  readonly #deps: { bus: Serving; keys: KeyRing; log: Log }
  #ends: (() => void)[] = []

  constructor(deps: { bus: Serving; keys: KeyRing; log: Log }) {
    this.#deps = deps
  }

  start(): void {
    const { bus, keys, log } = this.#deps
    this.#ends = [
      bus.serve('createKey', async (request) => {
        const created = await keys.create(request)
        log.info({ key: created.key }, 'an API key was created')
        return created
      }),
      bus.serve('listKeys', ({ tenant }) => ({ keys: keys.list(tenant) })),
      bus.serve('revokeKey', async ({ id }) => {
        const key = await keys.revoke(id)
        log.info({ key }, 'an API key was revoked')
        return { key }
      }),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }
}
