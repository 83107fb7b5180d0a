import type { JsonValue } from '#schemas/json.ts'
import type { Priority } from '#schemas/plan.ts'
import type { TaskState } from '#schemas/task.ts'
import { DispatchedSteps } from '../../services/orchestrator/partition/dispatched-steps.ts'
import { NatsEmitter, type NatsEmitterDeps } from '../../services/orchestrator/partition/emitter.ts'
import type { TaskCommands } from '../../services/orchestrator/partition/fold-batch.ts'
import { ParkedCount } from '../../services/orchestrator/partition/parked-steps.ts'
import { systemClock } from '../../services/platform/clock/clock.ts'
import { MemoryPartitionStore } from './memory-partition-store.ts'
import { quietLog, quietObserver } from './owner-fixture.ts'
import { commitOf, taskState, write } from './task-states.ts'

/** A task whose only step is out. */
export function dispatchedTask(
  id: string,
  about: { agent: string; seq?: number; stepInput?: JsonValue; priority?: Priority } & Partial<TaskState>,
): TaskState {
  const { agent, seq = 1, stepInput = {}, ...rest } = about
  return taskState(id, {
    seq,
    plan: { steps: [{ id: 'a', agent, input: stepInput }] },
    steps: { a: { status: 'dispatched', attempt: 1 } },
    ...rest,
  })
}

export const dispatchOf = (state: TaskState): TaskCommands => ({
  state,
  commands: [{ kind: 'DispatchStep', stepId: 'a', attempt: 1 }],
})

const unexpected = async () => {
  throw new Error('this task has nothing of the kind')
}

/** An emitter of partition 0 with a store of its own. */
export function emitterOf(deps: Pick<NatsEmitterDeps, 'bus' | 'blobs'> & Partial<NatsEmitterDeps>) {
  const store = new MemoryPartitionStore()
  const parked = new ParkedCount()
  const emitter = new NatsEmitter({
    store,
    partition: 0,
    instance: 'test',
    parked,
    dispatched: new DispatchedSteps(deps.bus, quietLog),
    observer: quietObserver,
    clock: systemClock,
    log: quietLog,
    children: { start: unexpected, cancel: unexpected, report: unexpected },
    evaluations: { evaluate: unexpected, itemOf: unexpected },
    ...deps,
  })
  let offset: number | undefined
  /** Writes states as the owner does before it emits. */
  const keep = async (states: TaskState[]) => {
    const next = (offset ?? 0) + 1
    const writes = states.map((state) => write(state, { dueMs: 1_000_000, isNew: true }))
    await store.commit(0, commitOf([offset, next], { writes }))
    offset = next
  }
  return { emitter, store, parked, keep }
}
