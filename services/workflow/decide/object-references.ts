import { blobRefSchema } from '#schemas/blob.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import type { JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'
import { stepOf } from './find-run.ts'
import { splitRunId } from './run-id.ts'

/** To whom an object belongs, as far as its key says so. */
export type ObjectOwner = { tenant: string } | { taskId: string } | undefined

/** Whose an object is by its key: uploads name their tenant, all others the task that made them. Undefined: nobody's. Pure. */
export function ownerOfKey(key: string): ObjectOwner {
  const parts = key.split('/')
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined
  const [folder, owner, below] = parts
  if (folder === 'uploads' && owner !== undefined) return { tenant: DEFAULT_TENANT }
  if (folder === 'tenants' && owner !== undefined && below === 'uploads' && parts.length > 3)
    return { tenant: owner }
  if ((folder === 'tasks' || folder === 'monitors') && owner !== undefined && below !== undefined)
    return { taskId: owner }
  return undefined
}

/**
 * Keys of all objects that values refer to, however deep: whatever has the form of a reference is one, since any agent may follow it.
 * What an object itself holds is not looked into. Pure.
 */
export function objectKeysIn(...roots: readonly unknown[]): Set<string> {
  const keys = new Set<string>()
  const open: unknown[] = [...roots]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null) continue
    const { blob } = value as { blob?: unknown }
    if (typeof blob === 'string' && Object.hasOwn(value, 'blob') && blobRefSchema.safeParse(value).success)
      keys.add(blob)
    for (const item of Array.isArray(value) ? value : Object.values(value))
      if (typeof item === 'object' && item !== null) open.push(item)
  }
  return keys
}

/**
 * Keys of objects in an input that have not been shown to be of the task's tenant: not its own, not those that it was submitted with, not
 * what its children gave back. Those are checked when they come in. Pure.
 */
export function unprovenKeys(state: TaskState, input: JsonValue): string[] {
  const found = objectKeysIn(input)
  const open = [...found].filter((key) => !isOfRelative(state, key))
  if (open.length === 0) return open
  const proven = objectKeysIn(state.input, state.plan.steps, ...outputsOfChildren(state))
  return open.filter((key) => !proven.has(key))
}

function isOfRelative(state: TaskState, key: string): boolean {
  const owner = ownerOfKey(key)
  if (owner === undefined) return false
  if ('tenant' in owner) return owner.tenant === state.tenant
  return [state.id, state.parent?.taskId, state.retryOf].includes(owner.taskId)
}

function outputsOfChildren(state: TaskState): unknown[] {
  return Object.entries(state.steps)
    .filter(([id]) => stepOf(state.plan, splitRunId(id).stepId)?.task !== undefined)
    .map(([, { output }]) => output)
}
