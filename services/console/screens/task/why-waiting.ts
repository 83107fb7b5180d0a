import type { AgentView } from '#schemas/agent.ts'
import type { StepState, TaskState } from '#schemas/task.ts'
import { PRIORITY_NAMES } from './priorities.ts'

type AgentAround = Pick<AgentView, 'type' | 'status' | 'capacity' | 'inFlight' | 'capabilities'> &
  Partial<Pick<AgentView, 'instance' | 'drain'>>

/** What is known of those who could do a step. */
export interface Surroundings {
  readonly nowMs: number
  readonly agents: readonly AgentAround[]
  /** Steps that wait, by agent and priority. */
  readonly queues: readonly { agent: string; priority: number; waiting: number; inWork: number }[]
  /** What dispatch says of the agent's type. */
  readonly dispatch?: DispatchView | undefined
  readonly isTypePaused?: boolean
  /** Nothing is known of agents (yet). */
  readonly isUnknown?: boolean
}

export interface DispatchView {
  readonly policy: {
    readonly paused?: boolean | undefined
    readonly concurrency?: number | undefined
    readonly perSecond?: number | undefined
  }
  /** Steps that wait for their turn, and that are out. */
  readonly waiting: number
  readonly out: number
  readonly breaker: { readonly state: string; readonly because?: string | undefined }
}

/** Why a step does not go on, what would help, and where to do it. */
export interface WaitReason {
  readonly code:
    | 'needs'
    | 'approval'
    | 'signal'
    | 'sleep'
    | 'task-paused'
    | 'type-paused'
    | 'agent-paused'
    | 'nobody'
    | 'draining'
    | 'drained'
    | 'breaker'
    | 'limit'
    | 'busy'
    | 'queue'
    | 'backoff'
    | 'delayed'
    | 'running'
  readonly why: string
  readonly help: string
  /** When it goes on by itself. Unix milliseconds. */
  readonly untilMs?: number | undefined
}

/** Every reason why a step waits, the one that counts first; none for one that works or is over. Pure. */
export function whyWaiting(task: TaskState, stepId: string, around: Surroundings): WaitReason[] {
  const state = task.steps[stepId]
  const step = task.plan.steps.find(({ id }) => id === stepId)
  if (!state || !step || task.finishedAtMs !== undefined) return []
  const reasons: WaitReason[] = []
  if (task.status === 'paused')
    reasons.push({
      code: 'task-paused',
      why: `The task is paused${task.pauseReason ? `: ${task.pauseReason}` : ''}.`,
      help: 'Resume the task.',
    })
  if (task.status === 'scheduled' && task.startAtMs > around.nowMs)
    reasons.push({
      code: 'delayed',
      why: 'The task was submitted to begin later.',
      help: 'Wait, or submit it again without a delay.',
      untilMs: task.startAtMs,
    })
  if (around.isTypePaused)
    reasons.push({
      code: 'type-paused',
      why: `Tasks of type ${task.type} are paused.`,
      help: 'Resume the task type.',
    })
  reasons.push(...reasonsOfState(task, state, step.needs ?? []))
  if (
    state.status === 'dispatched' &&
    state.run === undefined &&
    step.agent !== undefined &&
    !around.isUnknown
  )
    reasons.push(...reasonsOfQueue(task, step.agent, step.requires ?? [], state, around))
  return reasons
}

function reasonsOfState(task: TaskState, state: StepState, needs: readonly string[]): WaitReason[] {
  switch (state.status) {
    case 'waiting': {
      const open = needs.filter(
        (id) => !['completed', 'skipped', 'failed', 'cancelled'].includes(task.steps[id]?.status ?? ''),
      )
      return open.length > 0
        ? [
            {
              code: 'needs',
              why: `It begins when ${open.join(', ')} ${open.length === 1 ? 'is' : 'are'} done.`,
              help: `See why ${open[0]} is not done.`,
            },
          ]
        : []
    }
    case 'awaiting-approval':
      return [
        {
          code: 'approval',
          why: 'Somebody has to approve it.',
          help: 'Answer it in the inbox.',
          untilMs: state.wakeAtMs,
        },
      ]
    case 'awaiting-signal':
      return [
        {
          code: 'signal',
          why: 'It waits for a signal from outside.',
          help: 'Send the signal (murmur signal).',
          untilMs: state.wakeAtMs,
        },
      ]
    case 'sleeping':
      return [
        {
          code: 'sleep',
          why: 'It sleeps, as the plan says.',
          help: 'Nothing is needed.',
          untilMs: state.wakeAtMs,
        },
      ]
    case 'backoff':
      return [
        {
          code: 'backoff',
          why: `Attempt ${state.attempt} failed${state.error ? ` (${state.error.code}: ${state.error.message})` : ''}; it is tried again.`,
          help: 'Mend what the error says, or cancel the task.',
          untilMs: state.retryAtMs,
        },
      ]
    default:
      return []
  }
}

