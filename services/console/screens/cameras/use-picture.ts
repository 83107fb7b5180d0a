import { type RefObject, useEffect, useRef, useState } from 'react'
import type { CameraViewStatus } from '#schemas/camera-view.ts'
import { askBytes } from '../../data/api.ts'
import { nowMs, sleep } from '../../data/clock.ts'
import { type ProblemError, toProblemError } from '../../data/problem.ts'
import { hasPictures } from './camera-now.ts'
import type { LiveCameras, SeenFrame } from './live-cameras.ts'
import { type PictureSize, pictureDelayMs } from './motion.ts'
import { pictureQueue } from './picture-queue.ts'

export interface ShownPicture {
  readonly url: string
  readonly atMs: number
  /** What was seen in just this picture; undefined: not known. */
  readonly seen: SeenFrame | undefined
}

export interface WantedPicture {
  size: PictureSize
  element: RefObject<HTMLElement | null>
  /** Whether it still runs. */
  isOn: boolean
  /** How the camera is, as far as that is known. */
  status: CameraViewStatus | undefined
}

/** How often it is asked whether the next one is due. Milliseconds. */
const TICK_MS = { large: 100, tile: 350 } as const
/** Monitors tell of their camera every second; after so long without a word the picture is asked for all the same. Milliseconds. */
const SILENT_MS = 6000
/** A frame that was looked at longer ago is not asked for: the newest picture is, and nothing is drawn over it. Milliseconds. */
const MAX_SEEN_AGE_MS = 2500
/** After one that could not be had, at least. Milliseconds. */
const AFTER_FAULT_MS = 2000

/**
 * The newest picture of a monitor, as often as it is worth it: seldom while nothing moves, not at all while the page is hidden or the
 * picture is not on the screen.
 */
export function usePicture(
  monitor: string,
  cameras: LiveCameras,
  { size, element, isOn, status }: WantedPicture,
): { picture: ShownPicture | undefined; problem: ProblemError | undefined } {
  const [picture, setPicture] = useState<ShownPicture>()
  const [problem, setProblem] = useState<ProblemError>()
  const known = useRef(status)
  known.current = status
  useEffect(() => {
    if (!isOn) return
    const gone = new AbortController()
    let isSeen = true
    const observer = new IntersectionObserver(([entry]) => {
      isSeen = entry?.isIntersecting ?? true
    })
    if (element.current) observer.observe(element.current)
    let url: string | undefined
    const run = async () => {
      let dueAtMs = 0
      let beganAtMs = 0
      const startedAtMs = nowMs()
      while (!gone.signal.aborted) {
        const { movedAtMs } = cameras.get(monitor) ?? {}
        const delay = pictureDelayMs({ size, movedAtMs, nowMs: nowMs() })
        // A camera that sends nothing has no new picture; of one that nobody tells of, it is tried.
        const hasPicture = known.current ? hasPictures(known.current) : nowMs() - startedAtMs > SILENT_MS
        const isWanted = hasPicture && isSeen && document.visibilityState === 'visible'
        if (isWanted && nowMs() >= Math.max(dueAtMs, beganAtMs + delay)) {
          try {
            beganAtMs = nowMs()
            const { bytes, headers } = await pictureQueue.run(
              () => askBytes(pathOf(monitor, cameras.seen(monitor), nowMs()), gone.signal),
              gone.signal,
            )
            if (gone.signal.aborted) return
            const name = headers.get('x-frame')
            const seen = name === null ? undefined : cameras.seen(monitor, name)
            const next = URL.createObjectURL(bytes)
            // Drawn together with what was seen in it.
            await isDecoded(next)
            if (gone.signal.aborted) return URL.revokeObjectURL(next)
            // The one before is still drawn until the new one is decoded.
            const old = url
            if (old) setTimeout(() => URL.revokeObjectURL(old), 2000)
            url = next
            setPicture({ url: next, atMs: nowMs(), seen })
            setProblem(undefined)
          } catch (error) {
            if (gone.signal.aborted) return
            const fault = toProblemError(error)
            dueAtMs = nowMs() + Math.max(AFTER_FAULT_MS, fault.retryAfterMs ?? 0)
            if (fault.code !== 'OVERLOADED') setProblem(fault)
            if (fault.code === 'TASK_ALREADY_FINISHED' || fault.code === 'TASK_NOT_FOUND') return
          }
        }
        await sleep(TICK_MS[size], gone.signal)
      }
    }
    void run()
    return () => {
      gone.abort()
      observer.disconnect()
      const last = url
      if (last) setTimeout(() => URL.revokeObjectURL(last), 2000)
    }
  }, [monitor, cameras, size, element, isOn])
  return { picture, problem }
}

/** Of the picture of what was seen last, or of the newest where nothing was lately. */
function pathOf(monitor: string, seen: SeenFrame | undefined, atMs: number): string {
  const path = `/v1/monitors/${encodeURIComponent(monitor)}/frame`
  if (!seen || atMs - seen.heardAtMs > MAX_SEEN_AGE_MS) return `${path}?zones=false`
  return `${path}?epoch=${seen.tracks.epoch}&seq=${seen.tracks.seq}`
}

async function isDecoded(url: string): Promise<void> {
  const image = new Image()
  image.src = url
  await image.decode().catch(() => undefined)
}
