import { z } from 'zod'
import { blobRefSchema } from './blob.ts'
import { cameraEventSchema } from './camera-event.ts'
import { taskIdSchema } from './identifiers.ts'
import { severitySchema } from './watch-rule.ts'

export const ALERT_STATUSES = ['open', 'acknowledged', 'resolved'] as const
export const alertStatusSchema = z.enum(ALERT_STATUSES)
export type AlertStatus = z.infer<typeof alertStatusSchema>

/** A state of a camera that begins and ends, of which its alert is the one incident: away, blind, lagging. */
export const incidentSchema = z.object({
  /** `recovering`: it has ended, and is waited for whether that lasts; `over`: closed. */
  phase: z.enum(['ongoing', 'recovering', 'over']),
  /** The monitor that saw it last: another one may have taken over. */
  monitor: taskIdSchema,
  /** Times that it has begun: more than one when it comes and goes. */
  times: z.int().min(1),
  /** When it last began and, once that is known, ended. Unix milliseconds. */
  sinceMs: z.number(),
  endedAtMs: z.number().optional(),
  /** How long it lasted, all times together that have ended. Milliseconds. */
  totalMs: z.number().min(0),
  /** When it will be closed unless it begins again. Unix milliseconds. */
  closesAtMs: z.number().optional(),
  /** What ended it, for people. */
  reason: z.string().max(500).optional(),
})
export type Incident = z.infer<typeof incidentSchema>

/** Who wanted to hear nothing of a camera for a while. */
export const snoozeMarkSchema = z.object({
  id: z.string().max(64),
  by: z.string().max(256),
  untilMs: z.number(),
  reason: z.string().max(500).optional(),
})

/** An alert as the history has it. */
export const alertSchema = z.object({
  id: z.string(),
  severity: severitySchema,
  status: alertStatusSchema,
  ...cameraEventSchema.pick({
    tenant: true,
    monitor: true,
    camera: true,
    rule: true,
    subject: true,
    message: true,
    atMs: true,
    mediaMs: true,
    frame: true,
    objects: true,
    zone: true,
    line: true,
    direction: true,
    count: true,
    preset: true,
    model: true,
    modelWarning: true,
  }).shape,
  /** When it was raised, Unix milliseconds. */
  raisedAtMs: z.number(),
  /** From the frame's capture to here. Milliseconds. */
  latencyMs: z.number().optional(),
  /** Times that the same came true, the first included; those within the cooldown only count. */
  occurrences: z.int().min(1),
  /** Objects that it is about, when those that came together are one alert: `groupBy` of its rule. */
  subjects: z.int().min(1).optional(),
  lastSeenAtMs: z.number(),
  /** The frame with what it is about drawn into it; added a moment after the alert. */
  snapshot: blobRefSchema.optional(),
  /** Who acknowledged or resolved it, and when. */
  changedBy: z.string().max(256).optional(),
  changedAtMs: z.number().optional(),
  note: z.string().max(1000).optional(),
  /** Of an alert about a state that begins and ends. */
  incident: incidentSchema.optional(),
  /** Counts what became of it: of two versions, that with the larger one is newer. Missing is 0. */
  revision: z.int().min(0).optional(),
  /** The review item that it belongs to. */
  review: z.string().max(64).optional(),
  /** It was raised while its camera and rule were snoozed: no sink is told. */
  snoozed: snoozeMarkSchema.optional(),
  /** Where it stands in Slack, so that the message can be changed. */
  slack: z.object({ channel: z.string().max(64), ts: z.string().max(64) }).optional(),
})
export type Alert = z.infer<typeof alertSchema>

/** `alerts.<severity>.<tenant>.<camera>`: CloudEvents 1.0, structured mode. */
export const alertCloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.literal('murmuration.alert.raised'),
  subject: z.string(),
  /** RFC 3339. */
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  data: alertSchema,
})
export type AlertCloudEvent = z.infer<typeof alertCloudEventSchema>

/**
 * Of incidents: `recovered`, the state has ended, and is waited for whether that lasts; `recurred`, it began again meanwhile;
 * `reopened`, soon after it was closed; `handed-on`, another monitor sees the same. `unsnoozed`: the snooze is over and it still
 * goes on. `posted`: it stands in Slack.
 */
export const ALERT_CHANGES = [
  'snapshot',
  'acknowledged',
  'resolved',
  'recovered',
  'recurred',
  'reopened',
  'handed-on',
  'unsnoozed',
  'posted',
] as const
export type AlertChange = (typeof ALERT_CHANGES)[number]

/** `alert-changes.<tenant>.<camera>`: what happened to an alert, and the whole of it as it is since then. */
export const alertChangeCloudEventSchema = alertCloudEventSchema.extend({
  type: z.literal('murmuration.alert.changed'),
  /** An extension attribute of ours. */
  change: z.enum(ALERT_CHANGES),
})
export type AlertChangeCloudEvent = z.infer<typeof alertChangeCloudEventSchema>

/** What the stream of alerts holds: one raised, or what happened to one. */
export const alertMessageSchema = z.union([alertCloudEventSchema, alertChangeCloudEventSchema])

/** `murmur.alerts.list`: newest first. */
export const listAlertsRequestSchema = z.strictObject({
  severity: severitySchema.optional(),
  status: alertStatusSchema.optional(),
  camera: z.string().max(64).optional(),
  monitor: taskIdSchema.optional(),
  /** Raised at this time or later, Unix milliseconds. */
  sinceMs: z.int().min(0).optional(),
  limit: z.int().min(1).max(500).default(50),
  /** Where the last page ended: its `nextCursor`. The other fields are to be the same as there. */
  cursor: z.string().min(1).max(256).optional(),
})
export type ListAlertsRequest = z.infer<typeof listAlertsRequestSchema>
export const listAlertsResponseSchema = z.object({
  /** May be fewer than the limit though there are more: go by the cursor. */
  alerts: z.array(alertSchema),
  /** For the next page; missing on the last one. */
  nextCursor: z.string().optional(),
})
export type ListAlertsResponse = z.infer<typeof listAlertsResponseSchema>

/** `murmur.alerts.get` */
export const getAlertRequestSchema = z.strictObject({ id: z.string().min(1).max(128) })
export const getAlertResponseSchema = z.object({ alert: alertSchema })

/** `murmur.alerts.change`: acknowledge or resolve. */
export const changeAlertRequestSchema = z.strictObject({
  id: z.string().min(1).max(128),
  status: z.enum(['acknowledged', 'resolved']),
  by: z.string().max(256).optional(),
  note: z.string().max(1000).optional(),
})
export type ChangeAlertRequest = z.infer<typeof changeAlertRequestSchema>
export const changeAlertResponseSchema = z.object({ alert: alertSchema })
