import type { AgentView } from '#schemas/agent.ts'
import type { CameraCounts } from '#schemas/camera-view.ts'
import type { DetectorView } from '#schemas/detection.ts'
import type { Base } from '../base.ts'
import { CameraStates } from './camera-states.ts'
import { CameraViews } from './camera-views.ts'
import { CameraWatch } from './camera-watch.ts'
import type { DetectorRegistry } from './detector-registry.ts'

/** What an orchestrator tells of live video. */
export interface VideoOverview {
  detectors: DetectorView[]
  /** Cameras of all tenants. */
  cameras: CameraCounts
}

/** Adds what knows how cameras stand, and tells of those that nobody watches. */
export function addCameras(
  { lifecycle, bus, redis, store, live, clock, log, metrics }: Base,
  about: {
    agents: () => Promise<AgentView[]>
    detectors: DetectorRegistry
    owned: () => Iterable<number>
    isReporter: () => boolean
  },
): { watch: CameraWatch; overview: () => Promise<VideoOverview> } {
  const { agents, detectors, owned, isReporter } = about
  const states = lifecycle.add(new CameraStates({ bus, redis, clock, log }))
  const views = new CameraViews({ store, live, states, agents, clock })
  const watch = lifecycle.add(new CameraWatch({ bus, redis, store, states, agents, owned, clock, log }))
  let end = () => {}
  lifecycle.add({
    name: 'camera services',
    start() {
      end = bus.serve('listCameras', (request, { tenant }) => views.list(tenant, request))
    },
    quiesce: () => end(),
  })
  metrics.onScrape(async () => {
    const gauge = metrics.gauge('murmur_cameras_unwatched')
    gauge.clear()
    if (!isReporter()) return
    const counts = new Map((await views.counts()).map(({ status, count }) => [status, count]))
    for (const status of ['waiting', 'unwatched'] as const) gauge.labels(status).set(counts.get(status) ?? 0)
  })
  const overview = async () => {
    const [found, cameras] = await Promise.all([detectors.list(), views.counts()])
    return { detectors: found, cameras }
  }
  return { watch, overview }
}
