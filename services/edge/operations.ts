import type { Scope } from '#schemas/scope.ts'

/** What a client can ask an edge for, whatever door it comes through. */
export interface Operation {
  /** What its credential has to be good for. */
  readonly scope: Scope
  /** Changes something: it is written into the audit log. */
  readonly changes: boolean
}

const reads = (scope: Scope): Operation => ({ scope, changes: false })
const changes = (scope: Scope): Operation => ({ scope, changes: true })

/** Every operation with the scope that it needs. Doors name them; they decide nothing by themselves. */
export const OPERATIONS = {
  submitTask: changes('tasks:write'),
  getTask: reads('tasks:read'),
  listTasks: reads('tasks:read'),
  getTaskResult: reads('tasks:read'),
  listArtifacts: reads('tasks:read'),
  watchTask: reads('tasks:read'),
  cancelTask: changes('tasks:write'),
  checkPlan: reads('tasks:read'),
  startMonitor: changes('tasks:write'),
  listMonitors: reads('tasks:read'),
  watchMonitor: reads('tasks:read'),
  stopMonitor: changes('tasks:write'),
  listAgents: reads('agents:read'),
  listAlerts: reads('alerts:read'),
  getAlert: reads('alerts:read'),
  watchAlerts: reads('alerts:read'),
  changeAlert: changes('alerts:write'),
  putObject: changes('objects:write'),
  getObject: reads('objects:read'),
  getStatus: reads('system:read'),
} as const satisfies Record<string, Operation>

export type OperationName = keyof typeof OPERATIONS
