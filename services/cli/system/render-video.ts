import type { CameraCounts } from '#schemas/camera-view.ts'
import type { DetectorView } from '#schemas/detection.ts'
import { STATUS_STYLES } from '../cameras/render-cameras.ts'
import type { Paint } from '../output/paint.ts'
import { formatDuration } from '../output/quantities.ts'
import { printable } from '../output/terminal-text.ts'

/** `detector-1: yolox-nano on cpu, 38.5 fps, last answer 90 ms ago`. Pure. */
export function detectorSentence(detector: DetectorView, nowMs: number): string {
  const { instance, models, provider, fps, answeredAtMs, busyMs, state, lastSeenMs } = detector
  const ago = (ms: number) => formatDuration(Math.max(0, nowMs - ms))
  const runs =
    models.length === 0 ? 'no model yet' : `${models.map(printable).join(', ')} on ${printable(provider)}`
  const what = `${printable(instance)}: ${runs}`
  const answered = answeredAtMs === undefined ? 'no answer yet' : `last answer ${ago(answeredAtMs)} ago`
  if (state === 'silent')
    return `${what}, not heard for ${ago(lastSeenMs)}: it hangs or was killed; ${answered}`
  if (state === 'hung') return `${what}, its network hangs for ${formatDuration(busyMs)}; ${answered}`
  return `${what}, ${fps.toFixed(1)} fps, ${answered}`
}

/** Those that look at pictures, and how cameras are; nothing where there is no live video. Pure. */
export function renderVideo(
  {
    detectors = [],
    cameras = [],
  }: { detectors?: readonly DetectorView[] | undefined; cameras?: CameraCounts | undefined },
  nowMs: number,
  paint: Paint,
): string[] {
  if (detectors.length === 0 && cameras.length === 0) return []
  const lines = detectors.map((detector) => {
    const sentence = `detector ${detectorSentence(detector, nowMs)}`
    return detector.state === 'ready' ? sentence : paint.red(sentence)
  })
  const counts = cameras.map(({ status, count }) => paint[STATUS_STYLES[status]](`${count} ${status}`))
  return [
    ...(lines.length > 0 ? lines : [paint.red('no detector is heard: nothing is seen')]),
    ...(counts.length > 0 ? [`cameras: ${counts.join(', ')}`] : []),
  ]
}
