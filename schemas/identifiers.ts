import { z } from 'zod'

/** One token of a NATS subject: no dots, wildcards, spaces or control characters can get through it. */
export const TOKEN_PATTERN = /^[A-Za-z0-9_-]{1,64}$/

const token = (what: string) =>
  z.string().regex(TOKEN_PATTERN, {
    error: `${what} must be 1 to 64 characters of A-Z a-z 0-9 _ - (no dots, spaces, * or >)`,
  })

export const taskIdSchema = token('a task id')
export const stepIdSchema = token('a step id')
/**
 * Names a run of a step in messages to and from agents: the step's id, and where it has several runs a dot and the item's index, the
 * number of the iteration, `fallback` or `compensate`. Agents give it back as it came.
 */
export const runIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,16})?$/, {
  error: 'a run is named by a step id, or by one with a dot and the name of the run',
})
export const agentTypeSchema = token('an agent type')
/** A type, and which versions of it: `analysis@^2`. */
export const agentReferenceSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}(@[^@]{1,128})?$/, {
  error:
    'an agent must be a type of 1 to 64 characters of A-Z a-z 0-9 _ -, with @ and a range of versions or without',
})
export const instanceIdSchema = token('an instance id')
export const tenantSchema = token('a tenant')
/** Whoever comes without a tenant of his own. */
export const DEFAULT_TENANT = 'default'
export const taskTypeSchema = token('a task type')
export const scheduleNameSchema = token('a schedule name')

/** Chosen by the client, so any printable text is allowed; it is hashed before it names anything. */
export const idempotencyKeySchema = z.string().min(1).max(256)

/** A camera by its name. */
export const cameraNameSchema = z.string().regex(TOKEN_PATTERN, { error: 'must be the name of a camera' })
