import type { AgentView } from '#schemas/agent.ts'
import type { DrainedInstance } from '#schemas/agent-drain.ts'
import type { AgentDispatchView } from '#schemas/agent-policy.ts'

/** What is known of one type of agent: its instances, and how its steps are dispatched. */
export interface AgentType {
  readonly type: string
  readonly instances: readonly AgentView[]
  /** Those that are drained and not heard of. */
  readonly gone: readonly DrainedInstance[]
  /** Different ones, in order. */
  readonly versions: readonly string[]
  /** Of all instances that take work. */
  readonly capacity: number
  readonly inFlight: number
  /** Missing where it may not be read, or nothing was dispatched yet and no policy made. */
  readonly dispatch: AgentDispatchView | undefined
}

export type DrainState = 'open' | 'draining' | 'drained'

/** By name, with types that have a policy or steps and no instance. Pure. */
export function agentTypesOf(
  agents: readonly AgentView[],
  dispatches: readonly AgentDispatchView[],
  drains: readonly DrainedInstance[] = [],
): AgentType[] {
  const dispatchOf = new Map(dispatches.map((dispatch) => [dispatch.agent, dispatch]))
  const names = new Set([
    ...agents.map(({ type }) => type),
    ...dispatchOf.keys(),
    ...drains.map(({ agent }) => agent),
  ])
  return [...names].sort().map((type) => {
    const instances = agents
      .filter((agent) => agent.type === type)
      .sort((a, b) => a.instance.localeCompare(b.instance))
    const working = instances.filter(({ status }) => status === 'ready')
    return {
      type,
      instances,
      gone: drains.filter(
        ({ agent, instance }) => agent === type && !instances.some((one) => one.instance === instance),
      ),
      versions: [...new Set(instances.map(({ version }) => version))].sort(),
      capacity: sum(working, ({ capacity }) => capacity),
      inFlight: sum(instances, ({ inFlight }) => inFlight),
      dispatch: dispatchOf.get(type),
    }
  })
}

/** Whether a type takes work: of one that is paused what is out runs on, and then it is drained. Pure. */
export function drainStateOf({ dispatch, inFlight }: AgentType): DrainState {
  if (!dispatch?.policy.paused) return 'open'
  return dispatch.out > 0 || inFlight > 0 ? 'draining' : 'drained'
}

/** What somebody should know of a type before anything else; undefined: all is well. Pure. */
export function concernOf(type: AgentType): { tone: 'bad' | 'warn'; text: string } | undefined {
  const { dispatch, instances } = type
  const waiting = dispatch?.waiting ?? 0
  if (dispatch?.breaker.state === 'open')
    return { tone: 'bad', text: dispatch.breaker.because ?? 'its circuit breaker is open' }
  if (instances.length === 0 && waiting > 0)
    return { tone: 'bad', text: `${waiting} steps wait and no instance lives` }
  const drained = instances.filter(({ drain }) => drain).length
  if (drained > 0 && waiting > 0 && instances.every(({ status }) => status !== 'ready'))
    return { tone: 'bad', text: `${waiting} steps wait and no instance takes steps: ${drained} drained` }
  const stuck = sum(instances, (agent) => agent.stuck ?? 0)
  if (stuck > 0) return { tone: 'bad', text: `${stuck} handlers ignore that they were told to end` }
  const blocked = instances.find(({ blockedMs }) => (blockedMs ?? 0) > 1000)
  if (blocked) return { tone: 'warn', text: `${blocked.instance} stands still: its event loop does not turn` }
  if (dispatch?.breaker.state === 'half-open')
    return {
      tone: 'warn',
      text: 'its circuit breaker lets single steps through, to see whether they succeed',
    }
  return undefined
}

function sum<Each>(list: readonly Each[], of: (each: Each) => number): number {
  return list.reduce((total, each) => total + of(each), 0)
}
