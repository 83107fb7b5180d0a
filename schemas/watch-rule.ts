import { z } from 'zod'
import { pointSchema, polygonSchema } from './geometry.ts'
import { TOKEN_PATTERN } from './identifiers.ts'
import { SEVERITIES, type Severity } from './severities.ts'

export { SEVERITIES, type Severity } from './severities.ts'
/** Most urgent first. */
export const severitySchema = z.enum(SEVERITIES)

/** For sorting: negative when `a` is the more severe one, 0 when they are the same. Pure. */
export function compareSeverity(a: Severity, b: Severity): number {
  return SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b)
}

/** What is told apart: everything a model knows is mapped to one of these, or left out. */
export const OBJECT_CLASSES = ['person', 'vehicle'] as const
export const objectClassSchema = z.enum(OBJECT_CLASSES)
export type ObjectClass = z.infer<typeof objectClassSchema>

const id = (what: string) =>
  z.string().regex(TOKEN_PATTERN, { error: `${what} must be 1 to 64 characters of A-Z a-z 0-9 _ -` })

/** A view that a camera which turns comes back to: 1 for the first that a monitor sees, 2 for the next … */
const presetSchema = z.int().min(1).max(64)

/** A part of the picture. An object is in it when the bottom centre of its box is: where it stands. */
export const zoneSchema = z.strictObject({
  id: id('a zone id'),
  polygon: polygonSchema,
  /** Only in this view of a camera that turns; in every one, when it is not given. */
  preset: presetSchema.optional(),
})
export type Zone = z.infer<typeof zoneSchema>

/** A line across the picture. Directions are those of somebody who stands at `from` and looks towards `to`. */
export const lineSchema = z
  .strictObject({
    id: id('a line id'),
    from: pointSchema,
    to: pointSchema,
    /** Only in this view of a camera that turns; in every one, when it is not given. */
    preset: presetSchema.optional(),
  })
  .refine(({ from, to }) => Math.hypot(to[0] - from[0], to[1] - from[1]) > 1e-3, {
    error: 'a line needs two different ends',
  })
export type Line = z.infer<typeof lineSchema>

/** An ignore mask: what stands in it (the bottom centre of its box) is taken as not seen. */
export const ignoreMaskSchema = z.strictObject({
  id: id('the id of an ignore mask'),
  polygon: polygonSchema,
  /** Only these; all, when it is not given. */
  classes: z.array(objectClassSchema).min(1).max(2).optional(),
  /** Only in this view of a camera that turns. */
  preset: presetSchema.optional(),
})
export type IgnoreMask = z.infer<typeof ignoreMaskSchema>

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time like 22:00' })

/** When a rule holds. From 22:00 to 06:00 goes over midnight and belongs to the day on which it begins. */
export const scheduleSchema = z.strictObject({
  days: z.array(z.enum(WEEKDAYS)).min(1).max(7).optional(),
  from: timeOfDay.default('00:00'),
  /** Exclusive; the same as `from` means the whole day. */
  to: timeOfDay.default('00:00'),
  /** IANA name. */
  timeZone: z.string().min(1).max(64).default('UTC').refine(isTimeZone, { error: 'is no IANA time zone' }),
})
export type Schedule = z.infer<typeof scheduleSchema>

const base = {
  id: id('a rule id'),
  /** Always, when it is not given. */
  schedule: scheduleSchema.optional(),
  /** A repeated alert about the same subject within this time only counts. Milliseconds. */
  cooldownMs: z.int().min(0).max(86_400_000).default(60_000),
}
/** Shares of the picture's area: .01 is a tenth of its width and of its height. */
const sizeRangeSchema = z
  .strictObject({ min: z.number().min(0).max(1).optional(), max: z.number().min(0).max(1).optional() })
  .refine(({ min = 0, max = 1 }) => min < max, { error: 'min must be less than max' })

export const GROUPINGS = ['subject', 'zone', 'rule', 'camera'] as const
/** Which events are one alert when they come together: those of one object, one zone (or line), one rule, or all of the camera. */
export const groupingSchema = z.enum(GROUPINGS)
export type Grouping = z.infer<typeof groupingSchema>

