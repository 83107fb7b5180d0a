import type { z } from 'zod'
import type { Tiling } from '#schemas/model-names.ts'
import {
  type Analyse,
  type MonitorRequestInput,
  monitorRequestSchema,
  type Pace,
  type Sensitivity,
  type VideoSource,
  type WatchRulesFile,
  watchRulesSchema,
} from '#schemas/monitor-request.ts'
import type { Line, Zone } from '#schemas/watch-rule.ts'
import { cameraNameOf, type SourceSpec } from './parse-source.ts'
import { checkedInput, readRules } from './read-rules.ts'

/** What stands on the command line beside the source. */
export interface MonitorOptions {
  camera?: string
  /** The substream that is analysed. */
  detect?: VideoSource
  site?: string
  zone?: Zone[]
  line?: Line[]
  rules?: string
  /** Persons at once. */
  crowd?: number
  /** Seconds. */
  loiter?: number
  pace?: Pace
  fps?: number
  analyse?: Analyse
  idleFps?: number
  sensitivity?: Sensitivity
  loop?: boolean
  /** When a recording begins, with its zone. */
  startsAt?: string
  /** Milliseconds. */
  for?: number
  minScore?: number
  /** By class or label. */
  score?: Record<string, number>
  model?: string
  tiles?: Tiling
  clip?: boolean
  /** Undefined: cameras are recorded. */
  record?: boolean
}

type RuleInput = NonNullable<z.input<typeof watchRulesSchema>['rules']>[number]

/** For rules about a zone where none is given. */
const WHOLE_PICTURE: Zone = {
  id: 'picture',
  polygon: [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ],
}
/** Stands for a clip that is uploaded later, while all else is checked. */
const NOT_UPLOADED: VideoSource = {
  kind: 'file',
  blob: { blob: 'uploads/later', size: 0, sha256: '0'.repeat(64), contentType: 'application/octet-stream' },
}
const WHAT = 'zones, lines and rules'

/**
 * The zones, lines and rules: those of the file, those of the options, and for each zone or line that no rule speaks of the
 * rule that is meant: drawing one is asking to be told.
 * @throws CliError USAGE with every fault, FILE_UNREADABLE
 */
export function watchRulesOf(options: MonitorOptions, folder: string): WatchRulesFile {
  const none: WatchRulesFile = { zones: [], lines: [], rules: [] }
  const file = options.rules === undefined ? none : readRules(options.rules, folder)
  const ruled = new Set(
    file.rules.flatMap((rule) => [
      ...('zone' in rule && rule.zone !== undefined ? [`zone ${rule.zone}`] : []),
      ...('line' in rule ? [`line ${rule.line}`] : []),
      ...('requiredZones' in rule ? (rule.requiredZones ?? []) : []).map((id) => `zone ${id}`),
    ]),
  )
  const zones = (options.zone ?? []).filter(({ id }) => !ruled.has(`zone ${id}`))
  const lines = (options.line ?? []).filter(({ id }) => !ruled.has(`line ${id}`))
  const needsPicture = options.loiter !== undefined && zones.length === 0
  return checkedInput(
    watchRulesSchema,
    {
      zones: [...file.zones, ...(options.zone ?? []), ...(needsPicture ? [WHOLE_PICTURE] : [])],
      lines: [...file.lines, ...(options.line ?? [])],
      rules: [
        ...file.rules,
        ...rulesOfZones(needsPicture ? [WHOLE_PICTURE] : zones, options),
        ...lines.map(({ id }): RuleInput => ({ id: `cross-${id}`, kind: 'line-crossing', line: id })),
      ],
      ...(file.ignore && { ignore: file.ignore }),
    },
    WHAT,
  )
}

/** A monitor as it is submitted. @throws CliError USAGE */
export function buildMonitorRequest(
  source: VideoSource,
  camera: string,
  rules: WatchRulesFile,
  options: MonitorOptions,
): MonitorRequestInput {
  const request: MonitorRequestInput = {
    source,
    ...(options.detect !== undefined && { detectSource: options.detect }),
    camera: options.camera ?? camera,
    ...(options.site !== undefined && { site: options.site }),
    ...rules,
    pace: options.pace ?? (source.kind === 'file' ? 'complete' : 'live'),
    ...(options.fps !== undefined && { fps: options.fps }),
    ...(options.analyse !== undefined && { analyse: options.analyse }),
    ...(options.idleFps !== undefined && { idleFps: options.idleFps }),
    ...(options.sensitivity !== undefined && { sensitivity: options.sensitivity }),
    ...(options.loop && { loop: true }),
    ...(options.startsAt !== undefined && { startsAt: options.startsAt }),
    ...(options.for !== undefined && { durationMs: options.for }),
    ...(options.minScore !== undefined && { minScore: options.minScore }),
    ...(options.score !== undefined && { scores: options.score }),
    ...(options.model !== undefined && { model: options.model }),
    ...(options.tiles !== undefined && { tiles: options.tiles }),
    ...(options.clip && { annotatedClip: true }),
    ...(options.record !== undefined && { record: options.record }),
  }
  checkedInput(monitorRequestSchema, request, 'the monitor')
  return request
}

/** Whether it can be submitted, before anything is uploaded or started for it. @throws CliError USAGE */
export function checkMonitor(spec: {
  source: SourceSpec
  rules: WatchRulesFile
  options: MonitorOptions
}): void {
  const source = spec.source.kind === 'remote' ? spec.source.source : NOT_UPLOADED
  buildMonitorRequest(source, cameraNameOf(spec.source), spec.rules, spec.options)
}

/** --crowd and --loiter say what zones are for; without either, nobody is to be there. */
function rulesOfZones(zones: readonly Zone[], { crowd, loiter }: MonitorOptions): RuleInput[] {
  if (crowd === undefined && loiter === undefined)
    return zones.map(({ id }) => ({ id: `enter-${id}`, kind: 'intrusion', zone: id }))
  const rules: RuleInput[] = []
  if (loiter !== undefined) {
    for (const { id } of zones)
      rules.push({ id: `stay-${id}`, kind: 'loitering', zone: id, dwellMs: Math.round(loiter * 1000) })
  }
  if (crowd !== undefined) {
    const drawn = zones.filter((zone) => zone !== WHOLE_PICTURE)
    // A crowd needs no zone to be counted in.
    if (drawn.length === 0) rules.push({ id: 'crowd', kind: 'crowd', minCount: crowd })
    for (const { id } of drawn) rules.push({ id: `crowd-${id}`, kind: 'crowd', zone: id, minCount: crowd })
  }
  return rules
}
