import type { Role } from '#subjects/permissions.ts'
import type { ProcessRoles, UsersOptions } from '../servers/server-users.ts'

/** Commands on this machine. */
export const OPERATOR = 'operator'
/** Agents that people start themselves, beside the stack. */
export const OWN_AGENTS = 'own-agents'

/** What the processes of the product are, by the ends of their mains. */
const BUILT_IN: readonly { end: string; user: string; roles: ProcessRoles }[] = [
  running('services/orchestrator/main.ts', 'orchestrator', {
    nats: [{ kind: 'orchestrator' }],
    redis: ['orchestrator'],
  }),
  running('services/edge/main.ts', 'edge', { nats: [{ kind: 'edge' }], redis: ['edge'] }),
  running('services/agents/report/ingest/main.ts', 'ingest', { nats: agents('ingest'), redis: [] }),
  running('services/agents/report-agents.ts', 'agents', {
    nats: agents('analysis', 'synthesis'),
    redis: [],
  }),
  running('services/agents/api-caller/main.ts', 'api-caller', { nats: agents('api-caller'), redis: [] }),
  running('services/agents/video-agents.ts', 'video', {
    nats: agents('capture', 'tracking', 'alerting', 'rules-replay'),
    redis: ['tracking', 'alerting'],
  }),
  running('services/agents/video/detection/main.ts', 'detection', {
    nats: [{ kind: 'detector' }],
    redis: [],
  }),
]

/** The user that the process with this main connects as. What is not ours may be any agent, and nothing else. */
export function userOfMain(main: string): string {
  const path = main.replaceAll('\\', '/')
  return BUILT_IN.find(({ end }) => path.endsWith(end))?.user ?? OWN_AGENTS
}

/** All users of a stack on one machine. */
export function stackUsers(guest: UsersOptions['guest']): UsersOptions {
  const processes: Record<string, ProcessRoles> = {
    // Whoever owns the machine may copy everything.
    [OPERATOR]: { nats: [{ kind: 'operator' }, { kind: 'backup' }], redis: [] },
    [OWN_AGENTS]: { nats: [{ kind: 'any-agent' }], redis: [] },
  }
  for (const { user, roles } of BUILT_IN) processes[user] = roles
  return { processes, guest }
}

function agents(...types: string[]): Role[] {
  return types.map((type): Role => ({ kind: 'agent', type }))
}

function running(end: string, user: string, roles: ProcessRoles) {
  return { end, user, roles }
}
