import { z } from 'zod'
import { boxSchema } from './geometry.ts'
import { taskIdSchema, tenantSchema } from './identifiers.ts'
import { CAMERA_RULE_KINDS, lineSchema, objectClassSchema, severitySchema, zoneSchema } from './watch-rule.ts'

/**
 * The beginning or the end of a state of the camera: away, blind, lagging. All events of one camera, rule and subject are about
 * the same state, whichever instance or monitor sends them; alerting makes one incident of them. Who does not know whether the
 * other side has heard of an end, for instance after a restart, says it again: an end of what has not begun changes nothing.
 */
export const stateChangeSchema = z.object({
  phase: z.enum(['begin', 'end']),
  /** Since when it is so, not when it was noticed: of an outage, its last picture; of its end, the first. Unix milliseconds. */
  sinceMs: z.number(),
})
export type StateChange = z.infer<typeof stateChangeSchema>

/** `cameras.events.<tenant>.<camera>`: a rule came true. Alerting turns it into an alert, or counts it to one that is there. */
export const cameraEventSchema = z.object({
  v: z.literal(1),
  /** The same when it is sent again. */
  id: z.string().min(1).max(256),
  tenant: tenantSchema,
  monitor: taskIdSchema,
  camera: z.string(),
  rule: z.object({
    id: z.string(),
    kind: z.enum([
      'crowd',
      'intrusion',
      'loitering',
      'line-crossing',
      'camera-offline',
      'camera-blind',
      'camera-lagging',
      'camera-unwatched',
      'monitor-ended',
    ]),
    severity: severitySchema,
    cooldownMs: z.int().min(0),
  }),
  /** What it is about, for the cooldown: `track-17`, `zone-plaza`, `camera`. */
  subject: z.string().max(128),
  /** One sentence for people. */
  message: z.string().max(500),
  /** When it came true: Unix milliseconds, and position in a recorded source. */
  atMs: z.number(),
  mediaMs: z.number(),
  /** The frame in which it was seen; not there when a camera is offline. */
  frame: z.object({ epoch: z.number(), seq: z.int(), capturedAtMs: z.number() }).optional(),
  /** The objects it is about. */
  objects: z
    .array(
      z.object({
        id: z.int(),
        class: objectClassSchema,
        label: z.string(),
        score: z.number(),
        box: boxSchema,
        /** What it looks like: see detections. */
        look: z.string().max(160).optional(),
      }),
    )
    .max(100),
  zone: zoneSchema.optional(),
  line: lineSchema.optional(),
  direction: z.enum(['left-to-right', 'right-to-left']).optional(),
  /** Objects counted, for a crowd. */
  count: z.int().optional(),
  /** Of a rule about a state that begins and ends; missing where something happened, and that was it. */
  state: stateChangeSchema.optional(),
  /** What it belongs to: events of one group are one alert. */
  group: z
    .object({
      /** The id of its first event. */
      id: z.string().min(1).max(256),
      /** Subjects so far. */
      subjects: z.int().min(1),
    })
    .optional(),
  /** The learned false positive that it is about: counted there, no alert. */
  falsePositive: z.string().max(64).optional(),
  /** The view of a camera that turns, when it has more than one. */
  preset: z.int().min(1).optional(),
  /** The model that saw it. */
  model: z.string().max(64).optional(),
  /** What speaks against relying on that model here. */
  modelWarning: z.string().max(200).optional(),
})
export type CameraEvent = z.infer<typeof cameraEventSchema>

/** Kinds of what is told about a camera or its monitor, and not by what is seen. */
const ABOUT_CAMERA: ReadonlySet<string> = new Set([
  ...CAMERA_RULE_KINDS,
  'camera-unwatched',
  'monitor-ended',
] satisfies CameraEvent['rule']['kind'][])

/** Whether events of this kind are about the camera itself. Pure. */
export function isAboutCamera(kind: string): boolean {
  return ABOUT_CAMERA.has(kind)
}

/** What a state is about, and which rule tells of it. */
export type CameraStateOf = Pick<CameraEvent, 'tenant' | 'monitor' | 'camera' | 'rule'>

export interface StateMoment extends StateChange {
  /** One sentence for people: what it is like now, and why. */
  message: string
  /** When it was noticed, Unix milliseconds, and how long into the monitor. */
  atMs: number
  mediaMs: number
}

/** An alerting of an earlier release knows no ends: within this time it counts one to its alert, and raises none. */
const END_COOLDOWN_MS = 86_400_000
const MAX_MESSAGE = 500

/**
 * The event that says that a state of a camera has begun or ended: away, blind, lagging, watched by nobody. The same moment gives the
 * same id, whoever tells it, so it may be sent again. Pure.
 */
export function cameraStateEvent(about: CameraStateOf, moment: StateMoment): CameraEvent {
  const { tenant, monitor, camera, rule } = about
  const { phase, sinceMs, message, atMs, mediaMs } = moment
  return {
    v: 1,
    id: `${monitor}:${rule.id}:${camera}:${phase}:${Math.round(sinceMs)}`,
    ...{ tenant, monitor, camera },
    rule: phase === 'end' ? { ...rule, cooldownMs: END_COOLDOWN_MS } : rule,
    subject: 'camera',
    message: message.slice(0, MAX_MESSAGE),
    atMs,
    mediaMs,
    objects: [],
    state: { phase, sinceMs },
  }
}

export const cameraEventExample: CameraEvent = {
  v: 1,
  id: 'kq3v9x:gate-access:track-3:1790000001700',
  tenant: 'default',
  monitor: 'kq3v9x',
  camera: 'yard',
  rule: { id: 'gate-access', kind: 'intrusion', severity: 'critical', cooldownMs: 60_000 },
  subject: 'track-3',
  message: 'Person entered gate',
  atMs: 1_790_000_001_700,
  mediaMs: 1700,
  frame: { epoch: 1_790_000_000_000, seq: 17, capturedAtMs: 1_790_000_001_700 },
  objects: [{ id: 3, class: 'person', label: 'person', score: 0.83, box: [0.2, 0.4, 0.25, 0.6] }],
}
