import { z } from 'zod'
import { idempotencyKeySchema, scheduleNameSchema, taskTypeSchema } from './identifiers.ts'
import { LIMITS } from './limits.ts'
import { problemSchema } from './problem.ts'
import { submissionSchema } from './submission.ts'

/** What becomes of occurrences that nobody started in time. */
export const CATCH_UP_POLICIES = ['skip', 'latest', 'all'] as const
export type CatchUpPolicy = (typeof CATCH_UP_POLICIES)[number]
/** What becomes of an occurrence while an earlier task of the schedule runs. */
export const OVERLAP_POLICIES = ['skip', 'queue', 'cancel-running', 'allow'] as const
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number]

/** The end of the year 9999: later times have no date as others write it. Unix milliseconds. */
const LATEST_MS = 253_402_300_799_999
/** Times at which a schedule runs. One of `cron` and `everyMs`. */
const timetableFields = {
  /** Minute, hour, day of the month, month, day of the week; or @hourly, @daily, @weekly, @monthly, @yearly. */
  cron: z.string().min(1).max(LIMITS.cronCharacters).optional(),
  /** The time from one run to the next, counted from `startAtMs`, or from the beginning of 1970 (UTC). Milliseconds. */
  everyMs: z.int().min(LIMITS.scheduleEveryMs).max(LIMITS.taskDeadlineMs).optional(),
  /** A name of the IANA database, which `cron` is meant in. */
  timezone: z.string().min(1).max(64).default('UTC'),
  /** No run before this. Unix milliseconds. */
  startAtMs: z.int().min(0).max(LATEST_MS).optional(),
  /** No run at this time or later. Unix milliseconds. */
  endAtMs: z.int().min(0).max(LATEST_MS).optional(),
}
const oneTimetable = { error: 'needs a cron or everyMs, one of them' }
const isOneTimetable = ({ cron, everyMs }: { cron?: unknown; everyMs?: unknown }) =>
  (cron === undefined) !== (everyMs === undefined)
/** The same, for the OpenAPI document. */
const TIMETABLE = { oneOf: [{ required: ['cron'] }, { required: ['everyMs'] }] }
const endsAfterStart = { error: 'must be after startAtMs', path: ['endAtMs'] }
const isEndAfterStart = ({ startAtMs, endAtMs }: { startAtMs?: unknown; endAtMs?: unknown }) =>
  typeof startAtMs !== 'number' || typeof endAtMs !== 'number' || startAtMs < endAtMs

/** What each run submits. Its key and its time are the schedule's. */
export const scheduledSubmissionSchema = submissionSchema
  .omit({ idempotencyKey: true, delayMs: true, debounce: true })
  .extend({ type: taskTypeSchema })
export type ScheduledSubmission = z.infer<typeof scheduledSubmissionSchema>

const definitionFields = {
  ...timetableFields,
  submission: scheduledSubmissionSchema,
  catchUp: z
    .strictObject({
      policy: z.enum(CATCH_UP_POLICIES).default('latest'),
      /** An occurrence that is later than this is not started any more. Milliseconds. */
      windowMs: z.int().min(10_000).max(LIMITS.taskDeadlineMs).default(86_400_000),
      /** With `all`: so many at once, at most; older ones are left out. */
      maxRuns: z.int().min(1).max(LIMITS.scheduleCatchUpRuns).default(10),
    })
    .prefault({}),
  overlap: z.enum(OVERLAP_POLICIES).default('skip'),
  /** Each run is up to so much later: how much is chosen by the name, and always the same. Milliseconds. */
  jitterMs: z.int().min(0).max(LIMITS.scheduleJitterMs).default(0),
}
export const scheduleDefinitionSchema = z.strictObject(definitionFields)
export type ScheduleDefinition = z.infer<typeof scheduleDefinitionSchema>
export type Timetable = Pick<ScheduleDefinition, 'cron' | 'everyMs' | 'timezone' | 'startAtMs' | 'endAtMs'>

