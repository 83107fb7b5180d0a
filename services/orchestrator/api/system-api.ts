import { randomUUID } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { ConsumerDepth } from '#platform/nats/consumers.ts'
import type { AgentView } from '#schemas/agent.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { CheckPlanResponse } from '#schemas/submission.ts'
import type { Queues } from '#schemas/system-status.ts'
import { INTAKE_CONSUMER, STREAMS, stepConsumers } from '#subjects/streams.ts'
import { PRIORITIES, SUBJECTS } from '#subjects/subjects.ts'
import { requirementOf, unmetRequirements } from '#workflow/plan/agent-requirement.ts'
import { describeStep, planWarnings, stagesOf } from '#workflow/plan/plan-preview.ts'
import { type AdmitContext, admit } from '../intake/admit.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import { fixedPartitions, type LivePartitions } from '../partition-epochs/live-partitions.ts'
import { queuedAgents } from '../registry/queued-agents.ts'
import type { StorageWatch } from '../storage/storage-watch.ts'
import type { KeyedSubmissions } from '../submission-keys/keyed-submissions.ts'

export interface SystemApiDeps {
  bus: Bus
  store: Pick<PartitionStore, 'depth'>
  partitions: number
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'all'> | undefined
  /** The broker's. */
  clock: Pick<Clock, 'nowMs'>
  registry: {
    isKnown(agent: string): Promise<boolean>
    similarTypes(agent: string): Promise<string[]>
    list(): Promise<AgentView[]>
  }
  template: NonNullable<AdmitContext['template']>
  keyed: Pick<KeyedSubmissions, 'preview'>
  storage: Pick<StorageWatch, 'levels'>
  assertOwn?: AdmitContext['assertOwn']
}

/** What would happen, and what waits: answered by any orchestrator; nothing is changed. */
export class SystemApi implements Component {
  readonly name = 'system services'
  readonly #deps: SystemApiDeps
  #ends: (() => void)[] = []

  constructor(deps: SystemApiDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus } = this.#deps
    this.#ends = [
      bus.serve('checkPlan', (data, { tenant }) => this.#check(tenant, data)),
      bus.serve('listQueues', () => this.queues()),
      bus.serve('listStorage', async () => ({ storage: this.#deps.storage.levels() })),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  /** Checked as if it were submitted. */
  async #check(tenant: string, data: Uint8Array): Promise<CheckPlanResponse> {
    const admission = await admit(data, {
      tenant,
      fallbackIdentity: randomUUID(),
      isKnownAgent: (agent) => this.#deps.registry.isKnown(agent),
      similarAgents: (agent) => this.#deps.registry.similarTypes(agent),
      template: this.#deps.template,
      assertOwn: this.#deps.assertOwn,
    })
    const { accepted, debounce } = admission
    const { type, plan, template } = accepted
    const deadlineMs = accepted.deadlineMs - (debounce ? LIMITS.debounceMaxMs : 0)
    const byKey = await this.#deps.keyed.preview(admission)
    const from = template === undefined ? {} : { template }
    // What lives may change until it is submitted: it is said, and refused for nothing.
    const views = plan.steps.some((step) => requirementOf(step)) ? await this.#deps.registry.list() : []
    const times = debounce ? { deadlineMs, delayMs: 0 } : {}
    const warnings = [
      ...planWarnings({ ...accepted, ...times }, this.#deps.clock.nowMs()),
      ...unmetRequirements(plan, views),
    ]
    const does = Object.fromEntries(plan.steps.map((step) => [step.id, describeStep(step)]))
    const stages = stagesOf(plan)
    return { type, ...from, plan, stages, deadlineMs, does, warnings, ...(byKey && { byKey }) }
  }

  /** What waits, and what is in work. @throws MurmurError UNAVAILABLE */
  async queues(): Promise<Queues> {
    const { bus, store, partitions, live = fixedPartitions(partitions), registry } = this.#deps
    const { types, stored } = await queuedAgents({ streams: bus.streams, registry })
    const [intake, depths, steps] = await Promise.all([
      bus.consumers.depth(INTAKE_CONSUMER.stream, INTAKE_CONSUMER.name),
      Promise.all(live.all().map((partition) => store.depth(partition))),
      Promise.all(types.map((agent) => this.#stepsOf(agent, stored))),
    ])
    const active = new Map<string, number>()
    for (const depth of depths)
      for (const [type, count] of depth) active.set(type, (active.get(type) ?? 0) + count)
    return {
      intake: depthOf(intake),
      tasks: [...active]
        .map(([type, count]) => ({ type, active: count }))
        .toSorted((a, b) => (a.type < b.type ? -1 : 1)),
      steps: steps.flat(),
    }
  }

  /** @param stored messages by subject: where no instance has asked for a queue yet, all of them wait */
  async #stepsOf(agent: string, stored: ReadonlyMap<string, number>): Promise<Queues['steps']> {
    const depths = await Promise.all(
      stepConsumers(agent).map(({ name }) => this.#deps.bus.consumers.depth(STREAMS.steps.name, name)),
    )
    return Promise.all(
      PRIORITIES.map(async (priority, i) => {
        const subject = SUBJECTS.step(agent, priority)
        const depth = depths[i] ?? { waiting: stored.get(subject) ?? 0, inWork: 0, deliveredSeq: 0 }
        const sinceMs = depth.waiting > 0 ? await this.#oldestOn(subject, depth.deliveredSeq + 1) : undefined
        const oldest = sinceMs !== undefined && {
          oldestAgeMs: Math.max(0, this.#deps.clock.nowMs() - sinceMs),
        }
        return { agent, priority, ...depthOf(depth), ...oldest }
      }),
    )
  }

  /** When the first step was put on a queue that nobody has taken. Unix milliseconds; undefined: it was taken meanwhile, or can't be read. */
  async #oldestOn(subject: string, fromSeq: number): Promise<number | undefined> {
    const oldest = this.#deps.bus.streams.nextMessage(STREAMS.steps.name, subject, fromSeq)
    return (await oldest.catch(() => undefined))?.storedAtMs
  }
}

function depthOf(depth: Pick<ConsumerDepth, 'waiting' | 'inWork'> | undefined): {
  waiting: number
  inWork: number
} {
  return { waiting: depth?.waiting ?? 0, inWork: depth?.inWork ?? 0 }
}
