import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { KeptItem } from '#workflow/decide/commands.ts'
import type { OpenApproval, TaskWrite } from './partition-store.ts'
import { sealText } from './state-sealing.ts'
import { encodeTask } from './stored-task.ts'

/** All keys of a partition share the hash tag `{pN}`, so that Redis Cluster keeps them together. */
export const PARTITION_KEYS = {
  position: (p: number) => `murmur:{p${p}}:position`,
  timers: (p: number) => `murmur:{p${p}}:timers`,
  index: (p: number) => `murmur:{p${p}}:index`,
  depth: (p: number) => `murmur:{p${p}}:depth`,
  tenants: (p: number) => `murmur:{p${p}}:tenants`,
  /** Names of open approvals, those of a tenant behind each other. */
  approvals: (p: number) => `murmur:{p${p}}:approvals`,
  /** Cameras that tasks may hold: number and tenant, by task. */
  cameras: (p: number) => `murmur:{p${p}}:cameras`,
  /** Steps of agents by what is counted of them. */
  steps: (p: number) => `murmur:{p${p}}:steps`,
  /** Outcomes of the items of a list, by their index. */
  items: (p: number, id: string, stepId: string) => `murmur:{p${p}}:items:${id}:${stepId}`,
  lease: (p: number) => `murmur:{p${p}}:lease`,
  /** The index of before a reset, until the partition is level again. */
  before: (p: number) => `murmur:{p${p}}:before`,
  /** Finished tasks that have left to make room, by until when they may be read. */
  left: (p: number) => `murmur:{p${p}}:left`,
  state: (p: number, id: string) => `murmur:{p${p}}:state:${id}`,
  definition: (p: number, id: string) => `murmur:{p${p}}:definition:${id}`,
} as const

/** Of its state and of its definition. */
export function taskKeys(partition: number, id: string): [state: string, definition: string] {
  return [PARTITION_KEYS.state(partition, id), PARTITION_KEYS.definition(partition, id)]
}

/** Both keys where the script writes, takes away or lets expire both; then those of lists. */
export function keysOf(partition: number, write: TaskWrite): string[] {
  const { state, isNew, keepMs } = write
  const [key, definition] = taskKeys(partition, state.id)
  const lists = listChanges(write).map(([stepId]) => PARTITION_KEYS.items(partition, state.id, stepId))
  return isNew || keepMs !== undefined ? [key, definition, ...lists] : [key, ...lists]
}

/** For each list that changed what is kept of it; undefined: all of it is forgotten. */
function listChanges({ kept, dropped }: TaskWrite): [stepId: string, kept: KeptItem[] | undefined][] {
  if (kept === undefined && dropped === undefined) return []
  const forgotten = (dropped ?? []).map((stepId): [string, undefined] => [stepId, undefined])
  return [...forgotten, ...Map.groupBy(kept ?? [], ({ stepId }) => stepId)]
}

/** Of one item of a list: nowhere else its outcome can be opened. */
export function itemPlace(taskId: string, stepId: string, index: number): string {
  return `item\n${taskId}\n${stepId}\n${index}`
}

function listArgs(write: TaskWrite, codec: PayloadCodec | undefined): (string | number)[] {
  const { id, tenant } = write.state
  const changes = listChanges(write)
  const args: (string | number)[] = [changes.length]
  for (const [stepId, kept] of changes) {
    args.push(kept?.length ?? -1)
    for (const { index, outcome } of kept ?? []) {
      args.push(index, sealText(codec, tenant, itemPlace(id, stepId, index), JSON.stringify(outcome)))
    }
  }
  return args
}

/** What a name is made of has no colon. */
export function nameOf({ tenant, taskId, stepId, attempt }: OpenApproval): string {
  return `${tenant}:${taskId}:${stepId}:${attempt}`
}

export function approvalOf(name: string): OpenApproval {
  const [tenant = '', taskId = '', stepId = '', attempt] = name.split(':')
  return { tenant, taskId, stepId, attempt: Number(attempt) }
}

/** For commit.lua: how many approvals opened or closed, then for each its name and which of the two. */
export function approvalArgs(writes: readonly TaskWrite[]): (string | number)[] {
  const changes: (string | number)[] = []
  for (const { approvals } of writes) {
    for (const one of approvals?.closed ?? []) changes.push(nameOf(one), 0)
    for (const one of approvals?.opened ?? []) changes.push(nameOf(one), 1)
  }
  return [changes.length / 2, ...changes]
}

/** For commit.lua: what is written of one task. @throws CommitRefused, LaterState */
export function taskArgs(write: TaskWrite, codec: PayloadCodec | undefined): (string | number)[] {
  const { state, dueMs, isNew, keepMs } = write
  const due = dueMs === 'unchanged' ? '=' : (dueMs ?? '')
  const created = isNew ? state.createdAtMs : ''
  if (keepMs !== undefined && keepMs <= 0)
    return [state.id, '', '0', due, created, '', ...listArgs(write, codec)]
  const stored = encodeTask(write, codec)
  return [
    state.id,
    stored.state,
    keepMs === undefined ? '' : Math.ceil(keepMs),
    due,
    created,
    stored.definition,
    ...listArgs(write, codec),
  ]
}
