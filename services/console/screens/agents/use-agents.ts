import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { AgentView } from '#schemas/agent.ts'
import type { DrainedInstance, SetInstanceDrainRequest } from '#schemas/agent-drain.ts'
import type { AgentDispatchView, AgentPolicy } from '#schemas/agent-policy.ts'
import { api, ask } from '../../data/api.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'

/** Heartbeats come every second: what is shown is two seconds old at most. Milliseconds. */
const REFRESH_MS = 2000
const AGENTS = ['agents']
const POLICIES = ['agent-policies']

/** Instances that live, and which of all are drained. */
export function useAgents() {
  return useQuery({
    queryKey: AGENTS,
    queryFn: async ({ signal }) => {
      const { agents = [], drains = [] } = await ask(api.GET('/v1/agents', { signal }))
      return { agents: agents as AgentView[], drains: drains as DrainedInstance[] }
    },
    refetchInterval: REFRESH_MS,
  })
}

/** How agent types are dispatched: for operators, so it may be refused. */
export function useAgentPolicies() {
  const query = useQuery({
    queryKey: POLICIES,
    queryFn: async ({ signal }) =>
      ((await ask(api.GET('/v1/agent-policies', { signal }))).agents ?? []) as AgentDispatchView[],
    refetchInterval: ({ state }) => (state.error ? false : REFRESH_MS),
  })
  const problem: ProblemError | undefined = query.error ? toProblemError(query.error) : undefined
  return { ...query, problem, isRefused: problem?.status === 403 }
}

export interface PolicyChange {
  readonly set?: AgentPolicy
  readonly unset?: readonly (keyof AgentPolicy)[]
  readonly resetBreakers?: boolean
}

/** Changes a policy and shows what holds then. @throws ProblemError */
export function useSetPolicy() {
  const client = useQueryClient()
  return async (agent: string, change: PolicyChange): Promise<void> => {
    await ask(api.POST('/v1/agent-policies/{agent}', { params: { path: { agent } }, body: change as object }))
    await client.invalidateQueries({ queryKey: POLICIES })
  }
}

/** Drains an instance or lets it take steps again, and shows what holds then. @throws ProblemError */
export function useSetDrain() {
  const client = useQueryClient()
  return async ({ agent, instance, ...body }: SetInstanceDrainRequest): Promise<void> => {
    const path = { agent, instance }
    await ask(
      api.POST('/v1/agents/{agent}/instances/{instance}/drain', { params: { path }, body: body as never }),
    )
    await client.invalidateQueries({ queryKey: AGENTS })
  }
}
