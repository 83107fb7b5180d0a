import type { PutScheduleRequest, Schedule } from '#schemas/schedule.ts'

/** A schedule as it is typed: texts, until they are read. */
export interface ScheduleForm {
  readonly name: string
  readonly when: 'cron' | 'every'
  readonly cron: string
  readonly every: string
  readonly unit: 's' | 'min' | 'h' | 'd'
  readonly timezone: string
  readonly type: string
  /** JSON: what each run submits beside its type (`input`, `plan`, `priority`, `deadlineMs`, `labels`). */
  readonly submission: string
  readonly overlap: PutScheduleRequest['overlap']
  readonly catchUp: PutScheduleRequest['catchUp']['policy']
  /** What the form does not show and a change must not lose. */
  readonly kept: Partial<PutScheduleRequest>
}

export const UNIT_MS: Readonly<Record<ScheduleForm['unit'], number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Of a new one. Pure. */
export function emptyForm(timezone: string): ScheduleForm {
  return {
    name: '',
    when: 'cron',
    cron: '30 2 * * *',
    every: '15',
    unit: 'min',
    timezone,
    type: 'plan',
    submission: JSON.stringify({ plan: { steps: [{ id: 'a', agent: 'ingest', input: {} }] } }, null, 2),
    overlap: 'skip',
    catchUp: 'latest',
    kept: {},
  }
}

/** Of one that is there. Pure. */
export function formOf(schedule: Schedule): ScheduleForm {
  const { name, cron, everyMs, timezone, overlap, catchUp, jitterMs, startAtMs, endAtMs } = schedule
  const { type, ...submission } = schedule.submission
  const span = spanOf(everyMs ?? 900_000)
  return {
    name,
    when: cron === undefined ? 'every' : 'cron',
    cron: cron ?? '30 2 * * *',
    every: span.every,
    unit: span.unit,
    timezone,
    type,
    submission: JSON.stringify(submission, null, 2),
    overlap,
    catchUp: catchUp.policy,
    kept: {
      catchUp,
      jitterMs,
      ...(startAtMs !== undefined && { startAtMs }),
      ...(endAtMs !== undefined && { endAtMs }),
    },
  }
}

/** In the largest unit that it is a whole number of. Pure. */
export function spanOf(ms: number): { every: string; unit: ScheduleForm['unit'] } {
  const units = ['d', 'h', 'min', 's'] as const
  const unit = units.find((each) => ms % UNIT_MS[each] === 0) ?? 's'
  return { every: String(ms / UNIT_MS[unit]), unit }
}

export type Timetable = { cron: string; timezone: string } | { everyMs: number; timezone: string }

/** When it runs, as far as the form says it; undefined: not yet. Pure. */
export function timetableOf({ when, cron, every, unit, timezone }: ScheduleForm): Timetable | undefined {
  if (when === 'cron') return cron.trim() === '' ? undefined : { cron: cron.trim(), timezone }
  const count = Number(every)
  return every.trim() !== '' && count > 0
    ? { everyMs: Math.round(count * UNIT_MS[unit]), timezone }
    : undefined
}

/** What is asked for, or what is missing, by field; the edge says the rest. Pure. */
export function requestOf(
  form: ScheduleForm,
):
  | { request: Record<string, unknown>; faults?: undefined }
  | { faults: Readonly<Record<string, string>>; request?: undefined } {
  const faults: Record<string, string> = {}
  if (!/^[\w-]{1,64}$/.test(form.name)) faults.name = '1 to 64 of A-Z a-z 0-9 _ -'
  if (form.type.trim() === '') faults.type = 'is needed'
  const timetable = timetableOf(form)
  if (!timetable) faults.when = form.when === 'cron' ? 'a cron is needed' : 'a number above 0 is needed'
  let submission: unknown
  try {
    submission = JSON.parse(form.submission === '' ? '{}' : form.submission)
    if (typeof submission !== 'object' || submission === null || Array.isArray(submission))
      faults.submission = 'must be a JSON object'
  } catch (error) {
    faults.submission = error instanceof Error ? error.message : String(error)
  }
  if (Object.keys(faults).length > 0) return { faults }
  return {
    request: {
      ...form.kept,
      name: form.name,
      ...timetable,
      overlap: form.overlap,
      catchUp: { ...form.kept.catchUp, policy: form.catchUp },
      submission: { ...(submission as object), type: form.type.trim() },
    },
  }
}