/** A run that is decided: of an occurrence, or one that somebody triggered. */
export const scheduledStartSchema = z.object({
  /** The occurrence; of a triggered run, when it was triggered. Unix milliseconds. */
  scheduledAtMs: z.number(),
  /** Of a triggered run: its request id. */
  requestId: z.string().optional(),
})
export type ScheduledStart = z.infer<typeof scheduledStartSchema>

export const scheduleRunSchema = scheduledStartSchema.extend({
  taskId: z.string(),
  /** When its task was accepted. Unix milliseconds. */
  startedAtMs: z.number(),
})
export type ScheduleRun = z.infer<typeof scheduleRunSchema>

/** Why an occurrence became no task. */
export const SKIP_REASONS = ['overlap', 'missed', 'paused', 'refused'] as const
export type SkipReason = (typeof SKIP_REASONS)[number]

const stateFields = {
  createdAtMs: z.number(),
  /** When it was changed by somebody. */
  updatedAtMs: z.number(),
  paused: z.object({ atMs: z.number(), reason: z.string().optional() }).optional(),
  /** An occurrence that waits until nothing of the schedule runs. */
  queuedAtMs: z.number().optional(),
  lastRun: scheduleRunSchema.optional(),
  lastSkip: z
    .object({ scheduledAtMs: z.number(), why: z.enum(SKIP_REASONS), problem: problemSchema.optional() })
    .optional(),
  /** Tasks started, and occurrences that became none, by why; those that were missed at once are counted to a hundred. */
  counts: z.object({
    started: z.int(),
    overlap: z.int(),
    missed: z.int(),
    paused: z.int(),
    refused: z.int(),
  }),
}

/** A schedule as its stream keeps it: the last message of `schedules.<tenant>.<name>`. */
export const scheduleStateSchema = z.object({
  v: z.literal(1),
  tenant: z.string(),
  name: z.string(),
  definition: scheduleDefinitionSchema,
  ...stateFields,
  /** Everything up to this occurrence is decided. Unix milliseconds. */
  cursorMs: z.number(),
  /** Decided, and not known to be tasks yet. */
  pending: z.array(scheduledStartSchema),
  /** Tasks that had not ended when that was looked at last, oldest first. */
  running: z.array(scheduleRunSchema),
})
export type ScheduleState = z.infer<typeof scheduleStateSchema>
/** What is there in its place for an hour when it was deleted. */
export const scheduleTombstoneSchema = z.object({
  v: z.literal(1),
  tenant: z.string(),
  name: z.string(),
  deletedAtMs: z.number(),
})
export type ScheduleTombstone = z.infer<typeof scheduleTombstoneSchema>
export const storedScheduleSchema = z.union([scheduleStateSchema, scheduleTombstoneSchema])
export type StoredSchedule = z.infer<typeof storedScheduleSchema>

/** A time at which it runs. */
export const occurrenceSchema = z.object({
  /** Unix milliseconds. */
  atMs: z.number(),
  /** RFC 3339, in the schedule's time zone. */
  local: z.string(),
})
export type Occurrence = z.infer<typeof occurrenceSchema>

/** A schedule as clients see it. */
export const scheduleSchema = z.object({
  name: z.string(),
  tenant: z.string(),
  ...definitionFields,
  ...stateFields,
  running: z.array(scheduleRunSchema),
  /** The next occurrences, without the jitter; none while it is paused or when it is over. */
  nextRuns: z.array(occurrenceSchema),
})
export type Schedule = z.infer<typeof scheduleSchema>
/** One line of a list: without what it submits and what runs of it. */
export const scheduleSummarySchema = scheduleSchema
  .omit({ submission: true, running: true })
  .extend({ type: z.string() })
export type ScheduleSummary = z.infer<typeof scheduleSummarySchema>

const named = { name: scheduleNameSchema }
const reasonSchema = z.string().max(500)

/** `murmur.schedules.put`: makes it, or changes all of its definition. */
export const putScheduleRequestSchema = z
  .strictObject({
    ...named,
    ...definitionFields,
    /** Stays as it is unless given; a new one is not paused. */
    paused: z.boolean().optional(),
    reason: reasonSchema.optional(),
  })
  .refine(isOneTimetable, oneTimetable)
  .refine(isEndAfterStart, endsAfterStart)
  .meta(TIMETABLE)
