import { hash } from 'node:crypto'
import type { TaskState } from '#schemas/task.ts'

/** SHA-256 of a task's state, hexadecimal: of its JSON with the members of every object in the order of their names. Pure. */
export function stateHash(state: TaskState): string {
  return hash('sha256', canonicalJson(state), 'hex')
}

/** JSON without spaces, members in the order of their names (by UTF-16 code units), undefined ones left out. Pure. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    const record = member as Record<string, unknown>
    // Names that are numbers come first in any object, here and everywhere: the order is the same for the same state.
    return Object.fromEntries(
      Object.keys(record)
        .toSorted()
        .map((name) => [name, record[name]]),
    )
  })
}