function reasonsOfQueue(
  task: TaskState,
  reference: string,
  requires: readonly string[],
  state: StepState,
  { agents, queues, dispatch }: Surroundings,
): WaitReason[] {
  const type = reference.split('@', 1)[0]!
  const ofType = agents.filter((agent) => agent.type === type && agent.status !== 'stopped')
  const able = ofType.filter(({ capabilities = [] }) => requires.every((one) => capabilities.includes(one)))
  const ready = able.filter(({ status }) => status === 'ready')
  const until = state.expiresAtMs
  if (dispatch?.policy.paused)
    return [
      {
        code: 'agent-paused',
        why: `Dispatch to ${type} is paused.`,
        help: `Resume it: murmur agents set ${type} --resume.`,
        untilMs: until,
      },
    ]
  if (ofType.length === 0)
    return [
      {
        code: 'nobody',
        why: `No agent of type ${type} is there.`,
        help: `Start one (murmur dev --agent FILE), or cancel the task.`,
        untilMs: until,
      },
    ]
  if (able.length === 0)
    return [
      {
        code: 'nobody',
        why: `None of the ${ofType.length} ${type} has all of ${requires.join(', ')}.`,
        help: 'Start an instance with these capabilities.',
        untilMs: until,
      },
    ]
  const drained = able.filter(({ drain }) => drain)
  if (ready.length === 0 && drained.length > 0)
    return [
      {
        code: 'drained',
        why: `No instance of ${type} takes steps: ${namesOf(drained)} ${drained.length === 1 ? 'is' : 'are'} drained by an operator.`,
        help: `Let one take steps again (murmur agents undrain ${drained[0]?.instance ?? 'INSTANCE'}), or start another.`,
        untilMs: until,
      },
    ]
  if (ready.length === 0)
    return [
      {
        code: 'draining',
        why: `All instances of ${type} are draining.`,
        help: 'Start another, or wait until they are back.',
        untilMs: until,
      },
    ]
  if (dispatch?.breaker.state === 'open')
    return [
      {
        code: 'breaker',
        why: `The circuit breaker of ${type} is open${dispatch.breaker.because ? `: ${dispatch.breaker.because}` : ''}.`,
        help: `It tries again by itself; see what its errors say, then murmur agents set ${type} --reset-breakers.`,
        untilMs: until,
      },
    ]
  const limit = dispatch?.policy.concurrency
  if (limit !== undefined && dispatch!.out >= limit)
    return [
      {
        code: 'limit',
        why: `The limit of ${limit} steps of ${type} at the same time is reached; ${dispatch!.waiting} wait for their turn.`,
        help: 'Raise the limit, or wait.',
        untilMs: until,
      },
    ]
  const capacity = ready.reduce((sum, agent) => sum + agent.capacity, 0)
  const inFlight = ready.reduce((sum, agent) => sum + agent.inFlight, 0)
  const ahead = queues
    .filter((queue) => queue.agent === type && queue.priority <= task.priority)
    .reduce((sum, queue) => sum + queue.waiting, 0)
  const reasons: WaitReason[] = []
  if (inFlight >= capacity)
    reasons.push({
      code: 'busy',
      why: `All ${capacity} slots of ${type} are taken.`,
      help: 'Start more instances, or wait.',
      untilMs: until,
    })
  reasons.push({
    code: 'queue',
    why: `It is in the queue of ${type} with priority ${PRIORITY_NAMES[task.priority]}; about ${ahead} steps of this or a higher priority wait, it among them.`,
    help: inFlight >= capacity ? 'A higher priority comes sooner.' : 'It is about to begin.',
    untilMs: until,
  })
  return reasons
}

const MAX_NAMED = 5

function namesOf(agents: readonly AgentAround[]): string {
  const names = agents.slice(0, MAX_NAMED).map(({ instance }) => instance ?? 'one')
  return names.join(', ') + (agents.length > MAX_NAMED ? ` and ${agents.length - MAX_NAMED} more` : '')
}
