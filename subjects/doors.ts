import { AGENT_SERVICES, SERVICES, SUBJECTS, TENANT_SERVICES } from './subjects.ts'

/** Who answers which service, and who may ask it; and where answers go. */

export type Answerer = 'orchestrator' | 'edge' | 'detector' | 'alerting'

interface Door {
  by: Answerer
  /** Clients of a tenant may ask it, each for its own; only such services also exist for each tenant. */
  forClients: boolean
  /** Agents ask it about steps of their own type: it exists once for each type. */
  forAgents?: true
}

/** Every service has to be here: a new one is closed until somebody has thought about who may use it. */
const DOORS: Record<keyof typeof SERVICES, Door> = {
  submitTask: { by: 'orchestrator', forClients: true },
  getTask: { by: 'orchestrator', forClients: true },
  listTasks: { by: 'orchestrator', forClients: true },
  cancelTask: { by: 'orchestrator', forClients: true },
  watchTask: { by: 'edge', forClients: true },
  getTaskResult: { by: 'edge', forClients: true },
  listArtifacts: { by: 'edge', forClients: true },
  getSubmission: { by: 'orchestrator', forClients: true },
  checkPlan: { by: 'orchestrator', forClients: true },
  listQueues: { by: 'orchestrator', forClients: false },
  systemStatus: { by: 'edge', forClients: false },
  createKey: { by: 'edge', forClients: false },
  listKeys: { by: 'edge', forClients: false },
  revokeKey: { by: 'edge', forClients: false },
  startSteps: { by: 'orchestrator', forClients: false, forAgents: true },
  releaseSteps: { by: 'orchestrator', forClients: false, forAgents: true },
  listDeadLetters: { by: 'orchestrator', forClients: false },
  getDeadLetter: { by: 'orchestrator', forClients: false },
  registerAgent: { by: 'orchestrator', forClients: false },
  listAgents: { by: 'orchestrator', forClients: false },
  provideQueue: { by: 'orchestrator', forClients: false },
  detectionInfo: { by: 'detector', forClients: false },
  listAlerts: { by: 'alerting', forClients: true },
  getAlert: { by: 'alerting', forClients: true },
  changeAlert: { by: 'alerting', forClients: true },
}

const NAMES = Object.keys(SERVICES) as (keyof typeof SERVICES)[]

export const CLIENT_SERVICES: readonly string[] = NAMES.filter((name) => DOORS[name].forClients).map(
  (name) => SERVICES[name],
)

/** What an answerer listens on: its services, those of every tenant, and the questions of NATS service discovery. */
export function answeredBy(answerer: Answerer): string[] {
  const own = NAMES.filter((name) => DOORS[name].by === answerer)
  return [
    ...own.map((name) => (DOORS[name].forAgents ? AGENT_SERVICES.all(SERVICES[name]) : SERVICES[name])),
    ...own.filter((name) => DOORS[name].forClients).map((name) => TENANT_SERVICES.all(SERVICES[name])),
    '$SRV.>',
  ]
}

const PRIVATE_INBOXES = '_INBOX_OF'
/** Inboxes of whoever has a user of its own. */
export const INBOX_OF_ANYBODY = PRIVATE_INBOXES
/** The prefix that all clients use unless they are told another. */
export const INBOX_WITHOUT_USER = '_INBOX'

/** What inboxes of this user begin with: only it may listen there. */
export function inboxPrefixOf(user: string): string {
  return `${PRIVATE_INBOXES}.${user}`
}

/** What subjects of our own begin with, which mean something to somebody: streams and services. */
const MEANT = new Set(
  Object.values(SUBJECTS).flatMap((subject) => (typeof subject === 'string' ? [rootOf(subject)] : [])),
)
for (const root of ['murmur', 'monitors', 'detections', 'tracks']) MEANT.add(root)

/**
 * Whether an answer may be sent to a subject. Whoever asks chooses it, and the answer is published with the rights of whoever
 * gives it: so nobody may have answers sent where they would be taken for something else.
 */
export function takesAnswers(subject: string): boolean {
  const root = rootOf(subject)
  return !MEANT.has(root) && !root.startsWith('$')
}

function rootOf(subject: string): string {
  return subject.split('.', 1)[0]!
}
