import { randomUUID } from 'node:crypto'
import {
  headers,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node'
import { systemClock } from '#platform/clock/clock.ts'
import { toProblem } from '#platform/errors/murmur-error.ts'
import { parseTraceparent, TRACEPARENT_HEADER } from '#platform/telemetry/traceparent.ts'
import type { Problem } from '#schemas/problem.ts'
import { takesAnswers } from '#subjects/inboxes.ts'
import { type Endpoint, endpointOf, type MicroService, SERVICE_VERSION } from '#subjects/operations.ts'
import { type BusMessage, viewOf } from './request-reply.ts'
import type { WriteCoalescer } from './write-coalescer.ts'

/** Sends one message to whoever asked; nothing when nobody waits for an answer, or the connection is closed. */
type Send = (data: string | Uint8Array) => void
type Handler = (message: Msg, send: Send) => Promise<void>

/** An endpoint with its figures since it is there. */
interface Served {
  readonly name: string
  readonly subject: string
  readonly queue: string
  requests: number
  errors: number
  lastError: string
  /** Milliseconds, all requests together: until the first answer, since some have many. */
  processingMs: number
}

/** A subscription that can be left and taken up again. */
interface Seat {
  subscription: Subscription | undefined
  readonly take: () => Subscription
  readonly always: boolean
}

/** One instance of a service. */
interface Instance {
  readonly service: MicroService
  readonly id: string
  /** RFC 3339. */
  readonly startedAt: string
  readonly endpoints: Set<Served>
  readonly end: () => void
  /** Of the process, see `describe`. */
  readonly facts: () => Record<string, string>
}

const VERBS = ['PING', 'INFO', 'STATS'] as const
const NS_IN_MS = 1e6

/**
 * Everything that is answered over one connection, and the micro protocol (ADR-32) over it: a service that is in the
 * catalogue answers on `$SRV.PING|INFO|STATS[.<name>[.<id>]]` as long as it has an endpoint.
 */
export class MicroServices {
  readonly #nc: NatsConnection
  readonly #coalescer: WriteCoalescer
  readonly #instances = new Map<string, Instance>()
  readonly #seats = new Set<Seat>()
  #isServing = true
  #facts: () => Record<string, string> = () => ({})

  constructor(nc: NatsConnection, coalescer: WriteCoalescer) {
    this.#nc = nc
    this.#coalescer = coalescer
  }

  /**
   * Answers on a subject. What the handler throws becomes a problem, told in the body and in the headers of the protocol.
   * @returns a function that ends it
   */
  serve(
    subject: string,
    {
      queue,
      always = false,
      endpoint = endpointOf(subject),
    }: { queue: string; always?: boolean | undefined; endpoint?: Endpoint | undefined },
    handler: Handler,
  ): () => void {
    const served: Served = {
      name: endpoint?.name ?? subject,
      subject,
      queue,
      requests: 0,
      errors: 0,
      lastError: '',
      processingMs: 0,
    }
    const leave = this.#join(always, () =>
      this.#nc.subscribe(subject, {
        queue,
        callback: (error, message) => {
          if (!error) void this.#handle(served, message, handler)
        },
      }),
    )
    const instance = endpoint && this.#instanceOf(endpoint.service)
    instance?.endpoints.add(served)
    return () => {
      leave()
      if (instance) this.#withdraw(instance, served)
    }
  }

  /** Hears what is said to all, or to a queue group. @returns a function that ends it */
  subscribe(
    subject: string,
    onMessage: (message: BusMessage) => void,
    { queue, whileServing = false }: { queue?: string; whileServing?: boolean },
  ): () => void {
    return this.#join(!whileServing, () =>
      this.#nc.subscribe(subject, {
        ...(queue && { queue }),
        callback: (error, message) => {
          if (!error) onMessage(viewOf(message))
        },
      }),
    )
  }

  /** What the process says of itself, in the metadata of the protocol. */
  describe(facts: () => Record<string, string>): void {
    this.#facts = facts
  }

  /** Leaves all queue groups, so that others get the requests, or joins them again. What is in hand is finished. */
  setServing(isServing: boolean): void {
    if (this.#isServing === isServing || this.#nc.isClosed()) return
    this.#isServing = isServing
    for (const seat of this.#seats) {
      if (seat.always) continue
      // Drained, not cut: what the server has handed out meanwhile is answered, be it with why not.
      void seat.subscription?.drain().catch(() => undefined)
      seat.subscription = isServing ? seat.take() : undefined
    }
  }

  /** Takes a seat for as long as this process serves, or `always`. @returns a function that ends it */
  #join(always: boolean, take: () => Subscription): () => void {
    const seat: Seat = { subscription: this.#isServing || always ? take() : undefined, take, always }
    this.#seats.add(seat)
    return () => {
      this.#seats.delete(seat)
      seat.subscription?.unsubscribe()
    }
  }

  async #handle(served: Served, message: Msg, handler: Handler): Promise<void> {
    const startedMs = systemClock.monotonicMs()
    let isAnswered = false
    const count = () => {
      if (isAnswered) return
      isAnswered = true
      served.requests++
      served.processingMs += systemClock.monotonicMs() - startedMs
    }
    try {
      await handler(message, (data) => {
        if (message.reply) this.#send(message.reply, data)
        count()
      })
    } catch (error) {
      const traceId = parseTraceparent(message.headers?.get(TRACEPARENT_HEADER))?.traceId
      const problem = { ...toProblem(error), ...(traceId !== undefined && { traceId }) }
      served.errors++
      served.lastError = `${problem.code}: ${problem.message}`
      // Sent without a reply subject: somebody listens, or nobody needs an answer.
      if (message.reply) this.#send(message.reply, JSON.stringify({ problem }), errorHeaders(problem))
    } finally {
      count()
    }
  }

  #send(reply: string, data: string | Uint8Array, headers?: MsgHdrs): void {
    if (takesAnswers(reply) && !this.#nc.isClosed()) this.#coalescer.send(reply, data, headers && { headers })
  }

  #instanceOf(service: MicroService): Instance {
    const found = this.#instances.get(service.name)
    if (found) return found
    const id = randomUUID()
    const instance: Instance = {
      service,
      id,
      startedAt: new Date(systemClock.nowMs()).toISOString(),
      endpoints: new Set(),
      facts: () => this.#facts(),
      end: this.#listen(service.name, id, (verb) => ANSWERS[verb](instance)),
    }
    this.#instances.set(service.name, instance)
    return instance
  }

  #listen(name: string, id: string, answer: (verb: (typeof VERBS)[number]) => object): () => void {
    const subscriptions = VERBS.flatMap((verb) =>
      [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`].map((subject) =>
        this.#nc.subscribe(subject, {
          callback: (error, { reply }) => {
            if (!error && reply) this.#send(reply, JSON.stringify(answer(verb)))
          },
        }),
      ),
    )
    return () => {
      for (const subscription of subscriptions) subscription.unsubscribe()
    }
  }

  #withdraw(instance: Instance, served: Served): void {
    instance.endpoints.delete(served)
    if (instance.endpoints.size > 0) return
    instance.end()
    if (this.#instances.get(instance.service.name) === instance) this.#instances.delete(instance.service.name)
  }
}

/** What the protocol asks for, field by field. */
const ANSWERS = {
  PING: (instance: Instance) => ({ type: 'io.nats.micro.v1.ping_response', ...identityOf(instance) }),
  INFO: (instance: Instance) => ({
    type: 'io.nats.micro.v1.info_response',
    ...identityOf(instance),
    description: instance.service.description,
    endpoints: [...instance.endpoints].map(describe),
  }),
  STATS: (instance: Instance) => ({
    type: 'io.nats.micro.v1.stats_response',
    ...identityOf(instance),
    started: instance.startedAt,
    endpoints: [...instance.endpoints].map((served) => {
      const { requests, errors, lastError, processingMs } = served
      const { metadata: _none, ...named } = describe(served)
      return {
        ...named,
        num_requests: requests,
        num_errors: errors,
        last_error: lastError,
        processing_time: Math.round(processingMs * NS_IN_MS),
        average_processing_time: requests === 0 ? 0 : Math.round((processingMs / requests) * NS_IN_MS),
      }
    }),
  }),
} satisfies Record<(typeof VERBS)[number], (instance: Instance) => object>

function identityOf({ service, id, facts }: Instance) {
  return { name: service.name, id, version: SERVICE_VERSION, metadata: facts() }
}

function describe({ name, subject, queue }: Served) {
  return { name, subject, queue_group: queue, metadata: {} }
}

/** A header is one line of what any terminal can show. */
function errorHeaders({ code, status, message }: Problem): MsgHdrs {
  const list = headers()
  list.set('Nats-Service-Error', `${code}: ${message}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 500))
  list.set('Nats-Service-Error-Code', String(status))
  return list
}
