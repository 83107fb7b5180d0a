import { z } from 'zod'
import { blobRefSchema } from './blob.ts'
import { crossingFault } from './geometry.ts'
import { TOKEN_PATTERN } from './identifiers.ts'
import { classScoresSchema, modelNameSchema, tilingSchema } from './model-names.ts'
import { siteSchema } from './site.ts'
import { parseSourceAddress } from './video-address.ts'
import {
  type IgnoreMask,
  ignoreMaskSchema,
  lineSchema,
  watchRuleSchema,
  type Zone,
  zoneSchema,
} from './watch-rule.ts'

/** Where video comes from. */
export const videoSourceSchema = z.discriminatedUnion('kind', [
  /** A clip in the object store. */
  z.strictObject({ kind: z.literal('file'), blob: blobRefSchema }),
  /** A camera or a stream: rtsp, rtsps, http or https (a file, MJPEG or an HLS playlist). `rtsp://{cam-1}@host/…` names a secret. */
  z
    .strictObject({
      kind: z.literal('url'),
      url: z
        .string()
        .max(2048)
        .regex(/^(rtsps?|https?):\/\/[^\s]+$/i, { error: 'must be an rtsp, rtsps, http or https address' })
        .superRefine((url, context) => {
          const address = parseSourceAddress(url)
          if ('fault' in address) context.addIssue({ code: 'custom', message: address.fault })
        }),
      /** How an rtsp source sends its pictures. `auto` (when it is left out): within the connection, over UDP where it does not do that. */
      transport: z.enum(['auto', 'tcp', 'udp']).optional(),
    })
    .refine(({ url, transport }) => transport !== 'udp' || /^rtsp:/i.test(url), {
      path: ['transport'],
      error: 'only pictures of an rtsp address come over UDP; rtsps would not be encrypted',
    }),
  /** A V4L2 device of the machine that captures. */
  z.strictObject({
    kind: z.literal('device'),
    path: z.string().regex(/^\/dev\/video\d{1,3}$/, { error: 'must be a device like /dev/video0' }),
  }),
  /** A rendered test scene; see docs/scenes.md. */
  z.strictObject({
    kind: z.literal('scene'),
    scenario: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .default(1),
  }),
])
export type VideoSource = z.infer<typeof videoSourceSchema>

export const videoSourceExample: VideoSource = { kind: 'url', url: 'rtsp://192.0.2.10:554/stream1' }

/** Names a camera in subjects and alerts. */
export const cameraSchema = z.string().regex(TOKEN_PATTERN, {
  error: 'a camera must be 1 to 64 characters of A-Z a-z 0-9 _ -',
})

/**
 * How fast a recorded source is read. `live`: at its own pace, and what is too much is dropped, as with a camera.
 * `complete`: as fast as it can be analysed, every frame. Cameras are always `live`.
 */
export const paceSchema = z.enum(['live', 'complete'])
export type Pace = z.infer<typeof paceSchema>

/** A time with its zone. */
export const startsAtSchema = z.iso.datetime({
  offset: true,
  error: 'must be a time with its zone, like 2026-11-29T22:00:00+01:00',
})
/**
 * Which frames are looked at. `motion`: those in which something moves, as many as tracks need, and `idleFps` of all others. `every`:
 * all of them.
 */
export const analyseSchema = z.enum(['motion', 'every'])
export type Analyse = z.infer<typeof analyseSchema>
/** How little counts as motion. */
export const sensitivitySchema = z.enum(['low', 'normal', 'high'])
export type Sensitivity = z.infer<typeof sensitivitySchema>

/** The zones, lines and rules of a camera: also what a `--rules` file holds. */
export const watchRulesShape = {
  zones: z.array(zoneSchema).max(64).default([]),
  lines: z.array(lineSchema).max(64).default([]),
  rules: z.array(watchRuleSchema).max(128).default([]),
  ignore: z.array(ignoreMaskSchema).max(64).optional(),
} as const

interface WatchRules {
  zones: { id: string }[]
  lines: { id: string }[]
  rules: {
    id: string
    zone?: string | undefined
    line?: string | undefined
    requiredZones?: string[] | undefined
  }[]
  ignore?: { id: string }[] | undefined
}

/** Ids are unique, and rules name zones and lines that are there. For `.superRefine`. */
export function checkReferences(given: WatchRules, context: z.RefinementCtx): void {
  const fault = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message })
  for (const list of ['zones', 'lines', 'rules', 'ignore'] as const) {
    const seen = new Set<string>()
    given[list]?.forEach(({ id }, i) => {
      if (seen.has(id)) fault([list, i, 'id'], `there are two ${list} with the id "${id}"`)
      seen.add(id)
    })
  }
  const zones = new Set(given.zones.map(({ id }) => id))
  const lines = new Set(given.lines.map(({ id }) => id))
  given.rules.forEach((rule, i) => {
    if (rule.zone !== undefined && !zones.has(rule.zone))
      fault(['rules', i, 'zone'], `there is no zone "${rule.zone}"`)
    if (rule.line !== undefined && !lines.has(rule.line))
      fault(['rules', i, 'line'], `there is no line "${rule.line}"`)
    rule.requiredZones?.forEach((zone, n) => {
      if (!zones.has(zone)) fault(['rules', i, 'requiredZones', n], `there is no zone "${zone}"`)
    })
  })
}