export type PutScheduleRequest = z.infer<typeof putScheduleRequestSchema>
export const putScheduleResponseSchema = z.object({ schedule: scheduleSchema, created: z.boolean() })

/** `murmur.schedules.get` and `murmur.schedules.resume` */
export const namedScheduleRequestSchema = z.strictObject(named)
export const getScheduleResponseSchema = z.object({ schedule: scheduleSchema })

/** `murmur.schedules.list`: by name. */
export const listSchedulesRequestSchema = z.strictObject({
  limit: z.int().min(1).max(200).default(50),
  /** Where the last page ended: its `nextCursor`. */
  cursor: scheduleNameSchema.optional(),
})
export type ListSchedulesRequest = z.infer<typeof listSchedulesRequestSchema>
export const listSchedulesResponseSchema = z.object({
  schedules: z.array(scheduleSummarySchema),
  nextCursor: z.string().optional(),
})
export type ListSchedulesResponse = z.infer<typeof listSchedulesResponseSchema>

/** `murmur.schedules.delete`: its tasks go on. */
export const deleteScheduleResponseSchema = z.object({ name: z.string(), deleted: z.literal(true) })

/** `murmur.schedules.pause`: nothing is started until it is resumed. */
export const pauseScheduleRequestSchema = z.strictObject({ ...named, reason: reasonSchema.optional() })

/** `murmur.schedules.trigger`: runs now, also while it is paused or something of it runs. */
export const triggerScheduleRequestSchema = z.strictObject({
  ...named,
  /** Chosen by the client: under the same id it is run once. A new one unless given. */
  requestId: idempotencyKeySchema.max(128).describe('Under the same id it is run once.').optional(),
})
export type TriggerScheduleRequest = z.infer<typeof triggerScheduleRequestSchema>

/** Runs that a preview tells, at most. */
export const MAX_NEXT_RUNS = 100

/** `murmur.schedules.preview`: when would it run? Nothing is stored. */
export const previewScheduleRequestSchema = z
  .strictObject({
    ...timetableFields,
    /** Runs after this; from now on unless given. Unix milliseconds. */
    fromMs: z.int().min(0).max(LATEST_MS).optional(),
    count: z.int().min(1).max(MAX_NEXT_RUNS).default(10),
  })
  .refine(isOneTimetable, oneTimetable)
  .refine(isEndAfterStart, endsAfterStart)
  .meta(TIMETABLE)
export type PreviewScheduleRequest = z.infer<typeof previewScheduleRequestSchema>
export const previewScheduleResponseSchema = z.object({ nextRuns: z.array(occurrenceSchema) })
export type PreviewScheduleResponse = z.infer<typeof previewScheduleResponseSchema>

export const putScheduleExample: PutScheduleRequest = {
  name: 'nightly',
  cron: '30 2 * * *',
  timezone: 'Europe/Berlin',
  submission: {
    type: 'report',
    input: { title: 'Sales', sources: [{ name: 'notes.md', text: '# May\nSales rose by 4 %.' }] },
  },
  overlap: 'skip',
  catchUp: { policy: 'latest', windowMs: 3_600_000, maxRuns: 10 },
  jitterMs: 0,
}
export const scheduleExample: Schedule = {
  name: 'nightly',
  tenant: 'default',
  cron: '30 2 * * *',
  timezone: 'Europe/Berlin',
  submission: putScheduleExample.submission,
  overlap: 'skip',
  catchUp: { policy: 'latest', windowMs: 3_600_000, maxRuns: 10 },
  jitterMs: 0,
  createdAtMs: 1_774_600_000_000,
  updatedAtMs: 1_774_600_000_000,
  lastRun: {
    scheduledAtMs: 1_774_661_400_000,
    startedAtMs: 1_774_661_400_120,
    taskId: 'kq3v9x',
  },
  counts: { started: 1, overlap: 0, missed: 0, paused: 0, refused: 0 },
  running: [],
  nextRuns: [
    { atMs: 1_774_746_000_000, local: '2026-03-29T03:00:00+02:00' },
    { atMs: 1_774_830_600_000, local: '2026-03-30T02:30:00+02:00' },
  ],
}
