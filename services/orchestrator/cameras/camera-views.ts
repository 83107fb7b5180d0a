import type { Clock } from '#platform/clock/clock.ts'
import type { AgentView } from '#schemas/agent.ts'
import {
  CAMERA_VIEW_STATUSES,
  type CameraCounts,
  type CameraView,
  type ListCamerasRequest,
  type ListCamerasResponse,
  MAX_LISTED_CAMERAS,
} from '#schemas/camera-view.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'
import { activeCaptures } from './active-captures.ts'
import { type CameraStates, cameraKey } from './camera-states.ts'
import { type CaptureStep, type HeardState, judgeCamera, SILENT_AFTER_MS } from './judge-camera.ts'

export interface CameraViewsDeps {
  store: Pick<PartitionStore, 'cameraTasks' | 'readTasks'>
  live: Pick<LivePartitions, 'withTasks'>
  states: Pick<CameraStates, 'all'>
  agents: () => Promise<AgentView[]>
  /** The broker's. */
  clock: Pick<Clock, 'nowMs'>
}

/** Asked for again within this, the same is answered: a view that is drawn again and again costs what one costs. */
const SAME_FOR_MS = 500

/** Every camera of every tenant, as it stands. */
export class CameraViews {
  readonly #deps: CameraViewsDeps
  #made: { atMs: number; views: Promise<(CameraView & { tenant: string })[]> } | undefined

  constructor(deps: CameraViewsDeps) {
    this.#deps = deps
  }

  /** Of one tenant, by name. @throws MurmurError UNAVAILABLE */
  async list(tenant: string, { status, camera }: ListCamerasRequest): Promise<ListCamerasResponse> {
    const wanted = (await this.#all()).filter(
      (view) =>
        view.tenant === tenant &&
        (status === undefined || view.status === status) &&
        (camera === undefined || view.camera === camera),
    )
    const cameras = wanted
      .slice(0, MAX_LISTED_CAMERAS)
      .map(({ tenant: _tenant, ...view }): CameraView => view)
    return { cameras, total: wanted.length }
  }

  /** Of all tenants, by how they are; statuses that no camera has are left out. @throws MurmurError UNAVAILABLE */
  async counts(): Promise<CameraCounts> {
    const views = await this.#all()
    return CAMERA_VIEW_STATUSES.map((status) => ({
      status,
      count: views.filter((view) => view.status === status).length,
    })).filter(({ count }) => count > 0)
  }

  #all(): Promise<(CameraView & { tenant: string })[]> {
    const nowMs = this.#deps.clock.nowMs()
    if (this.#made && nowMs - this.#made.atMs < SAME_FOR_MS) return this.#made.views
    const views = this.#make(nowMs)
    this.#made = { atMs: nowMs, views }
    // What failed is asked for again.
    views.catch(() => {
      if (this.#made?.views === views) this.#made = undefined
    })
    return views
  }

  async #make(nowMs: number): Promise<(CameraView & { tenant: string })[]> {
    const { agents, live, states, store } = this.#deps
    const [captures, heard, instances] = await Promise.all([
      Promise.all(live.withTasks().map((partition) => activeCaptures(store, partition))),
      states.all(),
      agents(),
    ])
    const views = captures.flat().map((capture) => {
      const state = heard.get(cameraKey(capture))
      return { ...judgeCamera(capture, state, instances, nowMs), tenant: capture.tenant }
    })
    const known = new Set(views.map(cameraKey))
    // Monitors that are steps of other tasks are not counted by themselves: those that are heard are there all the same.
    const others = [...heard].filter(
      ([key, { state, heardAtMs }]) =>
        !known.has(key) && state.status !== 'ended' && nowMs - heardAtMs <= SILENT_AFTER_MS,
    )
    const heardOnly = others.map(([, state]) => {
      const view = judgeCamera(heardCapture(state), state, instances, nowMs)
      return { ...view, tenant: state.tenant }
    })
    return [...views, ...heardOnly].sort(
      (a, b) => a.camera.localeCompare(b.camera) || a.monitor.localeCompare(b.monitor),
    )
  }
}

function heardCapture({ tenant, state, heardAtMs }: HeardState): CaptureStep {
  const { camera, monitor } = state
  const task = { status: 'running' as const, createdAtMs: heardAtMs, startAtMs: heardAtMs }
  return { tenant, monitor, camera, agent: 'capture', site: undefined, step: undefined, task }
}
