import type { z } from 'zod'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { DEFAULTS, LIMITS, minutesMs } from '#schemas/limits.ts'
import { type MonitorRequest, monitorRequestSchema } from '#schemas/monitor-request.ts'
import type { Plan, RetryPolicy, Step } from '#schemas/plan.ts'
import { type ReportRequest, reportRequestSchema } from '#schemas/report.ts'
import { agentOfSite } from '#schemas/site.ts'
import { isCameraRule } from '#schemas/watch-rule.ts'
import { MAX_ATTEMPTS } from '#workflow/decide/endless.ts'
import { cameraKey } from '#workflow/submission-keys/camera-key.ts'

/** A type of task that clients name: what input it takes and which plan that makes. */
export interface TaskTypeSpec<Input = never> {
  name: string
  input: z.ZodType<Input>
  /** Pure: the same input gives the same plan. */
  plan(input: Input): Plan
  /** At most one task of this key is under way, where the client names none. */
  singletonKey?(input: Input): string | undefined
  /** How long a task may take when the client does not say. Milliseconds. DEFAULTS.taskDeadlineMs unless given. */
  deadlineMs?(input: Input): number
}

/**
 * A report: every source is read at the same time, then analysed together, then written up. A source that can't be read
 * does not stop the report.
 */
export const reportTaskType: TaskTypeSpec<ReportRequest> = {
  name: 'report',
  input: reportRequestSchema,
  plan: planReport,
  deadlineMs: ({ sources }) =>
    DEFAULTS.taskDeadlineMs + sources.reduce((sum, source) => sum + readingMs(source), 0),
}

/** A busy machine brings, reads and counts so many bytes of a large table a millisecond, at least. */
const READ_BYTES_A_MS = 1000

function readingMs({ blob }: ReportRequest['sources'][number]): number {
  return Math.ceil((blob?.size ?? 0) / READ_BYTES_A_MS)
}

function planReport(request: ReportRequest): Plan {
  const reads = request.sources.map(
    (source, i): Step => ({
      id: `ingest-${i + 1}`,
      agent: 'ingest',
      input: { $from: `input.sources.${i}` },
      timeoutMs: minutesMs(3) + readingMs(source),
      onFailure: 'continue',
    }),
  )
  const ids = reads.map((step) => step.id)
  const documents: JsonValue = ids.map((id, i) => ({
    name: request.sources[i]!.name,
    document: { $from: `steps.${id}.output` },
    error: { $from: `steps.${id}.error` },
  }))
  return {
    steps: [
      ...reads,
      { id: 'analysis', agent: 'analysis', needs: ids, input: { documents }, timeoutMs: minutesMs(5) },
      {
        id: 'synthesis',
        agent: 'synthesis',
        needs: ['analysis'],
        input: {
          ...(request.title !== undefined && { title: request.title }),
          analysis: { $from: 'steps.analysis.output' },
        },
        timeoutMs: minutesMs(2),
      },
    ],
    output: { $from: 'steps.synthesis.output' },
  }
}

/**
 * What a source or a part of the platform does not give now it may give a little later. In a monitor without an end these are the most
 * attempts and the longest time, so there is no last attempt and no time that runs out: docs/tasks.md.
 */
const HAND_ON: RetryPolicy = { maxAttempts: MAX_ATTEMPTS, initialDelayMs: 200, maxDelayMs: 5000 }

/**
 * A monitor: capture and tracking live as long as it does, side by side, and meet on subjects; when both have ended, alerting
 * says what came of it.
 */
export const monitorTaskType: TaskTypeSpec<MonitorRequest> = {
  name: 'monitor',
  input: monitorRequestSchema,
  plan: planMonitor,
  singletonKey: ({ source, camera, pace }) => (isLive(source, pace) ? cameraKey(camera) : undefined),
  // At the end of a monitor the link to its site may be cut just then.
  deadlineMs: ({ durationMs, site }) =>
    durationMs === undefined
      ? LIMITS.endlessTaskMs
      : durationMs + minutesMs(10) + (site === undefined ? 0 : LIMITS.siteCutMs),
}

/** Whether a source is a camera, as far as the request says: of recordings any number may have one name. */
function isLive({ kind }: MonitorRequest['source'], pace: MonitorRequest['pace']): boolean {
  return kind === 'device' || (kind === 'url' && pace === 'live')
}

function planMonitor(request: MonitorRequest): Plan {
  const { camera, site, zones, lines, minScore } = request
  const { model, scores, tiles } = request
  const shared = json({ camera, zones, lines, minScore, scores, model })
  const { source, detectSource, pace, fps, analyse, idleFps, sensitivity } = request
  const { loop, startsAt, durationMs, annotatedClip, record } = request
  return {
    steps: [
      liveStep('capture', agentOfSite('capture', site), {
        ...shared,
        ...json({ source, detectSource, pace, fps, analyse, idleFps, sensitivity }),
        ...json({ loop, startsAt, durationMs, annotatedClip, record, tiles }),
        rules: json({ rules: request.rules.filter(isCameraRule) }).rules!,
      }),
      liveStep('track', agentOfSite('tracking', site), {
        ...shared,
        ...json({ ignore: request.ignore }),
        isScene: source.kind === 'scene',
        rules: json({ rules: request.rules.filter((rule) => !isCameraRule(rule)) }).rules!,
      }),
      {
        id: 'summary',
        agent: 'alerting',
        needs: ['capture', 'track'],
        input: {
          ...json({ camera, site }),
          capture: { $from: 'steps.capture.output' },
          tracking: { $from: 'steps.track.output' },
        },
        timeoutMs: minutesMs(1),
      },
    ],
    output: { $from: 'steps.summary.output' },
  }
}

function liveStep(id: string, agent: string, input: JsonObject): Step {
  return { id, agent, input, timeoutMs: LIMITS.stepTimeoutMs, retry: HAND_ON }
}

/** As it goes over the wire: without what is undefined. */
function json(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value))
}
