/** A service as `nats micro ls` shows it: what answers there, however many instances there are. */
export interface MicroService {
  readonly name: string
  readonly description: string
  /** The role of the processes that answer. */
  readonly answerer: Answerer
  /** The queue group that instances share requests in. */
  readonly queue: string
}

export type Answerer = 'orchestrator' | 'edge' | 'detector' | 'alerting' | 'recorder'

/** Version of what is said on these subjects: the major one changes when a client would have to. */
export const SERVICE_VERSION = '1.0.0'

export const ORCHESTRATOR: MicroService = {
  name: 'murmur-orchestrator',
  description: 'Tasks, plans, queues and the registry of agents',
  answerer: 'orchestrator',
  queue: 'orchestrators',
}
export const EDGE: MicroService = {
  name: 'murmur-edge',
  description: 'Live watching, results, the state of the system, and credentials',
  answerer: 'edge',
  queue: 'edges',
}
export const ALERTING: MicroService = {
  name: 'murmur-alerting',
  description: 'Alerts: listed, shown, acknowledged, resolved',
  answerer: 'alerting',
  queue: 'alerting',
}
export const RECORDINGS: MicroService = {
  name: 'murmur-recordings',
  description: 'Recordings of cameras: listed, shown by time, given as clips',
  answerer: 'recorder',
  queue: 'recordings',
}
export const DETECTION: MicroService = {
  name: 'murmur-detection',
  description: 'What a detector is and what it runs on',
  answerer: 'detector',
  queue: 'detection',
}