/**
 * Zones and ignore masks whose edges cross are refused when they are given; monitors that had one before this was looked at go on. For
 * `.superRefine`.
 */
export function checkPolygons(
  given: { zones: Zone[]; ignore?: IgnoreMask[] | undefined },
  context: z.RefinementCtx,
): void {
  for (const list of ['zones', 'ignore'] as const)
    given[list]?.forEach(({ polygon }, i) => {
      const message = crossingFault(polygon)
      if (message !== undefined) context.addIssue({ code: 'custom', path: [list, i, 'polygon'], message })
    })
}

const LIVE_KINDS: ReadonlySet<string> = new Set(['url', 'device'])

/** Only cameras have substreams. For `.superRefine`. */
function checkDetectSource(
  {
    source,
    detectSource,
    pace,
    loop,
  }: { source: VideoSource; detectSource?: VideoSource | undefined; pace: Pace; loop: boolean },
  context: z.RefinementCtx,
): void {
  if (!detectSource) return
  if (!LIVE_KINDS.has(source.kind) || !LIVE_KINDS.has(detectSource.kind) || pace !== 'live' || loop)
    context.addIssue({
      ...{ code: 'custom', path: ['detectSource'] },
      message: 'only a camera has a substream: source and detectSource are addresses or devices, read live',
    })
}

/** A `--rules` file. */
export const watchRulesSchema = z
  .strictObject(watchRulesShape)
  .superRefine(checkReferences)
  .superRefine(checkPolygons)
export type WatchRulesFile = z.infer<typeof watchRulesSchema>

/** The input of a task of type `monitor`. */
export const monitorRequestSchema = z
  .strictObject({
    source: videoSourceSchema,
    /**
     * The same view in smaller pictures: the substream of a camera, which is analysed in place of `source`. Pictures, clips and recordings
     * come from `source`, which is not decoded but for them.
     */
    detectSource: videoSourceSchema.optional(),
    /** Names the camera in subjects and alerts. Given to one monitor at a time. */
    camera: cameraSchema,
    /** Where the camera is, when that is a site with agents of its own: docs/sites.md. */
    site: siteSchema.optional(),
    ...watchRulesShape,
    pace: paceSchema.default('live'),
    /** Frames analysed a second, at most. The source's own rate when it is lower; 10 for cameras unless given. */
    fps: z.number().min(0.1).max(60).optional(),
    /** `motion` unless given; `every` for recordings that are read completely. */
    analyse: analyseSchema.optional(),
    /** Frames a second that are looked at while nothing moves, at least. */
    idleFps: z.number().min(0.2).max(60).default(0.5),
    sensitivity: sensitivitySchema.default('normal'),
    /** Starts a recorded source again when it ends. */
    loop: z.boolean().default(false),
    /**
     * When a recording begins, with its zone: what schedules go by, and the time of its alerts. The time that the file says it was made
     * unless given, and the moment at which it is read where it says none.
     */
    startsAt: startsAtSchema.optional(),
    /** Ends by itself after this long; never where it is left out and the source has no end. Milliseconds. */
    durationMs: z
      .int()
      .min(100)
      .max(24 * 3600 * 1000)
      .optional(),
    /** Detections below this are ignored. The model's own threshold unless given. */
    minScore: z.number().min(0.01).max(0.99).optional(),
    /** The same for single classes (`person`, `vehicle`) or labels of the network (`bicycle`). */
    scores: classScoresSchema.optional(),
    /** The model that looks: unless given, one for real video, and for rendered scenes the one that was trained on them. */
    model: modelNameSchema.optional(),
    /** For small and far objects: columns × rows + 1 times the work. */
    tiles: tilingSchema.optional(),
    /** Keeps the clip with everything drawn into it as a result. */
    annotatedClip: z.boolean().default(false),
    /** Whether what it reads is recorded, where recordings are kept. Unless given, cameras are, and what is a recording itself is not. */
    record: z.boolean().optional(),
  })
  .superRefine(checkReferences)
  .superRefine(checkPolygons)
  .superRefine(checkDetectSource)
export type MonitorRequest = z.infer<typeof monitorRequestSchema>
export type MonitorRequestInput = z.input<typeof monitorRequestSchema>

export const monitorRequestExample: MonitorRequestInput = {
  source: { kind: 'url', url: 'rtsp://192.0.2.10:554/stream1' },
  camera: 'yard',
  zones: [
    {
      id: 'gate',
      polygon: [
        [0.1, 0.5],
        [0.4, 0.5],
        [0.4, 0.9],
        [0.1, 0.9],
      ],
    },
  ],
  rules: [{ id: 'gate-access', kind: 'intrusion', zone: 'gate' }],
}
