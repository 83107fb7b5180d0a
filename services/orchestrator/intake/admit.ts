import { hash } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { SourceSealer } from '#platform/secrets/source-sealing.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import type { Parent, TaskAccepted } from '#schemas/log-event.ts'
import { DEFAULT_PRIORITY, isBasicPlan, type Plan } from '#schemas/plan.ts'
import type { PlanTemplate } from '#schemas/plan-template.ts'
import type { Submission } from '#schemas/submission.ts'
import type { Debounce, Singleton } from '#schemas/submission-key.ts'
import { inRange, type PartitionRange } from '#subjects/task-partition.ts'
import { splitAgents } from '#workflow/plan/agent-requirement.ts'
import { assertExpansion } from '#workflow/plan/check-expansion.ts'
import { agentsOf, assertPlan } from '#workflow/plan/check-plan.ts'
import { heldBy, parseSubmission, submissionTimes } from '#workflow/plan/check-submission.ts'
import { OWN_PLAN, type PlannedSubmission, planSubmission, templateIn } from '../plan/plan-submission.ts'
import type { Visitor } from './places.ts'

export interface AdmitContext {
  tenant: string
  /** From the subject, where there is one. */
  type?: string
  /** From the message id of the transport, where there is one. */
  idempotencyKey?: string | undefined
  /** Names a task without a key of its own: unique, and the same when the same message comes again. */
  fallbackIdentity: string
  traceparent?: string | undefined
  isKnownAgent: (agent: string) => Promise<boolean>
  /** What the platform itself adds to a task: of whom it is a child, or which task it runs again, with the results that it keeps. */
  origin?: TaskOrigin | undefined
  /** The version of a plan template that a reference names now. @throws MurmurError TEMPLATE_NOT_FOUND */
  template?: (tenant: string, reference: string) => Promise<PlanTemplate>
  /** Takes users and passwords out of addresses of video. */
  sources?: SourceSealer | undefined
  /** Known types with a similar name, for a mistyped one. */
  similarAgents?: (agent: string) => Promise<readonly string[]>
  /** Whether all objects that values refer to are the tenant's. @throws MurmurError BLOB_NOT_FOUND */
  assertOwn?: ((tenant: string, ...values: readonly unknown[]) => Promise<void>) | undefined
  /** It comes from a queue that keeps it: the same one may come again, under the same identity. */
  isQueued?: boolean
  /** What has a key may have its task already, which is the answer even when objects that it names are gone: see `missing`. */
  asksKeyFirst?: boolean
  /** Of the epoch that it is taken in for; undefined: the first one. */
  range?: PartitionRange | undefined
}

export interface TaskOrigin {
  /** Of a child: known beforehand, so that starting it twice is harmless. */
  taskId?: string
  parent?: Parent
  /** The task that it runs again, and the type of that. */
  retryOf?: string
  type?: string
  results?: TaskAccepted['results']
  /** Of one without an end, for which no submission can ask. Milliseconds. */
  deadlineMs?: number
}

export interface Admission {
  accepted: TaskAccepted
  /** By which key others may stand in its way, or become the same task. At most one of the two. */
  singleton?: Singleton
  debounce?: Debounce
  /** An object that it names is not there: the answer, unless its key has a task already. */
  missing?: MurmurError
  /** The client's own key, which may bring the same submission again. */
  hasKey: boolean
  /** Whether an earlier body under the key, known by its hash, was the same: hashes of earlier versions are compared their way. */
  isSameBody(bodyHash: string): boolean
  /** By what it is known again when it was refused and comes back. Dear, so made when it is asked for. */
  visitor(): Omit<Visitor, 'tenant'>
}

/**
 * Checks a submission from its bytes to its plan, and says which task it makes. Nothing is written here: a rejected
 * submission leaves nothing behind.
 * @throws MurmurError with a code of the catalogue for everything that is wrong
 */
export async function admit(bytes: Uint8Array, context: AdmitContext): Promise<Admission> {
  const parsed = parseSubmission(bytes)
  // Before anything is made of it, kept of it or hashed.
  const submission = mayHaveUser(bytes) ? (context.sources?.sealIn(context.tenant, parsed) ?? parsed) : parsed
  const ownType = submission.type ?? (submission.template === undefined ? undefined : OWN_PLAN)
  const type = resolveType(ownType, context.type)
  const named = templateIn(type, submission)
  const found = named === undefined ? undefined : await context.template?.(context.tenant, named)
  const planning = planSubmission(type, submission, found)
  const { plan: planned, input, deadlineMs, template } = planning
  const plan = splitAgents(planned)
  assertPlan(plan, context.origin?.parent?.depth)
  assertExpansion(plan, input)
  // That of a child has been checked where its parent is known.
  const missing = context.origin?.parent ? undefined : await missingIn(context, submission, { plan, input })
  await assertAgents(agentsOf(plan), context)
  const times = submissionTimes(submission, deadlineMs)
  const key = submission.idempotencyKey ?? context.idempotencyKey
  const { taskId, type: originalType = type, ...origin } = context.origin ?? {}
  // What is kept of an earlier task is part of what was asked for: other steps to run again are another request.
  const kept = origin.results && Object.keys(origin.results).toSorted()
  const body = {
    ...submission,
    type,
    idempotencyKey: undefined,
    ...(kept && { kept }),
  } as unknown as JsonObject
  // A child is a part of its parent, which knows what it does.
  const singleton = origin.parent ? submission.singleton : singletonOf(submission, planning)
  const byKey = heldBy({ ...submission, singleton }, times)
  const isBasic = isBasicPlan(plan) && !origin.parent && !origin.results && !byKey.held
  const accepted: TaskAccepted = {
    v: isBasic ? 1 : 2,
    taskId:
      taskId ??
      inRange(
        taskIdFor(context.tenant, key === undefined ? once(context.fallbackIdentity) : keyed(key)),
        context.range,
      ),
    tenant: context.tenant,
    type: originalType,
    priority: submission.priority ?? DEFAULT_PRIORITY,
    bodyHash: key === undefined ? '' : hashOf(body),
    input,
    plan,
    ...(template !== undefined && { template }),
    ...times,
    ...byKey,
    ...(submission.labels && { labels: submission.labels }),
    ...origin,
    ...(context.traceparent && { traceparent: context.traceparent }),
  }
  const { debounce } = submission
  return {
    accepted,
    ...(singleton && { singleton }),
    ...(debounce && { debounce }),
    ...(missing && { missing }),
    hasKey: key !== undefined,
    isSameBody: (earlier) =>
      earlier === (earlier.startsWith(HASH_VERSION) ? accepted.bodyHash : firstHashOf(body)),
    visitor: () =>
      key !== undefined || context.isQueued
        ? { key: accepted.taskId, isUnique: true }
        : { key: hashOf(body), isUnique: false },
  }
}

