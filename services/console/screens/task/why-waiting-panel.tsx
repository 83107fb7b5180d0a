import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { AgentView } from '#schemas/agent.ts'
import type { AgentDispatchView } from '#schemas/agent-policy.ts'
import type { SystemStatus } from '#schemas/system-status.ts'
import type { TaskState } from '#schemas/task.ts'
import { Icon } from '../../components/icon.tsx'
import { RelativeTime } from '../../components/relative-time.tsx'
import { api, ask } from '../../data/api.ts'
import { nowMs } from '../../data/clock.ts'
import { type Surroundings, whyWaiting } from './why-waiting.ts'

const WAITING = ['waiting', 'dispatched', 'backoff', 'sleeping', 'awaiting-signal', 'awaiting-approval']

/** Why a step does not go on, and what would help. */
export function WhyWaiting({ task, stepId }: { task: TaskState; stepId: string }) {
  const state = task.steps[stepId]
  const step = task.plan.steps.find(({ id }) => id === stepId)
  const isWaiting = state !== undefined && WAITING.includes(state.status) && task.finishedAtMs === undefined
  const type = step?.agent?.split('@', 1)[0]
  const around = useSurroundings(type, task.type, isWaiting)
  if (!isWaiting) return null
  const reasons = whyWaiting(
    task,
    stepId,
    around ?? { nowMs: nowMs(), agents: [], queues: [], isUnknown: true },
  )
  if (reasons.length === 0) return null
  return (
    <div className="why" role="group" aria-label="Why it is waiting">
      <Icon name="clock" />
      <div>
        <h3>Why is it waiting?</h3>
        <ul>
          {reasons.map(({ code, why, help, untilMs }) => (
            <li key={code}>
              <p>{why}</p>
              <p className="dim">
                {help}{' '}
                {untilMs !== undefined && (
                  <>
                    By itself <RelativeTime atMs={untilMs} />.
                  </>
                )}{' '}
                {code === 'approval' && <Link href={`/inbox?task=${task.id}`}>Open the inbox</Link>}
                {(code === 'nobody' ||
                  code === 'busy' ||
                  code === 'breaker' ||
                  code === 'limit' ||
                  code === 'drained' ||
                  code === 'agent-paused') &&
                  type && <Link href={`/agents?type=${encodeURIComponent(type)}`}>See the agents</Link>}
              </p>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}

/** What is known of those who could do it; asked again while it waits. */
function useSurroundings(
  agent: string | undefined,
  taskType: string,
  isEnabled: boolean,
): Surroundings | undefined {
  const { data } = useQuery({
    queryKey: ['surroundings', agent, taskType],
    enabled: isEnabled,
    refetchInterval: 2000,
    queryFn: async ({ signal }) => {
      // Each may be refused to this credential: what the others say is worth showing all the same.
      const none = () => undefined
      const [agents, status, policies, pauses] = await Promise.all([
        ask(api.GET('/v1/agents', { signal })).catch(none),
        ask(api.GET('/v1/status', { signal })).catch(none),
        agent === undefined
          ? undefined
          : ask(api.GET('/v1/agent-policies', { params: { query: { agent } }, signal })).catch(none),
        ask(api.GET('/v1/task-types/paused', { signal })).catch(none),
      ])
      const dispatch = ((policies as { agents?: AgentDispatchView[] } | undefined)?.agents ?? []).find(
        (view) => view.agent === agent,
      )
      const surroundings: Surroundings = {
        nowMs: nowMs(),
        agents: ((agents as { agents?: AgentView[] } | undefined)?.agents ?? []) as AgentView[],
        queues: (status as unknown as SystemStatus | undefined)?.queues.steps ?? [],
        isTypePaused: ((pauses as { paused?: { name: string }[] } | undefined)?.paused ?? []).some(
          ({ name }) => name === taskType,
        ),
        ...(dispatch && { dispatch }),
        ...(agents === undefined && { isUnknown: true }),
      }
      return surroundings
    },
  })
  return data
}
