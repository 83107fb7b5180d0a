import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { requesterOf } from '#platform/nats/requester.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { KeyRing } from '../access/key-ring.ts'
import type { KeyUses } from '../access/key-uses.ts'

export interface KeyServicesDeps {
  bus: Pick<Bus, 'serve'>
  keys: KeyRing
  uses: KeyUses
  log: Log
}

/** `murmur.keys.*`: for those whom NATS lets speak on these subjects, which are operators. */
export class KeyServices implements Component {
  readonly name = 'key services'
  readonly #deps: KeyServicesDeps
  #ends: (() => void)[] = []

  constructor(deps: KeyServicesDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus, keys, uses, log } = this.#deps
    this.#ends = [
      bus.serve('createKey', async (request, { message }) => {
        const created = await keys.create(request, requesterOf(message).subject)
        log.info({ key: created.key }, 'an API key was created')
        return created
      }),
      bus.serve('listKeys', ({ tenant }) => ({ keys: keys.list(tenant).map((key) => uses.withUse(key)) })),
      bus.serve('rotateKey', async (request, { message }) => {
        const rotated = await keys.rotate(request, requesterOf(message).subject)
        log.info({ key: rotated.key, old: rotated.old }, 'an API key was rotated')
        return rotated
      }),
      bus.serve('revokeKey', async ({ id }, { message }) => {
        const key = await keys.revoke(id, requesterOf(message).subject)
        log.info({ key }, 'an API key was revoked')
        return { key }
      }),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }
}
