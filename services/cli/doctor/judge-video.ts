import { CAMERA_VIEW_STATUSES, type CameraCounts } from '#schemas/camera-view.ts'
import type { DetectorView } from '#schemas/detection.ts'
import type { Check } from '../../../deploy/local/doctor.ts'
import { count } from '../output/quantities.ts'
import { detectorSentence } from '../system/render-video.ts'

const DETECTION_FIX =
  'Start a detector, or end the one that hangs so that it is started again; its log says more (murmur logs detection). Until then nothing is seen.'
const CAMERA_FIX = 'murmur cameras says of each camera why.'
const AWAY = new Set<CameraCounts[number]['status']>(['blind', 'unwatched', 'offline'])
const UNEASY = new Set<CameraCounts[number]['status']>(['lagging', 'waiting'])

/** What is to be said of those that look at pictures, and of cameras; nothing where there is no live video. Pure. */
export function judgeVideo(
  {
    detectors = [],
    cameras = [],
  }: { detectors?: readonly DetectorView[] | undefined; cameras?: CameraCounts | undefined },
  nowMs: number,
): Check[] {
  return [...judgeDetection(detectors, cameras, nowMs), ...judgeCameras(cameras)]
}

function judgeDetection(detectors: readonly DetectorView[], cameras: CameraCounts, nowMs: number): Check[] {
  const name = 'detection'
  const evidence = detectors.map((detector) => detectorSentence(detector, nowMs)).join('; ')
  const ready = detectors.filter(({ state }) => state === 'ready')
  if (ready.length === detectors.length && ready.length > 0) return [{ name, status: 'ok', evidence }]
  if (detectors.length === 0 && cameras.length === 0) return []
  const status = ready.length > 0 ? 'warn' : 'fail'
  return [{ name, status, evidence: evidence || 'no detector is heard', fix: DETECTION_FIX }]
}

function judgeCameras(cameras: CameraCounts): Check[] {
  const name = 'cameras'
  if (cameras.length === 0) return []
  const ordered = CAMERA_VIEW_STATUSES.flatMap((status) => cameras.filter((some) => some.status === status))
  const total = cameras.reduce((sum, { count: n }) => sum + n, 0)
  const evidence = `${count(total, 'camera')}: ${ordered.map(({ status, count: n }) => `${n} ${status}`).join(', ')}`
  if (cameras.some(({ status }) => AWAY.has(status)))
    return [{ name, status: 'fail', evidence, fix: CAMERA_FIX }]
  if (cameras.some(({ status }) => UNEASY.has(status)))
    return [{ name, status: 'warn', evidence, fix: CAMERA_FIX }]
  return [{ name, status: 'ok', evidence }]
}
