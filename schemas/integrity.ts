import { z } from 'zod'

/** What must hold of every task, as the log and the store tell it. The chaos tests check the same, and more. */
export const INTEGRITY_RULES = {
  'accepted-once': 'a task is accepted once; under its id nothing else is, as long as it is kept',
  'terminal-never-changes': 'a task that has ended stays as it is, and begins nothing any more',
  'one-result-a-run': 'one result of a run counts at most, of the attempt that is out',
  'outcomes-stay': 'a step that has ended keeps its status and its output',
  'needs-come-first': 'what a step needs is settled before anything of it begins',
  'attempts-in-order': 'attempts of a run count up by one, and none answers that was not begun',
  'nothing-begins-while-paused': 'nothing begins while the task is paused',
  'ends-as-its-steps': 'a task is completed when all its steps are settled',
  'due-happens': 'what is due of an accepted task happens: its end, a timeout, a retry',
  'store-is-the-fold': 'the store has of a task what its log gives',
} as const
export type IntegrityRule = keyof typeof INTEGRITY_RULES
export const INTEGRITY_RULE_NAMES = Object.keys(INTEGRITY_RULES) as [IntegrityRule, ...IntegrityRule[]]

/** Violations that are named; others are counted. */
export const NAMED_VIOLATIONS = 20

const countSchema = z.int().min(0)

/** A rule that a task broke. */
export const integrityViolationSchema = z.object({
  rule: z.enum(INTEGRITY_RULE_NAMES),
  taskId: z.string(),
  /** The event of the log at which it was seen; missing: it was seen between events. */
  seq: z.int().optional(),
  /** When it was found, by the broker's clock. Unix milliseconds. */
  atMs: z.number(),
  /** What was found, for people. */
  message: z.string().max(500),
})
export type IntegrityViolation = z.infer<typeof integrityViolationSchema>

/** What the auditor has found since it began. */
export const integrityFindingsSchema = z.object({
  /** Since when the log is audited, by the broker's clock. Unix milliseconds. */
  sinceMs: z.number(),
  /** Events of audited tasks that were folded and checked. */
  events: countSchema,
  /** Audited tasks that ended. */
  ended: countSchema,
  /** Of these, those that were compared with the store. */
  compared: countSchema,
  /** Events that were passed over: of tasks that were accepted before, and where the log is faster than the auditor may be. */
  skipped: countSchema,
  /** Events that came late or twice, and changed nothing. */
  late: countSchema,
  /** Accepted tasks of which something is due that does not happen, or which the store does not have. */
  lost: countSchema,
  /** Tasks that ended, were accepted, or counted a result more than once. */
  doubled: countSchema,
  /** All violations, those among them. */
  violations: countSchema,
  /** The last ones, the newest first. */
  recent: z.array(integrityViolationSchema).max(NAMED_VIOLATIONS),
})
export type IntegrityFindings = z.infer<typeof integrityFindingsSchema>

/** `murmur.integrity.get` */
export const integrityViewSchema = integrityFindingsSchema.extend({
  /** When the auditor said this last. Unix milliseconds. */
  atMs: z.number(),
  /** The orchestrator that audits. */
  instance: z.string(),
  /** Tasks that are audited and have not ended. */
  open: countSchema,
  /** Events of the log that it has not read yet. */
  behind: countSchema,
  /** Nobody has said anything for half a minute: the figures are old. */
  isStale: z.boolean(),
})
export type IntegrityView = z.infer<typeof integrityViewSchema>

/** `murmur:reports:integrity`: what the auditor goes on from, whichever orchestrator it is. */
export const integrityRecordSchema = z.object({
  v: z.literal(1),
  /** When the stream of the log was made: another log is audited anew. */
  log: z.string(),
  atMs: z.number(),
  instance: z.string(),
  open: countSchema,
  behind: countSchema,
  /** From here on the log is read again: the oldest task that is audited and has not ended was accepted here. */
  fromSeq: z.int(),
  /** Up to here events are counted. */
  countedSeq: z.int(),
  /** Up to here what events broke is settled: found, or sound. */
  settledSeq: z.int(),
  findings: integrityFindingsSchema,
})
export type IntegrityRecord = z.infer<typeof integrityRecordSchema>

export const getIntegrityResponseSchema = z.object({
  /** Missing: nobody audits yet. */
  integrity: integrityViewSchema.optional(),
})

export const integrityViewExample: IntegrityView = {
  sinceMs: 1_790_000_000_000,
  events: 48_211,
  ended: 7903,
  compared: 7650,
  skipped: 0,
  late: 12,
  lost: 0,
  doubled: 0,
  violations: 0,
  recent: [],
  atMs: 1_790_000_060_000,
  instance: 'orchestrator-1',
  open: 31,
  behind: 0,
  isStale: false,
}
