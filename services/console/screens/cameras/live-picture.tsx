import { type ReactNode, useRef } from 'react'
import type { CameraView } from '#schemas/camera-view.ts'
import { RelativeTime } from '../../components/relative-time.tsx'
import { nowMs } from '../../data/clock.ts'
import { cameraNow, hasPictures } from './camera-now.ts'
import type { LiveCameras } from './live-cameras.ts'
import type { PictureSize } from './motion.ts'
import { NO_SHAPES, ShapeLayer, ShapeNames, type Shapes, TrackLayer } from './overlay.tsx'
import { useLiveCamera } from './use-live-cameras.ts'
import { usePicture } from './use-picture.ts'

/** A picture older than this says so. Milliseconds. */
const OLD_MS = 20_000

/** What a camera sees now, with its zones, lines and objects drawn over it. */
export function LivePicture({
  monitor,
  camera,
  cameras,
  view,
  size,
  shapes = NO_SHAPES,
  withTracks = true,
  isOn = true,
  children,
}: {
  monitor: string
  camera: string
  cameras: LiveCameras
  /** What the list of cameras says of it, where that is asked. */
  view?: CameraView | undefined
  size: PictureSize
  shapes?: Shapes
  withTracks?: boolean
  /** Whether it still runs. */
  isOn?: boolean
  /** Drawn above all. */
  children?: ReactNode
}) {
  const element = useRef<HTMLDivElement>(null)
  const live = useLiveCamera(cameras, monitor)
  const now = cameraNow(view, live, nowMs())
  const { picture, problem } = usePicture(monitor, cameras, { size, element, isOn, status: now?.status })
  const { width = 16, height = 9 } = now?.source ?? {}
  const isWithout = isOn && now !== undefined && !hasPictures(now.status)
  const isLarge = size === 'large'
  const isDrawn = picture !== undefined || !isWithout
  // Of the very frame that is shown: what is seen meanwhile waits for its picture.
  const { tracks, trails = [] } = picture?.seen ?? {}
  return (
    <div
      ref={element}
      className={`picture ${isLarge ? 'large' : 'of-tile'}`}
      style={{ aspectRatio: `${width} / ${height}` }}
    >
      {picture && <img src={picture.url} alt={`What ${camera} sees`} draggable={false} />}
      {isDrawn && <ShapeLayer {...shapes} />}
      {withTracks && <TrackLayer tracks={tracks?.tracks ?? []} trails={trails} withNames={isLarge} />}
      {isDrawn && isLarge && <ShapeNames {...shapes} />}
      {children}
      {!picture && (
        <p className="picture-note">
          {isWithout
            ? `No picture: ${now.status}`
            : problem
              ? problem.message
              : isOn
                ? 'Waiting for a picture…'
                : 'No picture'}
        </p>
      )}
      {picture && (isWithout || problem) && (
        <p className="picture-old">
          {isWithout ? now.status : problem!.code}: picture of <RelativeTime atMs={picture.atMs} />
        </p>
      )}
      {picture && !problem && !isWithout && live && picture.atMs - live.heardAtMs > OLD_MS && (
        <p className="picture-old">
          not heard of since <RelativeTime atMs={live.heardAtMs} />
        </p>
      )}
    </div>
  )
}