/** The key that the client names, or that its type of task has by itself. */
function singletonOf(
  { singleton, debounce }: Submission,
  { singletonKey }: Pick<PlannedSubmission, 'singletonKey'>,
): Singleton | undefined {
  if (singleton || debounce || singletonKey === undefined) return singleton
  return { key: singletonKey, onConflict: 'reject' }
}

/** @throws MurmurError BLOB_NOT_FOUND at once where no key may have an answer */
async function missingIn(
  { tenant, assertOwn, asksKeyFirst, idempotencyKey }: AdmitContext,
  submission: Submission,
  { plan, input }: { plan: Plan; input: JsonObject },
): Promise<MurmurError | undefined> {
  const { singleton, debounce } = submission
  const hasKey = (submission.idempotencyKey ?? idempotencyKey ?? singleton ?? debounce) !== undefined
  try {
    await assertOwn?.(tenant, plan.steps, input)
    return undefined
  } catch (error) {
    if (asksKeyFirst && hasKey && error instanceof MurmurError && error.code === 'BLOB_NOT_FOUND')
      return error
    throw error
  }
}

/**
 * Whether there is an at sign, or an address with a value in it, written as they are or escaped: without one there is nothing to look for.
 */
function mayHaveUser(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (text.includes('@') || text.includes('\\u0040')) return true
  return (text.includes('=') || text.includes('\\u003')) && /:(\/|\\\/|\\u002)/.test(text.toString('latin1'))
}

function resolveType(inBody: string | undefined, inSubject: string | undefined): string {
  if (inBody !== undefined && inSubject !== undefined && inBody !== inSubject) {
    throw new MurmurError(
      'INVALID_SUBMISSION',
      `the subject says type "${inSubject}", the body says "${inBody}"`,
      {
        issues: [{ path: 'type', message: 'differs from the subject' }],
      },
    )
  }
  const type = inBody ?? inSubject
  if (type !== undefined) return type
  throw new MurmurError('INVALID_SUBMISSION', 'the submission names no type', {
    issues: [{ path: 'type', message: 'is missing' }],
  })
}

async function assertAgents(
  agents: Set<string>,
  { isKnownAgent, similarAgents }: Pick<AdmitContext, 'isKnownAgent' | 'similarAgents'>,
): Promise<void> {
  for (const agent of agents) {
    if (await isKnownAgent(agent)) continue
    const near = (await similarAgents?.(agent)) ?? []
    const meant = near.length > 0 ? `; did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : ''
    throw new MurmurError('UNKNOWN_AGENT', `no agent of type "${agent}" has ever registered${meant}`)
  }
}

/** What names the task of a submission that came through the durable queue without a key of its own in its body. */
export function intakeIdentity(
  { messageId, seq }: { messageId?: string | undefined; seq?: number | undefined },
  streamBorn: string,
): string {
  return messageId === undefined ? once(intakePosition(streamBorn, seq ?? 0)) : keyed(messageId)
}

/** A message of the intake stream, for ever: with when the stream was made, a number names only one. */
export function intakePosition(streamBorn: string, seq: number): string {
  return `${streamBorn}:${seq}`
}

const once = (identity: string) => `once\0${identity}`
const keyed = (key: string) => `key\0${key}`

/** The task of a submission with a key of its own in its body, in the first epoch. */
export function keyedTaskId(tenant: string, key: string): string {
  return taskIdFor(tenant, keyed(key))
}

/** 22 characters of a SHA-256, behind a letter so that no id looks like a command line option. In the first epoch. */
export function taskIdFor(tenant: string, identity: string): string {
  return `t${hash('sha256', `${tenant}\0${identity}`, 'base64url').slice(0, 22)}`
}

/** Before hashes of bodies as they are made now. */
const HASH_VERSION = '2:'

/** SHA-256 over the JSON with sorted keys: the same content has the same hash however it was written down, and no other has. */
function hashOf(value: JsonValue): string {
  return HASH_VERSION + sha256(sortedKeys(value))
}

function sortedKeys(value: JsonValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(entriesOf(value).map(([key, item]) => [key, sortedKeys(item)]))
}

/** As the first version made it: an object and a list of its pairs have the same. Tasks that it accepted are kept for days. */
function firstHashOf(value: JsonValue): string {
  return sha256(asPairs(value))
}

function asPairs(value: JsonValue | undefined): unknown {
  if (Array.isArray(value)) return value.map(asPairs)
  if (typeof value !== 'object' || value === null) return value
  return entriesOf(value).map(([key, item]) => [key, asPairs(item)])
}

function entriesOf(value: JsonObject): [string, JsonValue][] {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function sha256(value: unknown): string {
  return hash('sha256', JSON.stringify(value), 'hex')
}