const ofObjects = {
  ...base,
  /** Unless given `zone`, for a crowd `subject`. docs/tracking.md */
  groupBy: groupingSchema.optional(),
  /** What follows the last event of a group within this time belongs to it. 5000 unless given. Milliseconds. */
  groupMs: z.int().min(0).max(3_600_000).optional(),
  /** Objects of another size are not regarded. */
  sizes: z
    .strictObject({ person: sizeRangeSchema.optional(), vehicle: sizeRangeSchema.optional() })
    .optional(),
  /** Only objects that are, or have been, in one of these zones. */
  requiredZones: z.array(id('a zone id')).min(1).max(16).optional(),
}
const classes = (...of: [ObjectClass, ...ObjectClass[]]) =>
  z.array(objectClassSchema).min(1).max(2).default(of)
const severity = (of: Severity) => severitySchema.default(of)

/** What is watched for. */
export const watchRuleSchema = z.discriminatedUnion('kind', [
  /** At least `minCount` objects in the zone (or the picture) for `holdMs`. Its subject is the zone. */
  z.strictObject({
    ...ofObjects,
    kind: z.literal('crowd'),
    zone: id('a zone id').optional(),
    minCount: z.int().min(2).max(1000),
    holdMs: z.int().min(0).max(3_600_000).default(2000),
    classes: classes('person'),
    severity: severity('high'),
  }),
  /** Unauthorised access: an object of a class that must not be there enters the zone. Its subject is the object. */
  z.strictObject({
    ...ofObjects,
    kind: z.literal('intrusion'),
    zone: id('a zone id'),
    classes: classes('person', 'vehicle'),
    severity: severity('critical'),
  }),
  /** An object stays in the zone for `dwellMs`. Its subject is the object. */
  z.strictObject({
    ...ofObjects,
    kind: z.literal('loitering'),
    zone: id('a zone id'),
    dwellMs: z.int().min(500).max(86_400_000).default(10_000),
    classes: classes('person'),
    severity: severity('medium'),
  }),
  /** An object crosses the line with the bottom centre of its box. Its subject is the object. */
  z.strictObject({
    ...ofObjects,
    kind: z.literal('line-crossing'),
    line: id('a line id'),
    direction: z.enum(['any', 'left-to-right', 'right-to-left']).default('any'),
    classes: classes('person', 'vehicle'),
    severity: severity('low'),
  }),
  /** No picture for `afterMs`. Its subject is the camera. */
  z.strictObject({
    ...base,
    kind: z.literal('camera-offline'),
    afterMs: z.int().min(500).max(3_600_000).default(5000),
    severity: severity('high'),
  }),
  /** Pictures come, and nothing was seen in them for `afterMs`: detection or tracking does not answer. Its subject is the camera. */
  z.strictObject({
    ...base,
    kind: z.literal('camera-blind'),
    afterMs: z.int().min(500).max(3_600_000).default(5000),
    severity: severity('high'),
  }),
  /** What is looked at has been seconds old for `afterMs`. Its subject is the camera. */
  z.strictObject({
    ...base,
    kind: z.literal('camera-lagging'),
    afterMs: z.int().min(0).max(3_600_000).default(2000),
    severity: severity('medium'),
  }),
])
export type WatchRule = z.infer<typeof watchRuleSchema>
export type WatchRuleKind = WatchRule['kind']

/** Rules about the camera itself, which its capture tells; all others are told by what is seen. */
export const CAMERA_RULE_KINDS = ['camera-offline', 'camera-blind', 'camera-lagging'] as const
export type CameraRuleKind = (typeof CAMERA_RULE_KINDS)[number]
export type CameraRule = Extract<WatchRule, { kind: CameraRuleKind }>

/** Whether a rule is about the camera itself. Pure. */
export function isCameraRule<Rule extends { kind: string }>(
  rule: Rule,
): rule is Rule & { kind: CameraRuleKind } {
  return CAMERA_RULE_KINDS.some((kind) => kind === rule.kind)
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    // A RangeError says that there is none of that name.
    return false
  }
}

export const watchRuleExample: WatchRule = {
  id: 'night-access',
  kind: 'intrusion',
  zone: 'yard',
  classes: ['person'],
  severity: 'critical',
  cooldownMs: 60_000,
  schedule: { from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' },
}
