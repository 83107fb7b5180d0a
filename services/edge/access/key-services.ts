import type { z } from 'zod'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, BusMessage } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { createKeyRequestSchema, listKeysRequestSchema, revokeKeyRequestSchema } from '#schemas/api-key.ts'
import { SERVICES } from '#subjects/subjects.ts'
import { checkedRequest } from '../checked-request.ts'
import type { KeyRing } from './key-ring.ts'

const QUEUE = 'edges'
const SMALL_BODY_BYTES = 16 * 1024

/** `murmur.keys.*`: for those whom NATS lets speak on these subjects, which are operators. */
export class KeyServices implements Component {
  readonly name = 'key services'
  readonly #deps: { bus: Pick<Bus, 'serve'>; keys: KeyRing; log: Log }
  #ends: (() => void)[] = []

  constructor(deps: { bus: Pick<Bus, 'serve'>; keys: KeyRing; log: Log }) {
    this.#deps = deps
  }

  start(): void {
    const { bus, keys, log } = this.#deps
    this.#ends = [
      bus.serve(
        SERVICES.createKey,
        async (message) => {
          const created = await keys.create(read(message, createKeyRequestSchema))
          log.info({ key: created.key }, 'an API key was created')
          return created
        },
        { queue: QUEUE },
      ),
      bus.serve(
        SERVICES.listKeys,
        (message) => ({ keys: keys.list(read(message, listKeysRequestSchema).tenant) }),
        {
          queue: QUEUE,
        },
      ),
      bus.serve(
        SERVICES.revokeKey,
        async (message) => {
          const key = await keys.revoke(read(message, revokeKeyRequestSchema).id)
          log.info({ key }, 'an API key was revoked')
          return { key }
        },
        { queue: QUEUE },
      ),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }
}

function read<Schema extends z.ZodType>({ data }: BusMessage, schema: Schema): z.infer<Schema> {
  return checkedRequest(
    schema,
    data.length === 0 ? {} : parseBoundedJson(data, { maxBytes: SMALL_BODY_BYTES }),
  )
}
