import type { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, BusMessage } from '#platform/nats/bus.ts'
import { getTaskResultRequestSchema } from '#schemas/artifact.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import { isTerminal } from '#schemas/task.ts'
import { type WatchTaskItem, watchTaskRequestSchema } from '#schemas/watch-task.ts'
import { SERVICES, TENANT_SERVICES } from '#subjects/subjects.ts'
import { checkedRequest } from '../checked-request.ts'
import type { EventHub } from '../gateway/event-hub.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type ResultRequest, taskArtifacts, taskResult } from '../gateway/task-results.ts'
import { type WatchDeps, watchTask } from '../gateway/watch-task.ts'

export interface EdgeServicesDeps extends WatchDeps {
  bus: Bus
  gateway: Gateway
  hub: EventHub
}

const QUEUE = 'edges'
/** A requester that goes away says nothing: what watches cost is bounded by their number and their time. */
const MOST_WATCHES = 5000
const RETRY_AFTER_MS = 2000
/** A message takes a megabyte, with what belongs to it. */
const MOST_ANSWER_BYTES = 768 * 1024

/** The edge on NATS: watching a task, which takes many answers, results, and how the whole system does. */
export class EdgeServices implements Component {
  readonly name = 'edge services'
  readonly #deps: EdgeServicesDeps
  readonly #stopping = new AbortController()
  #watches = 0
  #ends: (() => void)[] = []

  constructor(deps: EdgeServicesDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus } = this.#deps
    this.#ends = [
      ...[SERVICES.watchTask, TENANT_SERVICES.all(SERVICES.watchTask)].map((subject) =>
        bus.serveMany(subject, (message, send) => this.#watch(message, send), { queue: QUEUE }),
      ),
      ...this.#serve(SERVICES.getTaskResult, async (request) => {
        const { output } = await taskResult(this.#deps.gateway, request)
        return { output }
      }),
      ...this.#serve(SERVICES.listArtifacts, async (request) => ({
        artifacts: await taskArtifacts(this.#deps.gateway, request),
      })),
      bus.serve(SERVICES.systemStatus, () => this.#status(), { queue: QUEUE }),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
    this.#stopping.abort()
  }

  /** What is asked about one task, of any tenant; the answer has to fit into a message. */
  #serve(service: string, answer: (request: ResultRequest) => Promise<object>): (() => void)[] {
    return [service, TENANT_SERVICES.all(service)].map((subject) =>
      this.#deps.bus.serve(
        subject,
        async (message) => {
          const { taskId } = readRequest(message, getTaskResultRequestSchema)
          const tenant = TENANT_SERVICES.tenantOf(message.subject)
          const maxBytes = MOST_ANSWER_BYTES
          return fitting(await answer({ tenant, taskId, maxBytes, mostAnswerBytes: maxBytes }))
        },
        { queue: QUEUE },
      ),
    )
  }

  async #watch(message: BusMessage, send: (item: WatchTaskItem) => void): Promise<void> {
    const { taskId, afterRev, forMs } = readRequest(message, watchTaskRequestSchema)
    if (this.#watches >= MOST_WATCHES)
      throw new MurmurError('OVERLOADED', `${MOST_WATCHES} tasks are watched over NATS already`, {
        retryAfterMs: RETRY_AFTER_MS,
      })
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(forMs)])
    const tenant = TENANT_SERVICES.tenantOf(message.subject)
    let rev = afterRev ?? 0
    let isFinal = false
    this.#watches++
    try {
      for await (const item of watchTask({ tenant, taskId, afterRev }, this.#deps, signal)) {
        send(item)
        if (item.kind === 'snapshot') {
          rev = item.task.rev
          isFinal = isTerminal(item.task.status)
        } else if (item.kind === 'event') rev = item.event.rev ?? rev
      }
      send({ kind: 'end', rev, isFinal })
    } finally {
      this.#watches--
    }
  }

  async #status(): Promise<SystemStatus> {
    const { gateway, hub, clock } = this.#deps
    const [queues, views] = await Promise.all([gateway.queues(), gateway.agents()])
    const agents = new Map<string, SystemStatus['agents'][number]>()
    for (const { type, status, capacity, inFlight } of views) {
      const of = agents.get(type) ?? { type, instances: 0, capacity: 0, inFlight: 0 }
      if (status !== 'stopped') {
        of.instances += 1
        of.capacity += capacity
        of.inFlight += inFlight
      }
      agents.set(type, of)
    }
    return {
      v: 1,
      atMs: clock.nowMs(),
      queues,
      agents: [...agents.values()],
      serviceLevels: hub.serviceLevels(),
    }
  }
}

/** @throws MurmurError LIMIT_EXCEEDED */
function fitting(answer: object): object {
  const bytes = Buffer.byteLength(JSON.stringify(answer))
  if (bytes > MOST_ANSWER_BYTES)
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the answer has ${bytes} bytes, at most ${MOST_ANSWER_BYTES} fit into a message: REST and gRPC give it`,
    )
  return answer
}

function readRequest<Schema extends z.ZodType>({ data }: BusMessage, schema: Schema): z.infer<Schema> {
  return checkedRequest(schema, parseBoundedJson(data))
}
