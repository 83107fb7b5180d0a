import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { HeldAnswers, heldBy } from '#platform/nats/held-answers.ts'
import { withAsking } from '#platform/requests/asking.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import { isTerminal } from '#schemas/task.ts'
import type { WatchTaskItem } from '#schemas/task-requests.ts'
import type { RequestOf } from '#subjects/operations.ts'
import { StreamQuota } from '../access/stream-quota.ts'
import type { EventHub } from '../gateway/event-hub.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { taskArtifacts, taskResult } from '../gateway/task-results.ts'
import { type WatchDeps, watchTask } from '../gateway/watch-task.ts'

export interface EdgeServicesDeps extends WatchDeps {
  bus: Bus
  gateway: Gateway
  hub: EventHub
}

/** A requester that goes away says nothing: what watches cost is bounded by their number and their time. */
const MAX_WATCHES = 5000
const RETRY_AFTER_MS = 2000
/** A fifth of them: what one tenant leaves open must not keep others from watching. */
const MAX_WATCHES_OF_TENANT = MAX_WATCHES / 5
/** A message takes a megabyte, with what belongs to it. */
const MAX_ANSWER_BYTES = 768 * 1024
const FITTING = { maxBytes: MAX_ANSWER_BYTES, mostAnswerBytes: MAX_ANSWER_BYTES }

/** The edge on NATS: watching a task, which takes many answers, results, and how the whole system does. */
export class EdgeServices implements Component {
  readonly name = 'edge services'
  readonly #deps: EdgeServicesDeps
  readonly #stopping = new AbortController()
  readonly #quota = new StreamQuota(MAX_WATCHES_OF_TENANT)
  #watches = 0
  #ends: (() => void)[] = []

  constructor(deps: EdgeServicesDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus, gateway, clock } = this.#deps
    const serve = heldBy(new HeldAnswers(clock), bus)
    this.#ends = [
      bus.serveStream('watchTask', (request, { tenant }, send) =>
        withAsking({ untilMs: clock.monotonicMs() + request.forMs, signal: this.#stopping.signal }, () =>
          this.#watch(tenant, request, send),
        ),
      ),
      // The answer has to fit into a message.
      serve('getTaskResult', async ({ taskId }, { tenant }) => {
        const { output } = await taskResult(gateway, { tenant, taskId, ...FITTING })
        return fitting({ output })
      }),
      serve('listArtifacts', async ({ taskId }, { tenant }) =>
        fitting({ artifacts: await taskArtifacts(gateway, { tenant, taskId, ...FITTING }) }),
      ),
      serve('getStatus', () => this.#status()),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
    this.#stopping.abort()
  }

  async #watch(
    tenant: string,
    { taskId, afterRev, forMs, chunks }: RequestOf<'watchTask'>,
    send: (item: WatchTaskItem) => void,
  ): Promise<void> {
    if (this.#watches >= MAX_WATCHES)
      throw new MurmurError('OVERLOADED', `${MAX_WATCHES} tasks are watched over NATS already`, {
        retryAfterMs: RETRY_AFTER_MS,
      })
    const close = this.#quota.open(tenant)
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(forMs)])
    let rev = afterRev ?? 0
    let isFinal = false
    this.#watches++
    try {
      for await (const item of watchTask({ tenant, taskId, afterRev, chunks }, this.#deps, signal)) {
        send(item)
        if (item.kind === 'snapshot') {
          rev = item.task.rev
          isFinal = isTerminal(item.task.status)
        } else if (item.kind === 'event') rev = item.event.rev ?? rev
      }
      send({ kind: 'end', rev, isFinal })
    } finally {
      close()
      this.#watches--
    }
  }

  async #status(): Promise<SystemStatus> {
    const { gateway, hub, clock } = this.#deps
    const [queues, { agents: views, sites = [], detectors, cameras }, storage] = await Promise.all([
      gateway.queues(),
      gateway.registry(),
      // An orchestrator of a release before says nothing of it.
      gateway.storage().catch(() => undefined),
    ])
    const agents = new Map<string, SystemStatus['agents'][number]>()
    for (const { type, status, capacity, inFlight, drain } of views) {
      const of = agents.get(type) ?? { type, instances: 0, capacity: 0, inFlight: 0 }
      if (status !== 'stopped') {
        of.instances += 1
        of.capacity += capacity
        of.inFlight += inFlight
        if (drain) of.drained = (of.drained ?? 0) + 1
      }
      agents.set(type, of)
    }
    return {
      v: 1,
      atMs: clock.nowMs(),
      queues,
      agents: [...agents.values()],
      serviceLevels: hub.serviceLevels(),
      ...(storage && { storage }),
      sites,
      ...(detectors && { detectors }),
      ...(cameras && { cameras }),
    }
  }
}

/** @throws MurmurError LIMIT_EXCEEDED */
function fitting<Answer extends object>(answer: Answer): Answer {
  const bytes = Buffer.byteLength(JSON.stringify(answer))
  if (bytes > MAX_ANSWER_BYTES)
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the answer has ${bytes} bytes, at most ${MAX_ANSWER_BYTES} fit into a message: REST and gRPC give it`,
    )
  return answer
}
