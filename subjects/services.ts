import { SERVICES } from './subjects.ts'

/** A service as `nats micro ls` shows it: what answers there, however many instances there are. */
export interface MicroService {
  readonly name: string
  readonly description: string
}

/** Version of what is said on these subjects: the major one changes when a client would have to. */
export const SERVICE_VERSION = '1.0.0'

const ORCHESTRATOR: MicroService = {
  name: 'murmur-orchestrator',
  description: 'Tasks, plans, queues and the registry of agents',
}
const EDGE: MicroService = {
  name: 'murmur-edge',
  description: 'Live watching, results, the state of the system, and credentials',
}
const ALERTING: MicroService = {
  name: 'murmur-alerting',
  description: 'Alerts: listed, shown, acknowledged, resolved',
}
const DETECTION: MicroService = {
  name: 'murmur-detection',
  description: 'What a detector is and what it runs on',
}

/** Which service answers on which subject. A test asks for all of them. */
export const SERVICE_OF: Readonly<Record<keyof typeof SERVICES, MicroService>> = {
  submitTask: ORCHESTRATOR,
  getTask: ORCHESTRATOR,
  listTasks: ORCHESTRATOR,
  cancelTask: ORCHESTRATOR,
  getSubmission: ORCHESTRATOR,
  checkPlan: ORCHESTRATOR,
  listQueues: ORCHESTRATOR,
  startSteps: ORCHESTRATOR,
  releaseSteps: ORCHESTRATOR,
  listDeadLetters: ORCHESTRATOR,
  getDeadLetter: ORCHESTRATOR,
  registerAgent: ORCHESTRATOR,
  listAgents: ORCHESTRATOR,
  provideQueue: ORCHESTRATOR,
  watchTask: EDGE,
  getTaskResult: EDGE,
  listArtifacts: EDGE,
  systemStatus: EDGE,
  createKey: EDGE,
  listKeys: EDGE,
  revokeKey: EDGE,
  detectionInfo: DETECTION,
  listAlerts: ALERTING,
  getAlert: ALERTING,
  changeAlert: ALERTING,
}

/** An endpoint of a service: `tasks-get` for `murmur.tasks.get`, `tasks-get-tenants` for the same of any tenant. */
export interface Endpoint {
  readonly service: MicroService
  readonly name: string
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map(
  Object.entries(SERVICES).map(([key, subject]) => {
    const [, noun, verb] = subject.split('.')
    return [`${noun}.${verb}`, { service: SERVICE_OF[key as keyof typeof SERVICES], name: `${noun}-${verb}` }]
  }),
)

/** The endpoint that a served subject is shown as; undefined for those that are not (`monitors.<taskId>.stop` and the like). */
export function endpointOf(subject: string): Endpoint | undefined {
  const [root, first, second, ...rest] = subject.split('.')
  if (root !== 'murmur') return undefined
  if (first !== 'tenants')
    return second && (rest.length === 0 || rest.join('.') === '*')
      ? ENDPOINTS.get(`${first}.${second}`)
      : undefined
  const endpoint = ENDPOINTS.get(rest.join('.'))
  return endpoint && { ...endpoint, name: `${endpoint.name}-tenants` }
}
