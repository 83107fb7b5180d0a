import type { AgentView } from '#schemas/agent.ts'
import type { CameraState } from '#schemas/camera.ts'
import type { CameraView } from '#schemas/camera-view.ts'
import { kindOfAgent, siteOfAgent } from '#schemas/site.ts'
import { isTerminal, type StepState, type TaskState } from '#schemas/task.ts'

/** A step of an active task that captures a camera. */
export interface CaptureStep {
  tenant: string
  monitor: string
  camera: string
  /** Whether it has a substream that is looked at; undefined where only its capture knows. */
  hasSubstream?: boolean
  /** The type of agent that it is for: `capture`, or that of a site. */
  agent: string
  site: string | undefined
  step: StepState | undefined
  task: Pick<TaskState, 'status' | 'createdAtMs' | 'startAtMs' | 'held'>
}

/** The last word of a capture, and when it was heard. Unix milliseconds. */
export interface HeardState {
  tenant: string
  state: CameraState
  heardAtMs: number
}

/** States come every second: without four of them nobody knows any more how a camera is. Milliseconds. */
export const SILENT_AFTER_MS = 4500
const CAPTURE = 'capture'

/** The steps of a plan that capture a camera, whatever has become of them. Pure. */
export function plannedCaptures({
  plan,
}: Pick<TaskState, 'plan'>): { id: string; agent: string; camera: string; hasSubstream: boolean }[] {
  return plan.steps.flatMap(({ id, agent, input }) => {
    if (agent === undefined || kindOfAgent(agent) !== CAPTURE) return []
    const { camera, detectSource } = (input ?? {}) as { camera?: unknown; detectSource?: unknown }
    const hasSubstream = detectSource !== undefined
    return typeof camera === 'string' ? [{ id, agent, camera, hasSubstream }] : []
  })
}

/** The cameras that a task captures just now or is to capture. Pure. */
export function captureStepsOf(task: TaskState): CaptureStep[] {
  if (isTerminal(task.status)) return []
  return plannedCaptures(task).flatMap(({ id, agent, camera, hasSubstream }) => {
    const step = task.steps[id]
    if (step && ['completed', 'failed', 'skipped', 'cancelled'].includes(step.status)) return []
    const { id: monitor, tenant } = task
    return [{ tenant, monitor, camera, hasSubstream, agent, site: siteOfAgent(agent), step, task }]
  })
}

/**
 * How a camera stands: as its capture says while that is heard; else by what becomes of its step. Pure.
 * @param agents instances that live
 */
export function judgeCamera(
  capture: CaptureStep,
  heard: HeardState | undefined,
  agents: readonly AgentView[],
  nowMs: number,
): CameraView {
  const { camera, monitor, site, step, task } = capture
  const hasSubstream = capture.hasSubstream ?? heard?.state.mainStream !== undefined
  const about = {
    ...{ camera, monitor, ...(site !== undefined && { site }) },
    detectStream: hasSubstream ? ('substream' as const) : ('main' as const),
    ...lastWords(heard),
  }
  if (heard && nowMs - heard.heardAtMs <= SILENT_AFTER_MS) {
    const { status, reason, sinceMs } = heard.state
    return { ...about, status, ...(reason !== undefined && { reason }), sinceMs: sinceMs ?? heard.heardAtMs }
  }
  const still = { ...about, fps: 0, analysedFps: 0 }
  const { waiting, sinceMs } = waitingReason(capture, agents)
  if (waiting !== undefined) return { ...still, status: 'waiting', reason: waiting, sinceMs }
  // What a process said that had this camera before is no word of the one that has it now.
  const since = Math.max(heard?.heardAtMs ?? 0, step?.run?.sinceMs ?? task.createdAtMs)
  if (nowMs - since <= SILENT_AFTER_MS)
    return { ...still, status: 'connecting', reason: 'its capture begins', sinceMs: since }
  return { ...still, status: 'unwatched', reason: silentReason(capture, agents), sinceMs: since }
}

function lastWords(
  heard: HeardState | undefined,
): Omit<CameraView, 'camera' | 'monitor' | 'status' | 'sinceMs'> {
  if (!heard)
    return { fps: 0, frames: { decoded: 0, droppedAtCapture: 0, droppedAtDetection: 0 }, reconnects: 0 }
  const { fps, frames, reconnects, analysedFps, lagMs, ageMs, analysedAtMs, cuts } = heard.state
  const { model, modelWarning, source, mainStream, decoding, input } = heard.state
  const told = {
    ...{ analysedFps, lagMs, ageMs, analysedAtMs, cuts },
    ...{ model, modelWarning, source, mainStream, decoding, input },
  }
  return {
    heardAtMs: heard.heardAtMs,
    fps,
    ...(Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as object),
    frames: { ...frames, droppedAtDetection: frames.droppedAtDetection ?? 0 },
    reconnects,
  }
}

/** Why nobody has its step in hand, and since when; nothing when somebody has. Pure. */
function waitingReason(
  { agent, site, step, task }: CaptureStep,
  agents: readonly AgentView[],
): { waiting?: string; sinceMs: number } {
  const sinceMs = step?.dispatchedAtMs ?? task.createdAtMs
  if (task.held !== undefined || task.status === 'scheduled')
    return { waiting: 'its task has not begun yet', sinceMs: task.createdAtMs }
  if (task.status === 'paused') return { waiting: 'its task is paused', sinceMs }
  if (!step || step.status === 'waiting') return { waiting: 'its task has other steps to do first', sinceMs }
  if (step.status === 'backoff') {
    const why = step.error ? `: ${step.error.code}: ${step.error.message}` : ''
    return { waiting: `its capture failed, and is tried again${why}`.slice(0, 1000), sinceMs }
  }
  if (step.run) return { sinceMs: step.run.sinceMs }
  const heard = agents.filter(({ type }) => type === agent)
  const captures = heard.filter(({ status }) => status === 'ready')
  if (captures.length === 0 && heard.some(({ drain }) => drain))
    return { waiting: `every ${agent} agent that is heard is drained by an operator${where(site)}`, sinceMs }
  if (captures.length === 0) return { waiting: `no ${agent} agent is heard${where(site)}`, sinceMs }
  const places = captures.reduce((sum, { capacity }) => sum + capacity, 0)
  const taken = captures.reduce((sum, { inFlight }) => sum + inFlight, 0)
  if (taken < places) return { waiting: `a ${agent} agent takes it in a moment`, sinceMs }
  const of = captures.length === 1 ? '1 capture process' : `${captures.length} capture processes`
  return {
    waiting: `waiting for a place: ${taken} of ${places} taken in ${of}; start another one, or set MURMUR_CAPTURE_CAMERAS higher`,
    sinceMs,
  }
}

function silentReason({ agent, site, step }: CaptureStep, agents: readonly AgentView[]): string {
  const instance = step?.run?.instance
  const isHeard = agents.some((view) => view.type === agent && view.instance === instance)
  const who = instance === undefined ? 'its capture' : `its capture (${instance})`
  if (isHeard) return `${who} lives, and says nothing of the camera`
  return `${who} is not heard any more: the process hangs or is gone${where(site)}`
}

function where(site: string | undefined): string {
  return site === undefined ? '' : `, or the link to site ${site} is cut`
}
