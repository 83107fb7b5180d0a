import type { AgentDispatchView } from '#schemas/agent-policy.ts'
import type { IntegrityView } from '#schemas/integrity.ts'
import type { PartitionsView } from '#schemas/partition-epochs.ts'
import type { StorageLevel } from '#schemas/storage.ts'
import type { ServiceLevels, SystemStatus } from '#schemas/system-status.ts'

export type Health = 'ok' | 'warn' | 'bad'

/** One part of the system, and whether it is well. */
export interface PartHealth {
  readonly name: string
  readonly health: Health
  readonly text: string
  /** The screen that says more. */
  readonly to?: string
}

/**
 * What of the system is well and what is not. Pure.
 * @param partitions missing where they may not be read
 * @param dispatches the same
 * @param integrity the same; null: nobody audits
 */
export function partsOf(
  { queues, agents, sites, storage, serviceLevels }: SystemStatus,
  {
    partitions,
    dispatches,
    integrity,
  }: {
    partitions?: PartitionsView | undefined
    dispatches?: readonly AgentDispatchView[] | undefined
    integrity?: IntegrityView | null | undefined
  },
): PartHealth[] {
  return [
    ...(partitions ? [orchestratorsOf(partitions)] : []),
    agentsOf(agents, queues.steps),
    ...(dispatches ? [breakersOf(dispatches)] : []),
    intakeOf(queues.intake.waiting, serviceLevels),
    storageOf(storage),
    ...(integrity === undefined ? [] : [integrityOf(integrity)]),
    ...(sites && sites.length > 0 ? [sitesOf(sites)] : []),
  ]
}

function orchestratorsOf({ orchestrators, partitions, unaware }: PartitionsView): PartHealth {
  if (orchestrators === 0)
    return { name: 'Orchestrators', health: 'bad', text: 'none lives: accepted tasks wait in the log' }
  if (unaware.length > 0)
    return { name: 'Orchestrators', health: 'warn', text: `${unaware.length} of an earlier release` }
  const noun = orchestrators === 1 ? 'orchestrator' : 'orchestrators'
  return { name: 'Orchestrators', health: 'ok', text: `${orchestrators} ${noun}, ${partitions} partitions` }
}

function agentsOf(agents: SystemStatus['agents'], steps: SystemStatus['queues']['steps']): PartHealth {
  const living = new Set(agents.filter(({ instances }) => instances > 0).map(({ type }) => type))
  const alone = [
    ...new Set(
      steps.filter(({ agent, waiting }) => waiting > 0 && !living.has(agent)).map(({ agent }) => agent),
    ),
  ]
  const about = { name: 'Agents', to: '/agents' }
  if (alone.length > 0)
    return { ...about, health: 'bad', text: `steps wait and nobody is there: ${alone.join(', ')}` }
  const count = agents.reduce((sum, { instances }) => sum + instances, 0)
  if (count === 0) return { ...about, health: 'warn', text: 'no instance lives' }
  return { ...about, health: 'ok', text: `${count} instances of ${living.size} types` }
}

function breakersOf(dispatches: readonly AgentDispatchView[]): PartHealth {
  const open = dispatches.filter(({ breaker }) => breaker.state !== 'closed').map(({ agent }) => agent)
  const about = { name: 'Circuit breakers', to: '/agents' }
  if (open.length > 0) return { ...about, health: 'bad', text: `not closed: ${open.join(', ')}` }
  return { ...about, health: 'ok', text: 'all closed' }
}

/** So many seconds of submissions that nobody has looked at are too many. */
const INTAKE_BEHIND_S = 5

function intakeOf(waiting: number, { acceptedPerSecond }: ServiceLevels): PartHealth {
  const about = { name: 'Intake', to: '/queues' }
  const isBehind = waiting > 100 && waiting > acceptedPerSecond * INTAKE_BEHIND_S
  if (isBehind) return { ...about, health: 'warn', text: `${waiting} submissions are not looked at yet` }
  return { ...about, health: 'ok', text: waiting === 0 ? 'nothing waits' : `${waiting} wait` }
}

function storageOf(storage: readonly StorageLevel[] | undefined): PartHealth {
  const about = { name: 'Storage' }
  if (!storage) return { ...about, health: 'warn', text: 'no orchestrator says how full it is' }
  const above = storage.filter(({ mark }) => mark > 0)
  if (above.length === 0) return { ...about, health: 'ok', text: 'below all marks' }
  const isRefusing = above.some(({ refuses, mark }) => refuses || mark >= 2)
  return {
    ...about,
    health: isRefusing ? 'bad' : 'warn',
    text: above.map(({ resource, share }) => `${resource} ${Math.round(share * 100)} %`).join(', '),
  }
}

function integrityOf(view: IntegrityView | null): PartHealth {
  const about = { name: 'Integrity of the log' }
  if (!view) return { ...about, health: 'warn', text: 'nobody audits it' }
  const text = `${view.lost} lost, ${view.doubled} doubled`
  if (view.violations > 0) return { ...about, health: 'bad', text: `${text}: ${view.violations} violations` }
  return {
    ...about,
    health: view.isStale ? 'warn' : 'ok',
    text: view.isStale ? `${text}, and nobody audits now` : text,
  }
}

function sitesOf(sites: NonNullable<SystemStatus['sites']>): PartHealth {
  const down = sites.filter(({ link }) => link === 'down').map(({ site }) => site)
  if (down.length > 0) return { name: 'Sites', health: 'warn', text: `link down: ${down.join(', ')}` }
  return { name: 'Sites', health: 'ok', text: `${sites.length} connected` }
}

/** What being above a mark means, for people. Pure. */
export function markMeaning({ mark, refuses }: Pick<StorageLevel, 'mark' | 'refuses'>): string {
  if (mark === 0) return 'below its marks'
  if (mark === 1)
    return refuses
      ? 'new tasks are refused; what was accepted goes on'
      : 'nearly full: the next entries may be refused'
  if (mark === 2) return 'half of the room kept for accepted work is used'
  return 'nearly nothing is left: what may go is taken away'
}

/** Of tasks that ended, so many are to complete: the objective `task-availability` of deploy/prometheus/rules/recording.yaml. */
export const TASK_OBJECTIVE = 0.99

/**
 * How much of what may fail has failed, 0 to 1 and beyond; undefined: nothing has ended. Pure.
 * @param objective share that is to succeed, below 1
 */
export function budgetUsed(
  { completed, failed, errorRate }: Pick<ServiceLevels, 'completed' | 'failed' | 'errorRate'>,
  objective: number,
): number | undefined {
  return completed + failed === 0 ? undefined : errorRate / (1 - objective)
}
